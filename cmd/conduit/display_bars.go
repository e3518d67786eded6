package main

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/MediaConduit/conduit/report"
)

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
	if e.Type == report.Progress && e.Step == "run" {
		d.run(join("", e.Subject, e.Message))
		return
	}
	if e.Type != report.Start && e.Type != report.Done {
		d.lines.event(e)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if e.Type == report.Done && d.total[e.Step] == 0 {
		return // found as it should be: nothing was done
	}
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

// run shows what a model does, and for how long it has been at work.
func (d *barDisplay) run(state string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last.Store("run", printable(strings.ReplaceAll(state, "\n", " ")))
	if d.steps["run"] != nil {
		return
	}
	d.steps["run"] = d.bars.New(0, mpb.NopStyle(),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("run", decor.WC{W: 8, C: decor.DindentRight}), decor.Elapsed(decor.ET_STYLE_GO)),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			state, _ := d.last.Load("run")
			return fmt.Sprint(state)
		})))
}

func (d *barDisplay) close() {
	d.mu.Lock()
	for _, bar := range d.steps {
		bar.Abort(true)
	}
	d.mu.Unlock()
	d.bars.Wait()
}
