package resolve

import (
	"context"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/resolve/mvs"
)

// attempt is one run of minimal version selection under given floors.
type attempt struct {
	*solver
	floors  map[lineKey]string
	asked   map[Source][]string // what conduit.toml itself asks for, ascending
	graph   *mvs.Graph[node, lineKey]
	kinds   map[Source]string
	names   map[Source]Source // by Fold
	folders map[string]node   // by absolute path
	visits  []visit           // by the place of the node
	order   []node            // see reached
}

// visit is what an attempt found out about a version.
type visit struct {
	rev   *Revision // where requirements tell more than the version
	kind  string    // as which it was met, "" before
	pkg   *pkg      // nil before it was loaded
	edges []*edge
}

// at makes room for what is found out about n. It is for the one goroutine that merges; the pointer is good until the next
// call.
func (a *attempt) at(n node) *visit {
	if more := n.place + 1 - len(a.visits); more > 0 {
		a.visits = append(a.visits, make([]visit, more)...)
	}
	return &a.visits[n.place]
}

// edges are what n requires, none for a version that was not loaded.
func (a *attempt) edges(n node) []*edge {
	if n.place >= len(a.visits) {
		return nil
	}
	return a.visits[n.place].edges
}

func (a *attempt) run(ctx context.Context, root []Requirement) error {
	if err := a.chooseRoot(ctx, root); err != nil {
		return err
	}
	crew := a.newCrew(ctx)
	defer crew.dismiss()
	for todo := a.graph.Missing(); len(todo) > 0; todo = a.graph.Missing() {
		if err := a.mergeAll(crew, todo); err != nil {
			return err
		}
	}
	return nil
}

// mergeAll adds what versions require to the graph. Everything that depends on order happens here, in the order of nodes,
// while the crew looks at the next ones.
func (a *attempt) mergeAll(crew *crew, todo []node) error {
	outcomes := make([]outcome, len(todo))
	tasks := make([]task, len(todo))
	for i, n := range todo {
		o := &outcomes[i]
		o.node, o.kind, o.rev = n, a.kinds[n.src], a.visits[n.place].rev
		tasks[i].outcome = o
	}
	crew.add(tasks...)
	for i := range outcomes {
		o := &outcomes[i]
		crew.see(o)
		if o.err != nil {
			return a.failed(o.node, o.err)
		}
		if err := a.merge(o.node, o.pkg, o.edges); err != nil {
			return err
		}
	}
	return nil
}

// chooseAll chooses for everything that a package requires.
func (a *attempt) chooseAll(ctx context.Context, o *outcome) {
	o.edges = make([]*edge, len(o.pkg.needs))
	room := make([]edge, len(o.pkg.needs))
	for i := range o.pkg.needs {
		n := &o.pkg.needs[i]
		if o.edges[i], o.err = a.choose(ctx, n, &room[i]); o.err != nil {
			o.err = &needError{n.requirement(), o.err}
			return
		}
	}
}

// chooseRoot chooses first for what conduit.toml asks for by version, since that decides for the requirements that leave
// the version to others, its own among them.
func (a *attempt) chooseRoot(ctx context.Context, root []Requirement) error {
	edges, errs := make([]*edge, len(root)), make([]error, len(root))
	choose := func(pick func(Requirement) bool) error {
		a.parallel(len(root), func(i int) {
			if pick(root[i]) {
				edges[i], errs[i] = a.choose(ctx, rootNeed(root[i]), new(edge))
			}
		})
		for i, err := range errs {
			if err != nil {
				return a.failed(rootNode, &needError{root[i], err})
			}
		}
		return nil
	}
	free := func(r Requirement) bool { return a.effective(r).Ref() == "" && soft(a.effective(r)) }
	if err := choose(func(r Requirement) bool { return !free(r) }); err != nil {
		return err
	}
	asked := map[Source][]string{}
	for _, e := range edges {
		if e != nil && e.to.version != "" {
			asked[e.to.src] = append(asked[e.to.src], e.to.version)
		}
	}
	for _, versions := range asked {
		semver.Sort(versions)
	}
	a.asked = asked
	if err := choose(free); err != nil {
		return err
	}
	return a.merge(rootNode, &pkg{}, edges)
}

func rootNeed(r Requirement) *need {
	return &need{demand: &demand{name: r.Name, src: r.Source, rng: r.Range}, kind: r.Kind, where: r.Where, locked: r.Locked}
}

// effective is the range that counts for a requirement: its own, or its replacement's.
func (s *solver) effective(r Requirement) Range {
	if _, rep, err := s.replace.apply(r.Source); err == nil && rep != nil && rep.Range.String() != "" {
		return rep.Range
	}
	return r.Range
}

// merge adds what a node requires to the graph.
func (a *attempt) merge(n node, p *pkg, edges []*edge) error {
	visit := a.at(n)
	visit.pkg, visit.edges = p, edges
	if p.tree != nil && n.src.Kind == File {
		if other, ok := a.folders[p.tree.Path]; ok && other != n {
			return a.twoNames(other, n)
		}
		a.folders[p.tree.Path] = n
	}
	to := make([]node, len(edges))
	known := make([]bool, len(edges)) // versions that were required before, as the same kind: the names are checked
	for i, e := range edges {
		to[i] = e.to
		m := a.at(e.to)
		if m.kind == "" {
			m.rev, m.kind = e.rev, e.need.kind
			continue
		}
		known[i] = m.kind == e.need.kind
		if e.rev != nil && (m.rev == nil || m.rev.Commit == "" && m.rev.Integrity == "") {
			m.rev = e.rev
		}
	}
	// The graph knows these edges before they are looked at, so that errors about them find their chains.
	a.graph.Require(n, to...)
	for i, e := range edges {
		if known[i] {
			continue
		}
		fold := e.to.src.Fold()
		if name, ok := a.names[fold]; !ok {
			a.names[fold] = e.to.src
		} else if name != e.to.src {
			return a.twoNames(a.node(name, ""), e.to)
		}
		if kind, ok := a.kinds[e.to.src]; !ok {
			a.kinds[e.to.src] = e.need.kind
		} else if kind != e.need.kind {
			return a.twoKinds(e)
		}
	}
	return nil
}
