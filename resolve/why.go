package resolve

import "slices"

// Why is the shortest chain of requirements from conduit.toml to a selected module: each link is a requirement of the
// module that the link before it leads to, the first one of conduit.toml itself. It is nil where the graph has no such
// module. src is the module's source after replacement.
func Why(g *Graph, src Source, version string) []Link {
	to := node{src, version}
	links := map[node][]Link{}
	for _, m := range g.Modules {
		links[node{m.Source, m.Version}] = m.Requires
	}
	links[node{}] = g.Root
	type step struct {
		link Link
		from node
	}
	came := map[node]step{}
	queue := []node{{}}
	for i := 0; i < len(queue) && queue[i] != to; i++ {
		for _, l := range links[queue[i]] {
			n := node{l.Target, l.Version}
			if _, ok := came[n]; !ok && n != (node{}) {
				came[n] = step{l, queue[i]}
				queue = append(queue, n)
			}
		}
	}
	var chain []Link
	for n := to; n != (node{}); {
		s, ok := came[n]
		if !ok {
			return nil
		}
		chain = append(chain, s.link)
		n = s.from
	}
	slices.Reverse(chain)
	return chain
}

// String is the link as one line of a chain: "conduit.toml:7 requires github:a/b ^1.2".
func (l Link) String() string { return requires(l.Requirement, nil) }
