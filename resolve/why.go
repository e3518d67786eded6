package resolve

import "slices"

// Why is the shortest chain of requirements from conduit.toml to a selected module: each link is a requirement of the
// module that the link before it leads to, the first one of conduit.toml itself. It is nil where the graph has no such
// module. src is the module's source after replacement.
func Why(g *Graph, src Source, version string) []Link {
	return why(g, func(l Link) bool { return l.Target == src && l.Version == version })
}

// Demand is the shortest chain to a requirement that asks for the selected version itself, and so explains why it is not
// a lower one. It is nil where the version was selected for what only versions required that others pushed aside.
func Demand(g *Graph, src Source, version string) []Link {
	return why(g, func(l Link) bool { return l.Target == src && l.Version == version && l.Asked == version })
}

// why is the shortest chain whose last link matches.
func why(g *Graph, match func(Link) bool) []Link {
	type id struct {
		src     Source
		version string
	}
	requires := map[id][]Link{{}: g.Root} // the zero id is conduit.toml
	for _, m := range g.Modules {
		requires[id{m.Source, m.Version}] = m.Requires
	}
	came := map[id][]Link{{}: nil} // the chain to each module
	queue := []id{{}}
	for i := 0; i < len(queue); i++ {
		chain := came[queue[i]]
		for _, l := range requires[queue[i]] {
			longer := append(slices.Clip(chain), l)
			if match(l) {
				return longer
			}
			n := id{l.Target, l.Version}
			if _, seen := came[n]; !seen {
				came[n] = longer
				queue = append(queue, n)
			}
		}
	}
	return nil
}

// String is the link as one line of a chain: "conduit.toml:7 requires github:a/b ^1.2".
func (l Link) String() string { return requires(l.Requirement, nil) }
