package project

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report"
)

const (
	providerLogMost = 1 << 20 // bytes; a log that has grown past it is begun anew, the old one is kept once
)

// logFile is a provider's log. It is out of the provider's reach.
func (p *Project) logFile(name string) (string, error) {
	dir, err := p.providerDir("the folder of logs", ".logs")
	return filepath.Join(dir, name), err
}

// openLog returns where a provider's log records go besides the events: a file, one line for each. Writing stops silently where
// the disk is full: a log must not stop the provider.
func openLog(path string) (write func(plugin.Record), close func()) {
	if info, err := os.Stat(path); err == nil && info.Size() > providerLogMost {
		_ = os.Rename(path, path+".1")
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return func(plugin.Record) {}, func() {}
	}
	var mu sync.Mutex
	written := 0
	write = func(r plugin.Record) {
		mu.Lock()
		defer mu.Unlock()
		if r.Level == "trace" || r.Level == "debug" || written > providerLogMost {
			return
		}
		n, _ := fmt.Fprintf(f, "%s %s %s\n", r.Time.UTC().Format(time.RFC3339Nano), r.Level, strings.ReplaceAll(r.Message, "\n", "\n\t"))
		written += n
	}
	return write, func() { _ = f.Close() }
}

// providerLog hands the lines of a provider's log to line.
func (p *Project) providerLog(ctx context.Context, name string, opts service.LogOptions, line func(string)) error {
	path, err := p.logFile(name)
	if err != nil {
		return err
	}
	if opts.Follow {
		return &report.Error{Kind: report.Usage, What: name + " is a provider, whose log cannot be followed", Next: "conduit logs " + name + "    shows what it has written; conduit run -v and conduit serve show it as it comes"}
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it has not run yet
	}
	if err != nil {
		return &report.Error{What: "cannot read the log of " + name, Err: err, Next: "make it readable"}
	}
	defer f.Close()
	var lines []string
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 2*providerLogMost)
	for scanner.Scan() && ctx.Err() == nil {
		if at, _, _ := strings.Cut(scanner.Text(), " "); !opts.Since.IsZero() {
			if when, err := time.Parse(time.RFC3339Nano, at); err == nil && when.Before(opts.Since) {
				continue
			}
		}
		lines = append(lines, scanner.Text())
	}
	if opts.Tail > 0 && len(lines) > opts.Tail {
		lines = lines[len(lines)-opts.Tail:]
	}
	for _, l := range lines {
		line(l)
	}
	return scanner.Err()
}
