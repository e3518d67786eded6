package project

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// ahead is how many libraries are fetched at once before a build asks for them. What a registry's client has under way at
// once is its own matter.
const ahead = 64

// fetchAhead fetches the libraries that builds are going to need. A build comes upon them one import after the other, and
// would wait for the network as often as imports lead on; the lock knows them all.
func (p *Project) fetchAhead(ctx context.Context, lock *lockfile.Lock) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(ahead)
	for _, l := range p.neededBy(lock) {
		if _, ok := p.cachedTarball(l); ok {
			continue
		}
		group.Go(func() error {
			_, err := p.tarball(ctx, l)
			return err
		})
	}
	return group.Wait()
}

// neededBy lists the libraries that the providers of lock which are not built yet are made of on this machine, those first
// that builds ask for first.
func (p *Project) neededBy(lock *lockfile.Lock) []resolve.Library {
	var out []resolve.Library
	seen := map[string]bool{}
	var levels [][]string // library IDs, by their distance from a provider
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind != lockfile.KindProvider {
			continue
		}
		if _, ok := p.builder.Find(m.Artifact); ok {
			continue
		}
		for distance, ids := range byDistance(m) {
			if distance == len(levels) {
				levels = append(levels, nil)
			}
			levels[distance] = append(levels[distance], ids...)
		}
	}
	here := layout.Here()
	for _, ids := range levels {
		for _, id := range ids {
			if seen[id] {
				continue
			}
			seen[id] = true
			name, version := resolve.Node{ID: id}.Library()
			if l, ok := lock.Library(name, version); ok && here.Runs(*l) {
				out = append(out, *l)
			}
		}
	}
	return out
}

// byDistance lists the libraries that a provider's artifact has a use for, by how many imports lead to them at least.
func byDistance(m *lockfile.Module) [][]string {
	edges := make(map[string][]resolve.Edge, len(m.Libraries))
	for _, n := range m.Libraries {
		edges[n.ID] = n.Edges
	}
	var out [][]string
	reached := map[string]bool{".": true}
	for from := []string{"."}; len(from) > 0; {
		var next, ids []string
		for _, id := range from {
			for _, e := range edges[id] {
				if reached[e.ID] {
					continue
				}
				reached[e.ID] = true
				next = append(next, e.ID)
				if library := resolve.LibraryID(e.ID); !slices.Contains(m.Unused, library) {
					ids = append(ids, library)
				}
			}
		}
		out = append(out, ids)
		from = next
	}
	return out
}

// unused lists the libraries of a provider's tree that its artifact has no use for, sorted.
func unused(tree []resolve.Node, artifact build.Artifact) []string {
	needed := map[string]bool{}
	for _, id := range artifact.Bundled {
		needed[id] = true
	}
	for _, e := range artifact.Externals {
		needed[resolve.LibraryID(e.ID)] = true
	}
	var out []string
	for _, n := range tree {
		if id := resolve.LibraryID(n.ID); n.ID != "." && !needed[id] {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
