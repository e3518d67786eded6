package library

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// The kinds of dependencies.
type edgeKind int

const (
	required edgeKind = iota
	optional
	peer
	peerOptional
)

func (k edgeKind) isPeer() bool { return k >= peer }

// edge is a dependency of one node of the tree.
type edge struct {
	from       *node
	name       string // what it is imported by, and the name of the folder that would hold it
	kind       edgeKind
	spec       spec
	rule       *override // the rules that what it means stands under
	conflicted bool      // a peer that cannot be met; left as it is
	failure    error     // nothing exists that it could mean
}

func (e *edge) accepts(n *node) bool {
	return n != nil && e.spec.allows(n.manifest.Name, n.manifest.Version, n.manifest.Source)
}

// node is one package in a tree of node_modules folders, which exists in thought only: it decides what is shared.
type node struct {
	name     string // the folder's name: the package's own, or an alias
	manifest *Manifest
	late     bool // published after the time asked for
	parent   *node
	children map[string]*node
	edges    []*edge // in npm's order of names
	rules    *override
	source   *node // the node whose dependency brought this one and its peers
	set      *peerSet
	removed  bool
}

func (n *node) edge(name string) *edge {
	for _, e := range n.edges {
		if e.name == name {
			return e
		}
	}
	return nil
}

func (n *node) depth() int {
	d := 0
	for p := n.parent; p != nil; p = p.parent {
		d++
	}
	return d
}

// path is the folder that n would have.
func (n *node) path() string {
	if n.parent == nil {
		return ""
	}
	return n.parent.path() + "/node_modules/" + n.name
}

func (n *node) isRoot() bool { return n.parent == nil }

// below reports whether n is a or stands under it.
func (n *node) below(a *node) bool {
	for p := n; p != nil; p = p.parent {
		if p == a {
			return true
		}
	}
	return false
}

// lookup finds a name as Node does: in n's own folder, then upwards.
func (n *node) lookup(name string) *node {
	for p := n; p != nil; p = p.parent {
		if c := p.children[name]; c != nil {
			return c
		}
	}
	return nil
}

// to is what e means now. A package's peers are beside it or above, never inside it.
func (e *edge) to() *node {
	if e.kind.isPeer() && e.from.parent != nil {
		return e.from.parent.lookup(e.name)
	}
	return e.from.lookup(e.name)
}

func (e *edge) valid() bool {
	to := e.to()
	if to == nil {
		return e.kind == peerOptional
	}
	return e.accepts(to)
}

func (n *node) same(m *node) bool {
	return n.name == m.name && n.manifest.Name == m.manifest.Name && n.manifest.Version == m.manifest.Version
}

// tree is the whole of it, with an index of its edges.
type tree struct {
	root  *node
	byDep map[string][]*edge // by name; edges of removed nodes are swept as they are met
}

func (t *tree) add(n *node) {
	for _, e := range n.edges {
		t.byDep[e.name] = append(t.byDep[e.name], e)
	}
}

// edgesIn lists the edges that mean n.
func (t *tree) edgesIn(n *node) []*edge {
	all := slices.DeleteFunc(t.byDep[n.name], func(e *edge) bool { return e.from.removed })
	t.byDep[n.name] = all
	var in []*edge
	for _, e := range all {
		if e.to() == n {
			in = append(in, e)
		}
	}
	return in
}

// remove takes n and all below it out of the tree.
func (t *tree) remove(n *node) {
	if n.parent != nil && n.parent.children[n.name] == n {
		delete(n.parent.children, n.name)
	}
	n.each(func(m *node) { m.removed = true })
}

func (n *node) each(f func(*node)) {
	f(n)
	for _, name := range slices.SortedFunc(maps.Keys(n.children), collate) {
		n.children[name].each(f)
	}
}

// depSet is the given nodes with all that only they need, following the edges for which keep holds.
func (t *tree) depSet(nodes []*node, keep func(*edge, *node) bool) map[*node]bool {
	set := map[*node]bool{}
	queue := slices.Clone(nodes)
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if set[n] {
			continue
		}
		set[n] = true
		for _, e := range n.edges {
			if to := e.to(); to != nil && keep(e, to) {
				queue = append(queue, to)
			}
		}
	}
	for changed := true; changed; {
		changed = false
		for n := range set {
			for _, e := range t.edgesIn(n) {
				if !set[e.from] && keep(e, n) {
					delete(set, n)
					changed = true
					break
				}
			}
		}
	}
	return set
}

// canReplace reports whether n may take old's place: everything that needs old and does not go with it accepts n.
func (t *tree) canReplace(n, old *node) bool {
	if n.name != old.name || n.manifest.Name != old.manifest.Name {
		return false
	}
	own := t.depSet([]*node{old}, func(e *edge, to *node) bool { return to != old && e.accepts(to) })
	for _, e := range t.edgesIn(old) {
		if !own[e.from] && !e.accepts(n) {
			return false
		}
	}
	return true
}

// collate orders names and paths as npm does, which sorts for people: punctuation before digits before letters.
func collate(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if c := cmp.Compare(weight(a[i]), weight(b[i])); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(a), len(b)), -strings.Compare(a, b)) // lower case before upper case
}

const punctuation = "_-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$"

func weight(c byte) int {
	if i := strings.IndexByte(punctuation, c); i >= 0 {
		return i
	}
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	return 64 + int(c)
}
