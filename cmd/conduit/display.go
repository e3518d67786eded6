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
	case a.logs:
		lines.steps, lines.logs = a.progress != "none", !a.quiet
		lines.colours = a.coloured()
		return lines
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
	logs           bool            // show what services write
	colours        bool            // tell them apart by colour
	names          map[string]int  // services seen, numbered
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
		if !d.logs && d.warned[e.Where+e.Subject+e.Message] {
			return
		}
		set(&d.warned, e.Where+e.Subject+e.Message)
	}
	if line := printable(d.line(e)); line != "" {
		if e.Type == report.Log {
			line = d.paint(printable(e.Subject), line)
		}
		fmt.Fprintln(d.w, line)
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
		if d.verbose || d.logs {
			return e.Subject + " | " + e.Message
		}
	}
	return ""
}

// coloured tells whether standard error shows colours.
func (a *app) coloured() bool {
	return a.color == "always" || a.color == "auto" && os.Getenv("NO_COLOR") == "" && a.terminal()
}

// colour numbers of ECMA-48 that are legible on light and dark ground.
var serviceColours = []int{36, 33, 32, 35, 34, 96, 93, 92, 95, 94}

// paint colours the name at the start of a service's line.
func (d *lineDisplay) paint(name, line string) string {
	if !d.colours {
		return line
	}
	if d.names == nil {
		d.names = map[string]int{}
	}
	if _, ok := d.names[name]; !ok {
		d.names[name] = len(d.names)
	}
	rest := strings.TrimPrefix(line, name)
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m%s", serviceColours[d.names[name]%len(serviceColours)], name, rest)
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
