package mvs

import "slices"

// Versions says what the algorithm must know of versions V. Versions of one line L replace each other; versions of
// different lines live side by side.
type Versions[V, L comparable] interface {
	// Line is the line that v belongs to.
	Line(v V) L
	// Compare is a total order over all versions; within a line, the higher of two versions is the later one.
	Compare(a, b V) int
}

// Graph is a requirement graph that grows as requirements become known. The zero Graph is not usable, see [New].
type Graph[V, L comparable] struct {
	versions Versions[V, L]
	roots    []V
	known    table[V, known[V]]
	selected table[L, top[V]]
	missing  []V
	todo     []V // room for reach
}

// known is what is known of a version.
type known[V comparable] struct {
	needs    []V // as they were given
	recorded bool
	reached  bool
}

// top is the highest version of a line that was reached.
type top[V comparable] struct {
	version V
	reached bool
}

// New returns the graph in which only the roots are required, and nothing is known of what they require.
func New[V, L comparable](versions Versions[V, L], roots ...V) *Graph[V, L] {
	g := &Graph[V, L]{versions: versions}
	if n, ok := versions.(Numbered[V, L]); ok {
		g.known.number, g.selected.number = n.Number, n.LineNumber
	}
	g.roots = g.sorted(roots)
	g.todo = append(g.todo, roots...)
	g.reach()
	return g
}

// Require records what v requires. Only the first call for each version counts. The graph keeps needs as it is.
func (g *Graph[V, L]) Require(v V, needs ...V) {
	k := g.known.of(v)
	if k.recorded {
		return
	}
	k.needs, k.recorded = needs, true
	if k.reached {
		g.todo = append(g.todo, needs...)
		g.reach()
	}
}

// reach marks what is to do as reachable, with all that is already recorded of it.
func (g *Graph[V, L]) reach() {
	for len(g.todo) > 0 {
		v := g.todo[len(g.todo)-1]
		g.todo = g.todo[:len(g.todo)-1]
		k := g.known.of(v)
		if k.reached {
			continue
		}
		k.reached = true
		line := g.versions.Line(v)
		if max := g.selected.of(line); !max.reached || g.versions.Compare(v, max.version) > 0 {
			*max = top[V]{v, true}
		}
		if k.recorded {
			g.todo = append(g.todo, k.needs...)
		} else {
			g.missing = append(g.missing, v)
		}
	}
}

// Missing returns the reachable versions whose requirements are not recorded and that no earlier call has returned, in
// order.
func (g *Graph[V, L]) Missing() []V {
	out := slices.DeleteFunc(g.missing, func(v V) bool { return g.known.of(v).recorded })
	g.missing = nil
	slices.SortFunc(out, g.versions.Compare)
	return out
}

// Selected is the highest reachable version of a line.
func (g *Graph[V, L]) Selected(line L) (V, bool) {
	t := g.selected.find(line)
	return t.version, t.reached
}

// BuildList is the selected version of every reachable line, in order.
func (g *Graph[V, L]) BuildList() []V {
	var list []V
	for t := range g.selected.all() {
		if t.reached {
			list = append(list, t.version)
		}
	}
	slices.SortFunc(list, g.versions.Compare)
	return list
}

// Needs is what v requires, in order, as far as it is recorded.
func (g *Graph[V, L]) Needs(v V) []V {
	return g.sorted(g.known.find(v).needs)
}

// Path is a shortest chain of requirements from a root to a version that matches, both included; the first one in the
// order of versions where there are several. It is nil where no reachable version matches.
func (g *Graph[V, L]) Path(match func(V) bool) []V {
	from := map[V]V{}
	seen := map[V]bool{}
	queue := slices.Clone(g.roots)
	for _, v := range queue {
		seen[v] = true
	}
	for i := 0; i < len(queue); i++ {
		v := queue[i]
		if match(v) {
			path := []V{v}
			for prev, ok := from[v]; ok; prev, ok = from[prev] {
				path = append(path, prev)
			}
			slices.Reverse(path)
			return path
		}
		for _, need := range g.Needs(v) {
			if !seen[need] {
				seen[need], from[need] = true, v
				queue = append(queue, need)
			}
		}
	}
	return nil
}

func (g *Graph[V, L]) sorted(vs []V) []V {
	vs = slices.Clone(vs)
	slices.SortFunc(vs, g.versions.Compare)
	return slices.Compact(vs)
}
