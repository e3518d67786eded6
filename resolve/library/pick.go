package library

import (
	"fmt"
	"slices"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// assumedNode is the Node version that engines are compared with: the oldest line that runs providers, in the state that
// its libraries are written for. It is a constant so that the choice does not depend on the machine.
const assumedNode = "20.19.0"

// pick chooses the version of a package for a spec, by the rules of npm install --before:
//
//   - a version is itself, a tag is the version that it points to, if they were published by then; for a tag that points
//     to a later version, the highest release up to that one;
//   - for a range, the version that the tag latest points to, if it is in the range, published by then, not deprecated
//     and says that it runs on our Node;
//   - else the best version in range that was published by then: those that are not deprecated and run on our Node come
//     first, then those that run on our Node, then those that are not deprecated, then the higher version.
//
// A version whose publication time is not known counts as published. Where nothing in range was published by then (the
// clock of a commit is its author's own), npm fails; we take what was published first, and tell it in late.
func pick(doc *Packument, s spec, before time.Time) (m *Manifest, late bool, err error) {
	p := picker{doc: doc, before: before}
	if s.rng == nil {
		tagged, ok := doc.DistTags[s.text]
		if !ok || !doc.Has(tagged) {
			return nil, false, noMatch(doc, s)
		}
		if p.published(tagged) {
			m, err = doc.Version(tagged)
			return m, false, err
		}
		s.text = "<=" + tagged
		if s.rng, err = ParseRange(s.text); err != nil {
			return nil, false, err
		}
	}
	if s.exact != "" {
		if !doc.Has(s.exact) {
			return nil, false, noMatch(doc, s)
		}
		m, err = doc.Version(s.exact)
		return m, !p.published(s.exact), err
	}
	if m, err = p.best(s); m != nil || err != nil {
		return m, false, err
	}
	if m, err = p.first(s); m != nil || err != nil {
		return m, true, err
	}
	return nil, false, noMatch(doc, s)
}

func noMatch(doc *Packument, s spec) error {
	if len(doc.Versions()) == 0 {
		return &report.Error{What: doc.Name + " was unpublished: the npm registry has no version of it any more", Err: ErrNoSuchVersion,
			Next: "choose another version of what needs it: of a library with [replace] \"npm:NAME\" = \"VERSION\" in conduit.toml, of a provider with conduit get SOURCE@VERSION"}
	}
	return &report.Error{What: "no version of " + doc.Name + " matches " + s.text, Why: published(doc),
		Next: fmt.Sprintf("choose one with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", doc.Name), Err: ErrNoSuchVersion}
}

type picker struct {
	doc    *Packument
	before time.Time
}

func (p picker) published(version string) bool {
	t, known := p.doc.Time[version]
	return p.before.IsZero() || !known || !t.After(p.before)
}

// best is npm's choice, nil if there is none.
func (p picker) best(s spec) (*Manifest, error) {
	if latest := p.doc.DistTags["latest"]; p.doc.Has(latest) && p.published(latest) && (s.any() || s.rng.Allows(latest)) {
		m, err := p.doc.Version(latest)
		if err != nil {
			return nil, err
		}
		if m.Deprecated == "" && runs(m) {
			return m, nil
		}
	}
	var best *Manifest
	rank := -1
	for _, v := range slices.Backward(p.doc.Versions()) {
		if !p.published(v) || !s.rng.Allows(v) {
			continue
		}
		m, err := p.doc.Version(v)
		if err != nil {
			return nil, err
		}
		r := 0
		if runs(m) {
			r += 2
		}
		if m.Deprecated == "" {
			r++
		}
		if r > rank {
			best, rank = m, r
		}
		if r == 3 {
			break
		}
	}
	return best, nil
}

// first is the version in range that was published first, nil if there is none.
func (p picker) first(s spec) (*Manifest, error) {
	first := ""
	for _, v := range p.doc.Versions() {
		if (s.any() || s.rng.Allows(v)) && (first == "" || p.doc.Time[v].Before(p.doc.Time[first])) {
			first = v
		}
	}
	if first == "" {
		return nil, nil
	}
	return p.doc.Version(first)
}

// runs reports whether m says that it runs on [assumedNode]. npm includes prereleases of Node here, which makes no
// difference for a release.
func runs(m *Manifest) bool {
	if m.Node == "" {
		return true
	}
	r, err := ParseRange(m.Node)
	return err == nil && r.Allows(assumedNode)
}
