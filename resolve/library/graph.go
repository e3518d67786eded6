package library

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// vertex is one package in the graph that a resolution ends in.
type vertex struct {
	manifest *Manifest
	late     bool
	arcs     []arc // sorted by name
	broken   error // why it cannot be installed
}

// arc is what one import name means.
type arc struct {
	name string
	kind edgeKind
	to   *vertex
	err  error // nothing exists that it could mean
	want string
}

// graph turns the tree into vertices, starting from the root.
func (t *tree) graph() *vertex {
	made := map[*node]*vertex{}
	var visit func(n *node) *vertex
	visit = func(n *node) *vertex {
		if v := made[n]; v != nil {
			return v
		}
		v := &vertex{manifest: n.manifest, late: n.late}
		made[n] = v
		for _, e := range n.edges {
			a := arc{name: e.name, kind: e.kind, err: e.failure, want: e.spec.text}
			if to := e.to(); to != nil && (e.kind != peerOptional || e.accepts(to)) && to != n {
				a.to = visit(to)
				a.err = nil
			}
			if a.to != nil || e.kind != peerOptional {
				v.arcs = append(v.arcs, a)
			}
		}
		return v
	}
	return visit(t.root)
}

// each visits what can be reached from v, nearest first and then in the order of names.
func (v *vertex) each(f func(*vertex)) {
	seen := map[*vertex]bool{v: true}
	for queue := []*vertex{v}; len(queue) > 0; queue = queue[1:] {
		f(queue[0])
		for _, a := range queue[0].arcs {
			if a.to != nil && !seen[a.to] {
				seen[a.to] = true
				queue = append(queue, a.to)
			}
		}
	}
}

// settle drops optional dependencies that cannot be installed, and fails if the root itself cannot.
func (v *vertex) settle(warn func(format string, args ...any)) error {
	for changed := true; changed; {
		changed = false
		v.each(func(n *vertex) {
			for _, a := range n.arcs {
				if a.kind == optional || a.kind == peerOptional || n.broken != nil {
					continue
				}
				if a.err != nil {
					n.broken = a.err
				} else if a.to != nil && a.to.broken != nil {
					n.broken = a.to.broken
				}
				changed = changed || n.broken != nil
			}
		})
	}
	if v.broken != nil {
		return v.broken
	}
	v.each(func(n *vertex) {
		n.arcs = slices.DeleteFunc(n.arcs, func(a arc) bool {
			switch {
			case a.err != nil:
				warn("the optional dependency %s@%s is left out: %s", a.name, a.want, firstLine(a.err))
				return true
			case a.to != nil && a.to.broken != nil:
				warn("the optional dependency %s@%s is left out: %s", a.name, a.want, firstLine(a.to.broken))
				return true
			case a.to == nil && a.kind.isPeer():
				warn("%s@%s needs %s@%s beside it, and nothing provides it", n.manifest.Name, n.manifest.Version, a.name, a.want)
				return true
			}
			return a.to == nil
		})
		slices.SortFunc(n.arcs, func(a, b arc) int { return strings.Compare(a.name, b.name) })
	})
	return nil
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// classes numbers the vertices so that two have the same number if they are the same version and all their imports mean
// vertices with the same numbers: installing both would put the same code there twice.
func (v *vertex) classes() map[*vertex]int {
	var all []*vertex
	v.each(func(n *vertex) { all = append(all, n) })
	class := map[*vertex]int{}
	count := 0
	for {
		next := map[*vertex]int{}
		ids := map[string]int{}
		for _, n := range all {
			var key strings.Builder
			fmt.Fprintf(&key, "%s@%s", n.manifest.Name, n.manifest.Version)
			for _, a := range n.arcs {
				fmt.Fprintf(&key, "\n%s %d", a.name, class[a.to])
			}
			id, ok := ids[key.String()]
			if !ok {
				id = len(ids) + 1
				ids[key.String()] = id
			}
			next[n] = id
		}
		if class = next; len(ids) == count {
			return class
		}
		count = len(ids)
	}
}

// result writes the graph down. The root's ID is "."; further vertices of a version are numbered by their distance from
// the root.
func (v *vertex) result() (Result, error) {
	class := v.classes()
	ids := map[int]string{class[v]: "."}
	used := map[string]int{}
	var out Result
	libraries := map[string]bool{}
	var order []*vertex
	var failed error
	v.each(func(n *vertex) {
		if ids[class[n]] != "" && n != v {
			return
		}
		order = append(order, n)
		if n == v {
			return
		}
		id := n.manifest.Name + "@" + n.manifest.Version
		used[id]++
		if k := used[id]; k > 1 {
			ids[class[n]] = fmt.Sprintf("%s+%d", id, k)
		} else {
			ids[class[n]] = id
		}
		if !libraries[id] {
			libraries[id] = true
			lib, err := n.manifest.library()
			failed = cmp.Or(failed, err)
			out.Libraries = append(out.Libraries, lib)
		}
	})
	for _, n := range order {
		node := resolve.Node{ID: ids[class[n]]}
		for _, a := range n.arcs {
			node.Edges = append(node.Edges, resolve.Edge{Name: a.name, ID: ids[class[a.to]]})
		}
		out.Nodes = append(out.Nodes, node)
	}
	slices.SortFunc(out.Nodes, func(a, b resolve.Node) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(out.Libraries, func(a, b resolve.Library) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), Compare(a.Version, b.Version), strings.Compare(a.Version, b.Version))
	})
	return out, failed
}

func (m *Manifest) library() (resolve.Library, error) {
	i, err := verify.ParseIntegrity(m.Integrity)
	if err != nil {
		if m.Integrity == "" {
			err = fmt.Errorf("the npm registry states no sha512 integrity for it")
		}
		return resolve.Library{}, &report.Error{Kind: report.Integrity, What: fmt.Sprintf("%s@%s cannot be locked", m.Name, m.Version), Err: err,
			Next: AllowWeak(m.Name + "@" + m.Version)}
	}
	return resolve.Library{Name: m.Name, Version: m.Version, Integrity: i.String(), Source: m.Source, OS: m.OS, CPU: m.CPU, Libc: m.Libc}, nil
}
