package library

import (
	"fmt"
	"maps"
	"slices"

	"github.com/MediaConduit/conduit/report"
)

// builder makes a tree where no lock says what is in it.
type builder struct {
	tree
	load     *loader
	req      *Request
	replace  map[string]spec
	queue    []*node
	done     map[*node]bool
	warnings *[]string
}

// addEdges gives n the dependencies that its manifest states. A dependency that is stated twice is optional rather than
// required, and required rather than a peer, as for npm.
func (b *builder) addEdges(n *node, m *Manifest) error {
	kinds := map[string]edgeKind{}
	texts := map[string]string{}
	add := func(deps map[string]string, kind edgeKind) {
		for name, text := range deps {
			kinds[name], texts[name] = kind, text
			if kind == peer && m.PeerOptional[name] {
				kinds[name] = peerOptional
			}
		}
	}
	add(m.Peers, peer)
	add(m.Dependencies, required)
	add(m.Optional, optional)
	inside, err := b.bundled(m)
	if err != nil {
		return err
	}
	for name, d := range inside.needs {
		if _, own := kinds[name]; !own {
			kinds[name], texts[name] = d.kind, d.text
		}
	}
	for _, name := range slices.SortedFunc(maps.Keys(kinds), collate) {
		if name == sdkName || inside.holds[name] {
			continue
		}
		e := &edge{from: n, name: name, kind: kinds[name]}
		if err := e.parse(b.subject(m), texts[name], n.rules, b.replace); err != nil {
			if e.kind != optional && e.kind != peerOptional {
				return err
			}
			*b.warnings = append(*b.warnings, fmt.Sprintf("%s: the optional dependency %s@%s is left out: %s", b.subject(m), name, texts[name], firstLine(err)))
			continue
		}
		n.edges = append(n.edges, e)
	}
	return nil
}

// parse sets what e asks for, after overrides and [replace].
func (e *edge) parse(subject, text string, rules *override, replace map[string]spec) error {
	s, err := parseSpec(subject, e.name, text)
	if err != nil && replace[e.name].pkg == "" && rules == nil {
		return err
	}
	e.rule = rules.forEdge(e.name, s)
	if value := e.rule.replaces(e.name); value != "" {
		s, err = parseSpec(subject, e.name, value)
	}
	if s.pkg == "" {
		s.pkg = e.name
	}
	if r, ok := replace[s.pkg]; ok {
		s, err = r, nil
	}
	e.spec = s
	return err
}

func (b *builder) subject(m *Manifest) string {
	if m == b.root.manifest {
		return b.req.Subject
	}
	return m.Name + "@" + m.Version
}

// maxSteps bounds the work on one tree. npm's rules are not proved to come to an end on every input.
const maxSteps = 200_000

// build works on the nodes whose dependencies are not placed yet, nearest to the root first.
func (b *builder) build() error {
	b.done = map[*node]bool{}
	b.push(b.root)
	for steps := 0; len(b.queue) > 0 || b.revisit(); steps++ {
		if steps > maxSteps {
			return &report.Error{What: "the libraries of " + b.req.Subject + " do not settle", Why: "their peer dependencies displace each other", Next: "commit a package-lock.json beside its package.json, which then decides"}
		}
		n := b.pop()
		if b.done[n] || n.removed {
			continue
		}
		b.done[n] = true
		if err := b.complete(n); err != nil {
			return err
		}
	}
	return nil
}

// revisit queues the nodes that lost a dependency when something else was moved, and reports whether there are any.
func (b *builder) revisit() bool {
	b.root.each(func(n *node) {
		for _, e := range n.edges {
			if !e.conflicted && e.failure == nil && !e.valid() {
				delete(b.done, n)
				b.push(n)
			}
		}
	})
	return len(b.queue) > 0
}

func (b *builder) push(n *node) {
	if !slices.Contains(b.queue, n) {
		b.queue = append(b.queue, n)
	}
}

func (b *builder) pop() *node {
	first := slices.MinFunc(b.queue, func(x, y *node) int {
		if d := x.depth() - y.depth(); d != 0 {
			return d
		}
		return collate(x.path(), y.path())
	})
	b.queue = slices.DeleteFunc(b.queue, func(n *node) bool { return n == first })
	return first
}

