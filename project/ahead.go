package project

import (
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/cache"
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

// neededBy lists the libraries that the providers of lock which are not built yet are made of on this machine, in the order
// in which builds are going to ask for them.
func (p *Project) neededBy(lock *lockfile.Lock) []resolve.Library {
	var out []resolve.Library
	seen := map[string]bool{}
	here := layout.Here()
	for _, m := range largestFirst(lock) {
		if _, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Artifact, ID: m.Artifact}); ok {
			continue
		}
		for _, id := range nearestFirst(m) {
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

// largestFirst lists the providers in the order in which they are built: the one that takes longest must not be the last,
// when nothing else is left to do beside it.
func largestFirst(lock *lockfile.Lock) []*lockfile.Module {
	var out []*lockfile.Module
	for i := range lock.Modules {
		if m := &lock.Modules[i]; m.Kind == lockfile.KindProvider {
			out = append(out, m)
		}
	}
	size := func(m *lockfile.Module) int { return len(m.Libraries) - len(m.Unused) }
	slices.SortStableFunc(out, func(a, b *lockfile.Module) int { return size(b) - size(a) })
	return out
}

// nearestFirst lists the libraries that a provider's artifact has a use for, those first to which fewest imports lead.
func nearestFirst(m *lockfile.Module) []string {
	edges := make(map[string][]resolve.Edge, len(m.Libraries))
	for _, n := range m.Libraries {
		edges[n.ID] = n.Edges
	}
	var out []string
	reached := map[string]bool{".": true}
	for queue := []string{"."}; len(queue) > 0; queue = queue[1:] {
		for _, e := range edges[queue[0]] {
			if reached[e.ID] {
				continue
			}
			reached[e.ID] = true
			queue = append(queue, e.ID)
			if library := resolve.LibraryID(e.ID); !slices.Contains(m.Unused, library) {
				out = append(out, library)
			}
		}
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
