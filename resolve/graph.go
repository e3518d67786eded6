package resolve

import (
	"context"
	"fmt"
	"slices"

	"github.com/MediaConduit/conduit/report"
	"golang.org/x/mod/semver"
)

// result is the graph of what the selected versions reach. Versions that others pushed aside are left out, and so is what
// only they required.
func (a *attempt) result(ctx context.Context) *Graph {
	g := &Graph{Root: a.links(a.edges(rootNode))}
	selected := slices.Clone(a.reached()[1:]) // without the root
	slices.SortFunc(selected, order{}.Compare)
	g.Modules = make([]Selected, len(selected))
	deprecated := make([]string, len(a.visits)) // by the place of the node
	a.parallel(len(selected), func(i int) {
		n := selected[i]
		g.Modules[i] = a.selected(n)
		if rels, ok := a.releases.Peek(n.src); ok {
			g.Modules[i].Unattested = n.src.Kind == NPM && slices.Contains(rels.Versions, n.version) && !slices.Contains(rels.Attested, n.version)
			if why, ok := rels.Deprecated[n.version]; ok {
				deprecated[n.place] = fmt.Sprintf("deprecated: %s; newer versions: conduit get %s@latest", why, n.src)
			}
		}
	})
	for _, n := range a.reached()[1:] {
		for _, e := range a.visits[n.place].pkg.warnings {
			report.Emit(ctx, e)
		}
		if text := deprecated[n.place]; text != "" {
			report.Warn(ctx, n.id(), "", text)
		}
	}
	a.markReplaced(g)
	return g
}

// selected is a version of the result.
func (a *attempt) selected(n node) Selected {
	v := &a.visits[n.place]
	p := v.pkg
	m := Selected{Source: n.src, Line: n.line.name, Kind: a.kinds[n.src], Tree: p.tree, Provider: p.provider, Service: p.service}
	if v.rev != nil {
		m.Revision = *v.rev
	}
	m.Version = n.version
	if l := a.locked[n]; l != nil {
		m.Revision = Revision{Version: n.version, Commit: l.Commit, Integrity: l.Integrity, Time: l.Time}
		m.Sum = l.Sum
	}
	if p.tree != nil {
		m.Revision, m.Sum = p.tree.Revision, p.tree.Sum
	} else if p.sum != "" {
		m.Revision, m.Sum, m.Notes = p.revision, p.sum, p.notes
	}
	// Pointers are sorted, not links, which are large.
	edges := slices.Clone(v.edges)
	slices.SortStableFunc(edges, func(x, y *edge) int {
		if by := compareSources(x.to.src, y.to.src); by != 0 {
			return by
		}
		return semver.Compare(a.top(x).version, a.top(y).version)
	})
	m.Requires = a.links(edges)
	return m
}

func (a *attempt) links(edges []*edge) []Link {
	links := make([]Link, len(edges))
	for i, e := range edges {
		links[i] = a.link(e)
	}
	return links
}

// link is the edge with what was selected for it.
func (a *attempt) link(e *edge) Link {
	return Link{Requirement: e.need.requirement(), Target: e.to.src, Version: a.top(e).version, Asked: e.to.version}
}

// markReplaced notes at each module the first source, in order, in whose place it stands.
func (a *attempt) markReplaced(g *Graph) {
	if len(a.replace) == 0 {
		return
	}
	first := map[Source]*Replace{}
	for _, n := range a.reached() {
		for _, e := range a.edges(n) {
			if e.replace == nil {
				continue
			}
			if old := first[e.to.src]; old == nil || compareSources(e.replace.Old, old.Old) < 0 {
				first[e.to.src] = e.replace
			}
		}
	}
	for i := range g.Modules {
		if rep := first[g.Modules[i].Source]; rep != nil {
			old := rep.Old
			g.Modules[i].Replaced, g.Modules[i].Local = &old, rep.Local
		}
	}
}
