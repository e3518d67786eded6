package source

import (
	"sync"

	"github.com/MediaConduit/conduit/resolve"
)

// remembered is what the document of a source holds.
type remembered struct {
	known      string           // the state in which the releases were remembered, "" where they were not
	releases   resolve.Releases // known if known is
	identities map[string]string
	packages   map[string]resolve.Remembered // by version
}

// document is the document of a source in one command.
type document struct {
	once sync.Once
	remembered
	state string // of what the cache holds of the source, "" where nobody relies on it

	mu      sync.Mutex // for what is learned while others ask
	learned *remembered
	changed bool // since it was read
}

// current reports whether the releases are those that the cache holds.
func (d *document) current() bool { return d.known != "" && d.known == d.state }

// identity is what is remembered of a release that the cache still holds.
func (d *document) identity(version string) (string, bool) {
	if !d.current() {
		return "", false
	}
	id, ok := d.identities[version]
	return id, ok
}

// learn keeps the releases that the state stands for.
func (d *document) learn(releases resolve.Releases, identities map[string]string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.learned = &remembered{known: d.state, releases: releases, identities: identities}
	d.changed = true
}

// add keeps what a package requires.
func (d *document) add(r resolve.Remembered) {
	if d.packages == nil {
		d.packages = map[string]resolve.Remembered{}
	}
	d.packages[r.Revision.Version] = r
	d.changed = true
}

// note keeps what was found out of a package.
func (d *document) note(n resolve.Note) {
	r, ok := d.packages[n.Version]
	if !ok || r.Sum != n.Sum {
		return
	}
	r.Notes = n.Lines
	d.packages[n.Version] = r
	d.changed = true
}

// format is the document as it is kept.
func (d *document) format() []byte {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := d.remembered
	if l := d.learned; l != nil {
		out.known, out.releases, out.identities = l.known, l.releases, l.identities
	}
	return formatRemembered(out)
}
