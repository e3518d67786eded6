package layout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/resolve"
)

// Placed is a library with its folder.
type Placed struct {
	Path string // slash-separated, relative to the layout: "node_modules/a/node_modules/b"
	ID   string // the node of the library tree
}

// maxPlaced and maxDepth bound what a tree may unfold to: a tree in which two versions use each other in a circle has no
// layout without links.
const (
	maxPlaced = 50_000
	maxDepth  = 64
)

// folder is a place that has a node_modules: the layout's root, or a library.
type folder struct {
	parent   *folder
	name     string
	id       string
	depth    int
	children map[string]*folder
	// passed are names that something below looks up through this folder, and what it finds higher up: no other library
	// may stand here under that name.
	passed map[string]string
}

func (f *folder) path() string {
	if f.parent == nil {
		return ""
	}
	return strings.TrimPrefix(f.parent.path()+"/node_modules/"+f.name, "/")
}

// Place gives each library its folder. roots are what the bundle imports, by name; nodes that run does not accept are
// left out. The result depends on nothing else, and is sorted by path.
func Place(roots []resolve.Edge, nodes []resolve.Node, runs func(id string) bool) ([]Placed, error) {
	edges := make(map[string][]resolve.Edge, len(nodes))
	for _, n := range nodes {
		edges[n.ID] = sorted(n.Edges)
	}
	root := &folder{children: map[string]*folder{}, passed: map[string]string{}}
	var queue []*folder
	need := func(from *folder, e resolve.Edge) error {
		if !runs(e.ID) {
			return nil
		}
		at, found := from.lookup(e.Name)
		if found != nil && found.id == e.ID {
			from.pass(at, e)
			return nil
		}
		if at = from.highest(e, at); at.depth >= maxDepth || len(queue) >= maxPlaced {
			return fmt.Errorf("%s and what it uses need each other in several versions, in a circle", e.ID)
		}
		f := &folder{parent: at, name: e.Name, id: e.ID, depth: at.depth + 1, children: map[string]*folder{}, passed: map[string]string{}}
		at.children[e.Name] = f
		from.pass(at, e)
		queue = append(queue, f)
		return nil
	}
	for _, e := range sorted(roots) {
		if err := need(root, e); err != nil {
			return nil, err
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, e := range edges[queue[i].id] {
			if err := need(queue[i], e); err != nil {
				return nil, err
			}
		}
	}
	out := make([]Placed, len(queue))
	for i, f := range queue {
		out[i] = Placed{f.path(), f.id}
	}
	slices.SortFunc(out, func(a, b Placed) int { return strings.Compare(a.Path, b.Path) })
	return out, nil
}

// lookup finds what Node.js would: the nearest folder, from f upwards, that holds name.
func (f *folder) lookup(name string) (at, found *folder) {
	for at = f; at != nil; at = at.parent {
		if found = at.children[name]; found != nil {
			return at, found
		}
	}
	return nil, nil
}

// highest is the folder nearest to the root in which e may stand so that f finds it. Below taken, which holds another
// library of that name (nil if nothing does), f itself always can.
func (f *folder) highest(e resolve.Edge, taken *folder) *folder {
	best := f
	for at := f; at != nil && at != taken; at = at.parent {
		if id, passed := at.passed[e.Name]; !passed || id == e.ID {
			best = at
		}
	}
	return best
}

// pass notes that f finds e in the folder at.
func (f *folder) pass(at *folder, e resolve.Edge) {
	for ; f != at; f = f.parent {
		f.passed[e.Name] = e.ID
	}
}

func sorted(edges []resolve.Edge) []resolve.Edge {
	return slices.SortedFunc(slices.Values(edges), func(a, b resolve.Edge) int { return strings.Compare(a.Name, b.Name) })
}
