package project

import (
	"context"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
)

// RootID is the node of a Graph that stands for conduit.toml.
const RootID = lockfile.ManifestName

// Graph is what requires what in the lock.
type Graph struct {
	Nodes []GraphNode `json:"nodes"` // conduit.toml first, then the toolchain, then modules sorted by ID
	Edges []GraphEdge `json:"edges"` // in the order of nodes; those of one node by what they lead to
}

// GraphNode is a module or tool of the lock, or conduit.toml.
type GraphNode struct {
	ID        string `json:"id"` // SOURCE@VERSION, or [RootID]
	Name      string `json:"name,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Libraries int    `json:"libraries,omitempty"` // how many its tree has
	Replaces  string `json:"replaces,omitempty"`
}

// GraphEdge is a requirement.
type GraphEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Range string `json:"range,omitempty"` // "" for any version
}

// Pins reports whether the range is the selected version itself, so that it tells nothing more.
func (e GraphEdge) Pins() bool { return e.Range != "" && strings.HasSuffix(e.To, "@"+e.Range) }

// Graph returns the graph of the lock. It makes no request.
func (p *Project) Graph(ctx context.Context) (Graph, error) {
	_, lock, err := p.current(ctx)
	if err != nil {
		return Graph{}, err
	}
	return graphOf(lock), nil
}

func graphOf(lock *lockfile.Lock) Graph {
	g := Graph{Nodes: []GraphNode{{ID: RootID}}, Edges: []GraphEdge{}}
	for _, r := range lock.Root {
		if m, ok := lock.Module(r.Source, r.Version); ok {
			g.Edges = append(g.Edges, GraphEdge{From: RootID, To: subject(m), Range: r.Range})
		}
	}
	if tools := lock.Tools(nodeTool); len(tools) > 0 {
		id := nodeTool + "@" + tools[0].Version
		g.Nodes = append(g.Nodes, GraphNode{ID: id, Name: nodeTool, Kind: toolKind})
		g.Edges = append(g.Edges, GraphEdge{From: RootID, To: id, Range: lock.Node})
	}
	byID := map[string]*lockfile.Module{}
	var ids []string
	for i := range lock.Modules {
		byID[subject(&lock.Modules[i])] = &lock.Modules[i]
		ids = append(ids, subject(&lock.Modules[i]))
	}
	slices.Sort(ids)
	for _, id := range ids {
		m := byID[id]
		n := GraphNode{ID: id, Name: nameOf(lock, m), Kind: m.Kind, Replaces: m.Replaces}
		for _, l := range m.Libraries {
			if l.ID != "." {
				n.Libraries++
			}
		}
		g.Nodes = append(g.Nodes, n)
		var edges []GraphEdge
		for _, r := range m.Requires {
			if to, ok := lock.Module(r.Source, r.Version); ok {
				edges = append(edges, GraphEdge{From: id, To: subject(to), Range: r.Range})
			}
		}
		slices.SortStableFunc(edges, func(a, b GraphEdge) int { return strings.Compare(a.To, b.To) })
		g.Edges = append(g.Edges, edges...)
	}
	return g
}

// From are the edges that begin at a node.
func (g Graph) From(id string) []GraphEdge {
	var out []GraphEdge
	for _, e := range g.Edges {
		if e.From == id {
			out = append(out, e)
		}
	}
	return out
}

// chain is the shortest chain of edges from conduit.toml to a node, nil if there is none.
func (g Graph) chain(to string) []GraphEdge {
	came := map[string]*GraphEdge{RootID: nil}
	queue := []string{RootID}
	for i := 0; i < len(queue) && came[to] == nil; i++ {
		for _, e := range g.From(queue[i]) {
			if _, seen := came[e.To]; !seen {
				came[e.To] = &e
				queue = append(queue, e.To)
			}
		}
	}
	var out []GraphEdge
	for e := came[to]; e != nil; e = came[e.From] {
		out = append(out, *e)
	}
	slices.Reverse(out)
	return out
}
