package service

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/sirupsen/logrus"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// progress turns compose's progress into events about one service.
type progress struct {
	ctx  context.Context
	name string

	mu   sync.Mutex
	last map[string]string // what was said last about each resource: compose repeats itself
}

var _ api.EventProcessor = (*progress)(nil)

func (p *progress) Start(context.Context, string) {}
func (p *progress) Done(string, bool)             {}

func (p *progress) On(resources ...api.Resource) {
	for _, r := range resources {
		if r.Total > 0 && r.Status == api.Working {
			report.Emit(p.ctx, report.Event{Type: report.Progress, Step: "service", Subject: p.name, Message: r.ID, Done: r.Current, Total: r.Total})
			continue
		}
		text := strings.TrimSpace(strings.Join([]string{r.ID, strings.TrimSpace(r.Text), strings.TrimSpace(r.Details)}, " "))
		if p.news(r.ID, text) {
			report.Emit(p.ctx, report.Event{Type: report.Detail, Step: "service", Subject: p.name, Message: plain(text)})
		}
	}
}

func (p *progress) news(id, text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		p.last = map[string]string{}
	}
	known := p.last[id] == text
	p.last[id] = text
	return !known
}

var control = lazyregexp.New("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x1b\\][^\a\x1b]*(?:\a|\x1b\\\\)|[\x00-\x08\x0b-\x1f\x7f]")

// plain removes what a terminal would take for commands: events and errors show words that are not ours.
func plain(text string) string { return control.ReplaceAllString(text, "") }

var quietOnce sync.Once

// quiet silences the logger that compose and its loader share: a library does not write to the terminal. What they would
// say in it is either an error that we get anyway or advice to the author of a compose file.
func quiet() {
	quietOnce.Do(func() { logrus.SetOutput(io.Discard) })
}

// tap writes to another writer until it is closed, then nowhere.
type tap struct {
	mu sync.Mutex
	to io.Writer
}

func (t *tap) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.to.Write(p)
}

func (t *tap) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.to = io.Discard
}

// lines hands each complete line written to it to a function and keeps the last ones for an error.
type lines struct {
	mu   sync.Mutex
	each func(string)
	part []byte
	tail []string
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.part = append(l.part, p...)
	for {
		i := bytes.IndexByte(l.part, '\n')
		if i < 0 {
			return len(p), nil
		}
		l.line(l.part[:i])
		l.part = append(l.part[:0], l.part[i+1:]...)
	}
}

// flush treats what is left as a line.
func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.part) > 0 {
		l.line(l.part)
		l.part = nil
	}
}

func (l *lines) line(b []byte) {
	text := strings.TrimRight(string(b), "\r")
	if i := strings.LastIndexByte(text, '\r'); i >= 0 {
		text = text[i+1:] // a progress bar redraws its line
	}
	l.each(text)
	text = plain(text)
	if strings.TrimSpace(text) == "" {
		return
	}
	if l.tail = append(l.tail, text); len(l.tail) > tailLines {
		l.tail = l.tail[1:]
	}
}

// last is the tail of what was written.
func (l *lines) last() string {
	l.flush()
	return strings.Join(l.tail, "\n")
}
