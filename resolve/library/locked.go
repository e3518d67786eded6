package library

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// lockedVersion is what a lock says about one installation.
type lockedVersion struct {
	name, version, integrity string
	source                   string // as in [resolve.Library]
	file                     string // the author's lock file, "" for our own lock
}

// load returns the manifest of what l says, imported by name.
func (l lockedVersion) load(from *loader, name string) (*Manifest, error) {
	if l.source == "" {
		return from.version(l.name, l.version)
	}
	a, err := ParseLocked(resolve.Library{Source: l.source, Integrity: l.integrity})
	if err != nil {
		return nil, &report.Error{Kind: report.Lock, What: "the source of " + l.name + "@" + l.version + " in the lock cannot be read", Err: err,
			Next: "restore conduit.lock from version control, or delete it and type: conduit lock"}
	}
	return from.direct(name, a)
}

// lockRef is a place in a lock from which import names are looked up. Its values are comparable.
type lockRef interface {
	lookup(name string, kind edgeKind) (lockRef, bool)
	locked() lockedVersion
	locatedBy(a *Address) lockedVersion // locked, seen by who asks for the address a, nil for the registry
	place() string                      // names the place in the lock; shorter is nearer to the root
}

// ownLock is the tree of our own previous lock.
type ownLock struct {
	edges     map[string]map[string]string // node to import name to node
	libraries map[string]resolve.Library   // by name@version
}

func newOwnLock(r *Result) *ownLock {
	l := &ownLock{edges: map[string]map[string]string{}, libraries: map[string]resolve.Library{}}
	for _, n := range r.Nodes {
		m := map[string]string{}
		for _, e := range n.Edges {
			m[e.Name] = e.ID
		}
		l.edges[n.ID] = m
	}
	for _, lib := range r.Libraries {
		l.libraries[lib.Name+"@"+lib.Version] = lib
	}
	return l
}

type ownRef struct {
	lock *ownLock
	id   string
}

func (r ownRef) lookup(name string, _ edgeKind) (lockRef, bool) {
	id, ok := r.lock.edges[r.id][name]
	if !ok {
		return nil, false
	}
	_, ok = r.lock.library(id)
	return ownRef{r.lock, id}, ok
}

func (r ownRef) place() string { return r.id }

func (l *ownLock) library(id string) (resolve.Library, bool) {
	lib, ok := l.libraries[id]
	if !ok {
		if plus := strings.LastIndex(id, "+"); plus > 0 {
			lib, ok = l.libraries[id[:plus]]
		}
	}
	return lib, ok
}

func (r ownRef) locked() lockedVersion {
	lib, _ := r.lock.library(r.id)
	return lockedVersion{name: lib.Name, version: lib.Version, integrity: lib.Integrity, source: lib.Source}
}

func (r ownRef) locatedBy(*Address) lockedVersion { return r.locked() }

func (l *ownLock) all() []lockRef {
	var out []lockRef
	for id := range l.edges {
		if id != "." {
			out = append(out, ownRef{l, id})
		}
	}
	return out
}

// state is one package as it is reached through the locks: the same version at two places of a lock may have other
// dependencies.
type state struct {
	version  string // name@version, "." for the root
	own      lockRef
	author   lockRef
	override *override
}

// follower makes a graph where a lock says most of what is in it.
type follower struct {
	*builder
	made  map[state]*vertex
	known map[string]map[string]lockedPlace // package to version to its place in the locks
	work  []func() error
}

// lockedPlace is where a version stands in the locks; one that was chosen in this resolution has a manifest instead.
type lockedPlace struct {
	own, author lockRef
	chosen      *Manifest
}

// load returns the manifest of what stands at p.
func (p lockedPlace) load(from *loader, name string) (*Manifest, error) {
	switch {
	case p.own != nil:
		return p.own.locked().load(from, name)
	case p.author != nil:
		return p.author.locked().load(from, name)
	}
	return p.chosen, nil
}

func (p lockedPlace) source() string {
	switch {
	case p.own != nil:
		return p.own.locked().source
	case p.author != nil:
		return p.author.locked().source
	}
	return p.chosen.Source
}