// complete finds a package for each dependency of n that has none.
func (b *builder) complete(n *node) error {
	type task struct {
		e   *edge
		dep *node
	}
	var tasks []task
	for _, e := range n.edges {
		if e.conflicted || e.failure != nil || e.valid() {
			continue
		}
		var set *peerSet
		if e.kind.isPeer() && n.source != nil {
			set = &peerSet{source: n.source, members: map[string]*node{}}
		}
		dep, err := b.candidate(e, set)
		if err != nil {
			if !absent(err) {
				return neededBy(err, b.subject(n.manifest), e.name, e.spec.text)
			}
			e.failure = neededBy(err, b.subject(n.manifest), e.name, e.spec.text)
			continue
		}
		tasks = append(tasks, task{e, dep})
	}
	for _, t := range tasks {
		b.place(t.dep, t.e, nil, nil)
	}
	return nil
}

// place puts dep into the tree for e, and then those of its peers that the tree does not have.
func (b *builder) place(dep *node, e *edge, start *node, parent *attempt) {
	if to := e.to(); to != nil && e.accepts(to) {
		return
	}
	if start == nil {
		start = e.from
	}
	start = deepest(start, e.name)
	at, _ := b.find(dep, e, start, parent)
	if at == nil {
		e.conflicted = true
		return
	}
	verdict := at.all
	if verdict == conflict {
		verdict = at.self
	}
	if verdict == keeps {
		e.conflicted = !e.valid()
		b.pruneShared(at.target, true)
		return
	}
	placed := b.insert(dep, at.target)
	if !e.accepts(placed) {
		e.conflicted = true
	}
	b.afterInsert(placed, e)
	for _, pe := range placed.edges {
		if p := placed.set.member(pe.name); pe.kind.isPeer() && !pe.valid() && !pe.conflicted && p != nil && pe.accepts(p) {
			b.place(p, pe, start, at)
		}
	}
}

// insert adds a copy of dep under target, in the place of what has its name there.
func (b *builder) insert(dep, target *node) *node {
	n := *dep
	n.children = map[string]*node{}
	n.edges = nil
	for _, e := range dep.edges {
		c := *e
		c.from = &n
		n.edges = append(n.edges, &c)
	}
	old := target.children[n.name]
	n.parent = target
	target.children[n.name] = &n
	b.add(&n)
	if old != nil {
		b.supersede(old, &n)
	}
	return &n
}

// supersede hands old's folder over to n and removes what nobody needs any more.
func (b *builder) supersede(old, n *node) {
	var lost []*node
	for _, e := range old.edges {
		if n.edge(e.name) == nil {
			if to := old.children[e.name]; to != nil {
				lost = append(lost, to)
			}
		}
	}
	old.removed = true
	n.children = old.children
	for _, c := range n.children {
		c.parent = n
	}
	for _, e := range n.edges {
		if to := e.to(); to != nil && !e.accepts(to) {
			lost = append(lost, to)
		}
	}
	for m := range b.depSet(lost, func(e *edge, to *node) bool { return e.from != n && to != n && e.valid() }) {
		b.remove(m)
	}
}

// afterInsert looks again at those whose dependencies changed by the new node.
func (b *builder) afterInsert(placed *node, e *edge) {
	if to := e.to(); to != nil && to != placed && e.accepts(to) {
		b.pruneShared(to, false)
	}
	var twins []*node
	placed.parent.each(func(n *node) {
		if n.name == placed.name && n != placed && !n.isRoot() {
			twins = append(twins, n)
		}
	})
	for _, n := range twins {
		if !n.removed {
			b.pruneShared(n, false)
		}
		if !n.removed {
			for _, name := range slices.SortedFunc(maps.Keys(n.children), collate) {
				b.pruneShared(n.children[name], false)
			}
		}
	}
	for _, in := range b.edgesIn(placed) {
		if in != e && !in.valid() && !in.conflicted {
			delete(b.done, in.from)
			b.push(in.from)
		}
	}
	b.push(placed)
}

// pruneShared removes n if something nearer to the root serves all who need it; with descend, also what is below n.
func (b *builder) pruneShared(n *node, descend bool) {
	if b.dispensable(n) {
		for m := range b.depSet([]*node{n}, func(e *edge, to *node) bool { return to != n && e.valid() }) {
			b.remove(m)
		}
		return
	}
	if descend {
		for _, name := range slices.SortedFunc(maps.Keys(n.children), collate) {
			if c := n.children[name]; c != nil {
				b.pruneShared(c, true)
			}
		}
	}
}

func (b *builder) dispensable(n *node) bool {
	if n.removed || n.parent == nil || n.parent.parent == nil {
		return false
	}
	if len(b.edgesIn(n)) == 0 {
		return true
	}
	other := n.parent.parent.lookup(n.name)
	switch {
	case other == nil:
		return false
	case other.same(n):
		return true
	case !b.canReplace(other, n):
		return false
	}
	return Compare(other.manifest.Version, n.manifest.Version) >= 0
}
