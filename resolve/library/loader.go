package library

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// fetches is how many package documents are fetched at once.
const fetches = 16

// loader gets package documents, each once, and runs ahead of the resolver: what a chosen version is likely to need next
// is fetched while the resolver still works on something else. What it guesses decides nothing.
type loader struct {
	ctx    context.Context
	reg    Packages
	before time.Time // versions are picked as of this time
	cutoff func(name string) Cutoff
	locked bool // a lock says most of it: documents are abbreviated unless something has to be picked
	places chan struct{}
	ahead  sync.WaitGroup

	mu    sync.Mutex
	calls map[docKey]*call
	seen  map[string]bool // specs that were guessed at
	found map[directKey]func() (*Manifest, error)
}

type docKey struct {
	name string
	full bool
}

type call struct {
	done chan struct{}
	doc  *Packument
	err  error
}

// newLoader returns a loader and a function that ends what it still has under way.
func newLoader(ctx context.Context, reg Packages, req *Request, locked bool) (*loader, func()) {
	ctx, cancel := context.WithCancel(ctx)
	cutoff := req.Cutoff
	if cutoff == nil {
		cutoff = func(string) Cutoff { return Cutoff{} }
	}
	l := &loader{ctx: ctx, reg: reg, before: req.Time, cutoff: cutoff, locked: locked, places: make(chan struct{}, fetches), calls: map[docKey]*call{}, seen: map[string]bool{}, found: map[directKey]func() (*Manifest, error){}}
	return l, func() {
		cancel()
		l.ahead.Wait()
	}
}

func (l *loader) doc(name string, full bool) (*Packument, error) {
	l.mu.Lock()
	key := docKey{name, full}
	if !full && l.calls[docKey{name, true}] != nil { // it holds all that the other one does
		key.full = true
	}
	c := l.calls[key]
	mine := c == nil
	if mine {
		c = &call{done: make(chan struct{})}
		l.calls[key] = c
	}
	l.mu.Unlock()
	if mine {
		l.places <- struct{}{}
		c.doc, c.err = l.reg.Packument(l.ctx, name, full)
		<-l.places
		close(c.done)
	}
	<-c.done
	return c.doc, c.err
}

type directKey struct {
	name string
	at   Address
}

// direct finds what does not come from the registry, each once.
func (l *loader) direct(name string, a Address) (*Manifest, error) {
	l.mu.Lock()
	key := directKey{name, a}
	find := l.found[key]
	if find == nil {
		find = sync.OnceValues(func() (*Manifest, error) { return l.reg.Direct(l.ctx, name, a) })
		l.found[key] = find
	}
	l.mu.Unlock()
	m, err := find()
	if err == nil {
		l.guess(m)
	}
	return m, err
}

// pick chooses a version as of the time of the request. What does not come from the registry is taken as it is now.
func (l *loader) pick(s spec) (m *Manifest, late bool, err error) {
	if s.from != nil {
		m, err = l.direct(s.pkg, *s.from)
		return m, false, err
	}
	before, bound := l.until(s.pkg)
	doc, err := l.doc(s.pkg, !before.IsZero())
	if err != nil {
		return nil, false, err
	}
	m, late, err = pick(doc, s, before)
	if err == nil && late && s.exact == "" && bound.Refuse != nil {
		if at := doc.Time[m.Version]; at.After(bound.Time) {
			return nil, false, bound.Refuse(m.Version, at)
		}
	}
	if err == nil {
		l.guess(m)
	}
	return m, late, err
}

// until is the time as of which versions of a package are picked, zero for now.
func (l *loader) until(pkg string) (time.Time, Cutoff) {
	bound := l.cutoff(pkg)
	if !bound.Time.IsZero() && (l.before.IsZero() || bound.Time.Before(l.before)) {
		return bound.Time, bound
	}
	return l.before, bound
}

// version returns a version that something else has chosen.
func (l *loader) version(pkg, version string) (*Manifest, error) {
	before, _ := l.until(pkg)
	doc, err := l.doc(pkg, !l.locked && !before.IsZero())
	if err != nil {
		return nil, err
	}
	m, err := doc.Version(version)
	if err == nil {
		l.guess(m)
	}
	return m, err
}

// guess fetches ahead what m depends on.
func (l *loader) guess(m *Manifest) {
	for _, deps := range []map[string]string{m.Dependencies, m.Optional, m.Peers} {
		for name, text := range deps {
			if name == sdkName || m.PeerOptional[name] {
				continue
			}
			if s, err := parseSpec(m.Name, name, text); err == nil {
				l.start(s)
			}
		}
	}
}

// start fetches ahead the document for s and, where versions are picked, what the picked one is likely to need.
func (l *loader) start(s spec) {
	l.mu.Lock()
	first := !l.seen[s.String()]
	l.seen[s.String()] = true
	l.mu.Unlock()
	if !first || l.ctx.Err() != nil {
		return
	}
	l.ahead.Go(func() { // an error comes up again where the resolver asks itself
		if l.locked && s.from != nil {
			return // the lock knows a commit, which the spec does not
		}
		if l.locked {
			_, _ = l.doc(s.pkg, false)
		} else {
			_, _, _ = l.pick(s)
		}
	})
}

// absent reports whether err says that a package or version does not exist, which an optional dependency survives.
func absent(err error) bool {
	return errors.Is(err, ErrNoSuchPackage) || errors.Is(err, ErrNoSuchVersion)
}

// neededBy adds to an error who asked for what failed.
func neededBy(err error, subject, name, text string) error {
	var e *report.Error
	if !errors.As(err, &e) {
		return err
	}
	return &report.Error{Kind: e.Kind, What: fmt.Sprintf("%s needs %s@%s", subject, name, text), Err: err}
}
