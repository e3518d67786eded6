package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/MediaConduit/conduit/report"
)

// display shows events while a command runs. Both methods may be called from several goroutines.
type display interface {
	event(report.Event)
	close()
}

// newDisplay chooses the display that the flags, the environment and the terminal ask for.
func (a *app) newDisplay() display {
	lines := &lineDisplay{w: a.stderr, quiet: a.quiet, verbose: a.verbose}
	switch {
	case a.json:
		return &jsonDisplay{app: a}
	case a.quiet || a.progress == "none":
		lines.steps = false
		return lines
	case a.progress == "plain", a.progress == "auto" && !a.terminal():
		lines.steps = true
		return lines
	}
	return newBarDisplay(a.stderr, lines)
}

func (a *app) terminal() bool {
	return term.IsTerminal(int(a.stderr.Fd())) && os.Getenv("CI") == "" && os.Getenv("TERM") != "dumb"
}

// jsonDisplay writes every event as a line of JSON on standard output, before the result.
type jsonDisplay struct {
	mu  sync.Mutex
	app *app
}

func (d *jsonDisplay) event(e report.Event) {
	if e.Type == report.Progress {
		return // thousands of them; start and done tell what a program can use
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.app.printJSON(map[string]any{"event": e})
}

func (d *jsonDisplay) close() {}

// lineDisplay writes events as plain lines.
type lineDisplay struct {
	mu             sync.Mutex
	w              io.Writer
	steps          bool // show finished steps
	quiet, verbose bool
	begun          map[string]bool // steps under way
	warned         map[string]bool // warnings shown: several providers may share one cause
}

func (d *lineDisplay) event(e report.Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := e.Step + " " + e.Subject
	switch e.Type {
	case report.Start:
		set(&d.begun, key)
	case report.Done:
		if !d.begun[key] && !d.verbose {
			return // found as it should be: nothing was done
		}
		delete(d.begun, key)
	case report.Warning:
		if d.warned[e.Where+e.Subject+e.Message] {
			return
		}
		set(&d.warned, e.Where+e.Subject+e.Message)
	}
	if line := d.line(e); line != "" {
		fmt.Fprintln(d.w, printable(line))
	}
}

func set(m *map[string]bool, key string) {
	if *m == nil {
		*m = map[string]bool{}
	}
	(*m)[key] = true
}

func (d *lineDisplay) close() {}

// line is the text for e, "" for an event that is not shown at this verbosity.
func (d *lineDisplay) line(e report.Event) string {
	switch e.Type {
	case report.Warning:
		return join("warning:", e.Where, e.Subject, e.Message)
	case report.Info:
		if !d.quiet {
			return join("", e.Where, e.Subject, e.Message)
		}
	case report.Done:
		if d.steps && !d.quiet {
			return strings.TrimSpace(e.Step + " " + e.Subject + " " + e.Message)
		}
	case report.Detail:
		if d.verbose {
			return join("", e.Where, e.Subject, e.Message)
		}
	case report.Log:
		if d.verbose {
			return e.Subject + " | " + e.Message
		}
	}
	return ""
}

func join(first string, parts ...string) string {
	var kept []string
	for _, p := range parts {
		if p != "" {
			kept = append(kept, p)
		}
	}
	return strings.TrimSpace(first + " " + strings.Join(kept, ": "))
}
