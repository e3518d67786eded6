package service

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// Logs reads the process's log files, the oldest first.
func (d *processDriver) Logs(ctx context.Context, project, name string, opts LogOptions, line func(string)) error {
	in := d.instance(project, name)
	in.load()
	if in.PID == 0 {
		return notRunning(name)
	}
	fail := func(err error) error {
		return failed(ctx, err, "cannot read the log of service "+name, in.log(), "conduit restart "+name)
	}
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
	all := in.logs()
	if opts.New {
		all = all[len(all)-1:]
	}
	var file *os.File
	for _, path := range all {
		next, err := os.Open(path)
		if errors.Is(err, fs.ErrNotExist) && path != in.log() {
			continue
		}
		if err != nil {
			return fail(err)
		}
		defer next.Close()
		if path != in.log() && before(next, opts.Since) {
			continue
		}
		file = next
		if opts.New {
			_, err = file.Seek(0, io.SeekEnd)
		} else {
			_, err = io.Copy(out, file)
		}
		if err != nil {
			return fail(err)
		}
	}
	if !opts.Follow {
		out.flush()
	}
	for _, text := range kept {
		line(text)
	}
	follow = true
	buf := make([]byte, 4<<10)
	for pause := followFirst; opts.Follow; pause = min(pause*2, followMost) {
		alive := in.alive() // asked before reading, so that its last words are read
		n, err := file.Read(buf)
		for ; n > 0; n, err = file.Read(buf) {
			_, _ = out.Write(buf[:n]) // never fails
			pause = followFirst
		}
		if err != io.EOF || !alive {
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		if err := rewind(file); err != nil {
			return fail(err)
		}
	}
	out.flush()
	return nil
}

// before tells whether a file was written to for the last time before a moment.
func before(file *os.File, moment time.Time) bool {
	info, err := file.Stat()
	return err == nil && info.ModTime().Before(moment)
}

const (
	followFirst = 100 * time.Millisecond // after a line, until the next is looked for
	followMost  = 2 * time.Second        // to which that grows
)

// rewind goes back to the start of a log file that was emptied meanwhile.
func rewind(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	at, err := file.Seek(0, io.SeekCurrent)
	if err == nil && info.Size() < at {
		_, err = file.Seek(0, io.SeekStart)
	}
	return err
}
