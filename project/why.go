package project

import (
	"context"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// Reason is why something is in the lock.
type Reason struct {
	ID       string      `json:"id"`                 // SOURCE@VERSION, or NAME@VERSION of a library
	Kind     string      `json:"kind"`               // "provider", "service", "tool" or "library"
	Chain    []GraphEdge `json:"chain"`              // the shortest chain from conduit.toml; for a library, to its provider
	Provider string      `json:"provider,omitempty"` // of a library: the name of the provider that uses it
	Path     []string    `json:"path,omitempty"`     // of a library: from the provider's own dependency to it, NAME@VERSION each
}

// Why finds the shortest chains that explain why something is in the lock: a module by its name or source, a library by
// its name, with or without "@VERSION". A library has one for each provider that uses it and each version. It makes no
// request.
func (p *Project) Why(ctx context.Context, word string) ([]Reason, error) {
	m, lock, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	graph := graphOf(lock)
	var out []Reason
	for _, mod := range called(m, lock, word) {
		out = append(out, Reason{ID: subject(mod), Kind: mod.Kind, Chain: graph.chain(subject(mod))})
	}
	if name, version := lockfile.SplitSource(word); name == nodeTool {
		for _, n := range graph.Nodes {
			if n.Kind == toolKind && (version == "" || n.ID == name+"@"+version) {
				out = append(out, Reason{ID: n.ID, Kind: n.Kind, Chain: graph.chain(n.ID)})
			}
		}
	}
	// npm:NAME can be a library, too, and a library can bear a provider's name.
	name, version := lockfile.SplitSource(strings.TrimPrefix(word, "npm:"))
	for i := range lock.Modules {
		mod := &lock.Modules[i]
		for _, path := range libraryPaths(mod.Libraries, name, version) {
			out = append(out, Reason{ID: path[len(path)-1], Kind: "library", Chain: graph.chain(subject(mod)), Provider: nameOf(lock, mod), Path: path})
		}
	}
	if len(out) == 0 {
		return nil, p.unknown(lock, word)
	}
	return out, nil
}

// libraryPaths are the shortest paths through a library tree to each version of a library, lowest version first.
func libraryPaths(nodes []resolve.Node, name, version string) [][]string {
	edges := map[string][]resolve.Edge{}
	for _, n := range nodes {
		edges[n.ID] = n.Edges
	}
	found := map[string][]string{}
	came := map[string][]string{".": nil}
	queue := []string{"."}
	for i := 0; i < len(queue); i++ {
		for _, e := range edges[queue[i]] {
			if _, seen := came[e.ID]; seen {
				continue
			}
			has, at := resolve.Node{ID: e.ID}.Library()
			step := has + "@" + at
			if e.Name != has {
				step += " (as " + e.Name + ")"
			}
			came[e.ID] = append(append([]string(nil), came[queue[i]]...), step)
			queue = append(queue, e.ID)
			if has == name && (version == "" || strings.TrimPrefix(version, "v") == at) && found[at] == nil {
				found[at] = came[e.ID]
			}
		}
	}
	var versions []string
	for v := range found {
		versions = append(versions, "v"+v)
	}
	semver.Sort(versions)
	var out [][]string
	for _, v := range versions {
		out = append(out, found[strings.TrimPrefix(v, "v")])
	}
	return out
}
