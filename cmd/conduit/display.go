package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
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
	warned         map[string]bool
}

func (d *lineDisplay) event(e report.Event) {
	if line := d.line(e); line != "" {
		d.mu.Lock()
		defer d.mu.Unlock()
		if e.Type == report.Warning {
			if d.warned[line] {
				return // several providers may share one cause
			}
			if d.warned == nil {
				d.warned = map[string]bool{}
			}
			d.warned[line] = true
		}
		fmt.Fprintln(d.w, printable(line))
	}
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

// barDisplay keeps one bar for each step at the foot of the terminal and prints warnings above them.
type barDisplay struct {
	mu    sync.Mutex
	bars  *mpb.Progress
	steps map[string]*mpb.Bar
	total map[string]int64
	last  sync.Map // step to its newest subject; not under mu, the bars' own goroutines read it
	lines *lineDisplay
}

func newBarDisplay(w io.Writer, lines *lineDisplay) *barDisplay {
	d := &barDisplay{bars: mpb.New(mpb.WithOutput(w), mpb.WithWidth(40)), steps: map[string]*mpb.Bar{}, total: map[string]int64{}}
	lines.w = d.bars
	d.lines = lines
	return d
}

func (d *barDisplay) event(e report.Event) {
	if e.Type != report.Start && e.Type != report.Done {
		d.lines.event(e)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Store(e.Step, printable(e.Subject))
	bar := d.steps[e.Step]
	if bar == nil {
		step := e.Step
		bar = d.bars.AddBar(0,
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(step, decor.WC{W: 8, C: decor.DindentRight}), decor.CountersNoUnit("%d/%d")),
			mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
				subject, _ := d.last.Load(step)
				return fmt.Sprint(subject)
			})))
		d.steps[step] = bar
	}
	if e.Type == report.Start {
		d.total[e.Step]++
		bar.SetTotal(d.total[e.Step], false)
	} else {
		bar.Increment()
	}
}

func (d *barDisplay) close() {
	d.mu.Lock()
	for _, bar := range d.steps {
		bar.Abort(true)
	}
	d.mu.Unlock()
	d.bars.Wait()
}