// follow resolves along the previous lock and the author's, in this order; either may be nil. A dependency that neither
// satisfies gets the highest version that the locks or this resolution know of and that is in its range, else what is
// picked as of the time.
func (b *builder) follow(own *ownLock, author foreignLock) (*vertex, error) {
	f := &follower{builder: b, made: map[state]*vertex{}, known: map[string]map[string]lockedPlace{}}
	root := state{version: "."}
	if author != nil {
		root.author = author.root()
		f.learn(author.all(), func(p *lockedPlace, r lockRef) { p.author = r })
	}
	if own != nil {
		root.own = ownRef{own, "."}
		f.learn(own.all(), func(p *lockedPlace, r lockRef) { p.own = r })
	}
	v := &vertex{manifest: b.root.manifest}
	f.made[root] = v
	f.work = append(f.work, func() error { return f.expand(v, b.root, root) })
	for len(f.work) > 0 {
		job := f.work[0]
		f.work = f.work[1:]
		if err := job(); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func (f *follower) learn(refs []lockRef, set func(*lockedPlace, lockRef)) {
	// The place nearest to the root stands for a version; the order must not depend on the map it came from.
	slices.SortFunc(refs, func(a, b lockRef) int {
		x, y := a.place(), b.place()
		return cmp.Or(cmp.Compare(len(y), len(x)), strings.Compare(y, x))
	})
	for _, r := range refs {
		l := r.locked()
		if l.version == "" {
			continue
		}
		if f.known[l.name] == nil {
			f.known[l.name] = map[string]lockedPlace{}
		}
		p := f.known[l.name][l.version]
		set(&p, r)
		f.known[l.name][l.version] = p
	}
}

// expand gives v its arcs; n has the edges.
func (f *follower) expand(v *vertex, n *node, at state) error {
	for _, e := range n.edges {
		f.load.start(e.spec)
	}
	for _, e := range n.edges {
		a := arc{name: e.name, kind: e.kind, want: e.spec.text}
		m, late, place, err := f.find(n.manifest, e, at)
		switch {
		case err != nil && absent(err):
			a.err = neededBy(err, f.subject(n.manifest), e.name, e.spec.text)
		case err != nil:
			return neededBy(err, f.subject(n.manifest), e.name, e.spec.text)
		case m == nil: // an optional peer that is not there
			continue
		default:
			if a.to, err = f.vertex(e, m, late, place); err != nil {
				return err
			}
		}
		v.arcs = append(v.arcs, a)
	}
	return nil
}

// vertex is the one for a version reached at a place of the locks. Its own arcs are made later.
func (f *follower) vertex(e *edge, m *Manifest, late bool, place lockedPlace) (*vertex, error) {
	rules := e.rule.forNode(e.name, m.Version)
	s := state{m.Name + "@" + m.Version, place.own, place.author, rules}
	if v := f.made[s]; v != nil {
		return v, nil
	}
	v := &vertex{manifest: m, late: late}
	f.made[s] = v
	n := &node{name: e.name, manifest: m, rules: rules, parent: f.root}
	if err := f.addEdges(n, m); err != nil {
		return nil, err
	}
	f.work = append(f.work, func() error { return f.expand(v, n, s) })
	return v, nil
}

// find chooses what e means. m is nil for an optional peer that is not there.
func (f *follower) find(from *Manifest, e *edge, at state) (m *Manifest, late bool, place lockedPlace, err error) {
	for _, ref := range []lockRef{at.own, at.author} {
		if ref == nil {
			continue
		}
		to, ok := ref.lookup(e.name, e.kind)
		if !ok {
			continue
		}
		l := to.locatedBy(e.spec.from)
		if !e.spec.allows(l.name, l.version, l.source) {
			continue
		}
		m, err := l.load(f.load, e.name)
		if err != nil {
			if ref == at.own && absent(err) { // our own lock knows it, the registry no longer does: choose anew
				*f.warnings = append(*f.warnings, fmt.Sprintf("%s@%s, which was locked, is no longer published", l.name, l.version))
				continue
			}
			return nil, false, place, err
		}
		if ref == at.author && l.source == "" {
			if err := checkIntegrity(l, m); err != nil {
				return nil, false, place, err
			}
		}
		return m, false, f.placeOf(l, e, at), nil
	}
	if e.kind == peerOptional {
		return nil, false, place, nil
	}
	return f.findNew(e)
}

// placeOf is where a version stands in the locks, as seen from at.
func (f *follower) placeOf(l lockedVersion, e *edge, at state) (p lockedPlace) {
	same := func(ref lockRef) lockRef {
		if ref == nil {
			return nil
		}
		if to, ok := ref.lookup(e.name, e.kind); ok {
			if t := to.locked(); t.name == l.name && t.version == l.version {
				return to
			}
		}
		return nil
	}
	return lockedPlace{own: same(at.own), author: same(at.author)}
}

// findNew chooses for an edge that no lock satisfies.
func (f *follower) findNew(e *edge) (m *Manifest, late bool, place lockedPlace, err error) {
	if e.spec.rng != nil {
		versions := slices.Collect(maps.Keys(f.known[e.spec.pkg]))
		sortVersions(versions)
		for _, v := range slices.Backward(versions) {
			place = f.known[e.spec.pkg][v]
			if !e.spec.allows(e.spec.pkg, v, place.source()) {
				continue
			}
			if m, err = place.load(f.load, e.name); err == nil && place.author != nil && m.Source == "" {
				err = checkIntegrity(place.author.locked(), m)
			}
			if err == nil || !absent(err) {
				return m, false, place, err
			}
		}
	}
	m, late, err = f.load.pick(e.spec)
	if err != nil {
		return nil, false, lockedPlace{}, err
	}
	if f.known[m.Name] == nil {
		f.known[m.Name] = map[string]lockedPlace{}
	}
	if _, ok := f.known[m.Name][m.Version]; !ok {
		f.known[m.Name][m.Version] = lockedPlace{chosen: m}
	}
	return m, late, lockedPlace{}, nil
}

// checkIntegrity compares what the author's lock says with the registry's word. Digests of different algorithms cannot be
// compared; the tarball is verified with the registry's in any case.
func checkIntegrity(l lockedVersion, m *Manifest) error {
	theirs, err := verify.ParseWeakIntegrity(l.integrity)
	if err != nil {
		return nil // there is none, or none that is known
	}
	ours, err := verify.ParseWeakIntegrity(m.Integrity)
	if theirs.Algorithm == "sha1" {
		ours, err = verify.FromShasum(m.Shasum)
	}
	if err != nil || theirs.Algorithm != ours.Algorithm || theirs == ours {
		return nil
	}
	e := verify.Mismatch(l.name+"@"+l.version, "integrity", theirs.String(), ours.String())
	e.Where = l.file
	e.Why = "the author's " + l.file + " says " + theirs.String() + "\nthe npm registry says " + ours.String()
	e.Next = fmt.Sprintf("do not use it until you know why: compare the tarball with its source, ask the provider's author, or choose another version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", l.name)
	return e
}
