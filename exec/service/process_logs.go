package service

import (
	"context"
	"io"
	"os"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Logs reads the process's log file.
func (d *processDriver) Logs(ctx context.Context, project, name string, opts LogOptions, line func(string)) error {
	in := d.instance(project, name)
	in.load()
	if in.PID == 0 {
		return notRunning(name)
	}
	file, err := os.Open(in.log())
	if err != nil {
		return &report.Error{Kind: report.Service, What: "cannot read the log of service " + name, Where: in.log(), Err: err, Next: "conduit restart " + name}
	}
	defer file.Close()
	var kept []string
	follow := false
	out := &lines{each: func(text string) {
		if follow || opts.Tail == 0 {
			line(text)
			return
		}
		if kept = append(kept, text); len(kept) > opts.Tail {
			kept = kept[1:]
		}
	}}
	if _, err := io.Copy(out, file); err != nil {
		return failed(ctx, err, "cannot read the log of service "+name, in.log(), "conduit restart "+name)
	}
	if !opts.Follow {
		out.flush()
	}
	for _, text := range kept {
		line(text)
	}
	follow = true
	for opts.Follow {
		alive := in.alive() // asked before reading, so that its last words are read
		if _, err := io.Copy(out, file); err != nil || !alive {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
	out.flush()
	return nil
}
