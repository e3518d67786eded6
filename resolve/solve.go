package resolve

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/MediaConduit/conduit/resolve/memo"
	"github.com/MediaConduit/conduit/resolve/mvs"
)

// Solve computes the build list by minimal version selection. Errors are [*report.Error], or a [*ConflictError] that
// wraps one; those about a package name the chain of requirements from conduit.toml to it.
//
// A locked version is a floor for its line: nothing below it is selected, and nothing below it is looked at. Where a range
// does not allow what the floors lead to, the floors in its way are taken out and the rest is tried again, so that the
// lock gives way as little as it must.
func Solve(ctx context.Context, p Problem) (*Graph, error) {
	s, err := newSolver(p)
	if err != nil {
		return nil, err
	}
	a, err := s.solve(ctx, p.Root)
	if c, ok := err.(*conflict); ok {
		return nil, s.explain(ctx, p.Root, c)
	}
	var sdk *otherSDK
	if errors.As(err, &sdk) {
		s.explainSDK(ctx, p.Root, sdk)
	}
	if err != nil {
		return nil, err
	}
	var group sync.WaitGroup
	group.Go(s.remember)
	g := a.result(ctx)
	group.Wait()
	return g, nil
}

// solver is what all attempts at one problem share: nothing is fetched twice.
type solver struct {
	*nodes
	p              Problem
	origin         Origin // without excluded versions
	replace        replacements
	locked         map[node]*Locked
	lockedKind     map[Source]string
	lockedVersions map[Source][]string
	heldVersions   map[Source][]string // with those of the floors
	releases       *memo.Map[Source, Releases]
	found          *memo.Map[foundKey, Revision]
	packages       *memo.Map[pkgKey, *pkg]
	lockedDemands  *memo.Map[lockedWords, lockedDemand]
	ranges         *memo.Map[string, Range]
	demands        *memo.Map[string, *demand] // by what manifests write
}

type foundKey struct {
	src  Source
	name string
}

func newSolver(p Problem) (*solver, error) {
	origin, err := Excluding(p.Origin, p.Exclude)
	if err != nil {
		return nil, err
	}
	s := &solver{nodes: new(nodes), p: p, origin: origin, replace: newReplacements(p.Replace), locked: make(map[node]*Locked, len(p.Locked)), lockedKind: make(map[Source]string, len(p.Locked)),
		lockedVersions: map[Source][]string{}, heldVersions: map[Source][]string{}, releases: new(memo.Map[Source, Releases]), found: new(memo.Map[foundKey, Revision]), packages: new(memo.Map[pkgKey, *pkg]),
		lockedDemands: new(memo.Map[lockedWords, lockedDemand]), ranges: new(memo.Map[string, Range]), demands: new(memo.Map[string, *demand])}
	for i := range p.Locked {
		l := &p.Locked[i]
		s.lockedKind[l.Source] = l.Kind
		if s.excluded(l.Source, l.Version) {
			continue
		}
		s.locked[s.node(l.Source, l.Version)] = l
		if l.Version != "" {
			s.lockedVersions[l.Source] = append(s.lockedVersions[l.Source], l.Version)
		}
	}
	for src, versions := range s.lockedVersions {
		s.heldVersions[src] = slices.Clone(versions)
	}
	for _, f := range p.Floors {
		s.heldVersions[f.Source] = append(s.heldVersions[f.Source], f.Version)
	}
	return s, nil
}

func (s *solver) excluded(src Source, version string) bool {
	e, ok := s.origin.(*excluding)
	return ok && e.excluded(src, version)
}

// Releases asks once for each source. With Find and Fetch it makes the solver an [Origin].
func (s *solver) Releases(ctx context.Context, src Source) (Releases, error) {
	return s.releases.Get(src, func() (Releases, error) { return s.origin.Releases(ctx, src) })
}

// Find asks once for each name.
func (s *solver) Find(ctx context.Context, src Source, name string) (Revision, error) {
	return s.found.Get(foundKey{src, name}, func() (Revision, error) { return s.origin.Find(ctx, src, name) })
}

// Fetch is the origin's; packages remember its results.
func (s *solver) Fetch(ctx context.Context, src Source, rev Revision) (Tree, error) {
	return s.origin.Fetch(ctx, src, rev)
}

func (s *solver) find(ctx context.Context, src Source, name string) (Revision, error) {
	return find(ctx, s, src, name)
}

// solve tries with every floor that the lock gives, then with ever fewer.
func (s *solver) solve(ctx context.Context, root []Requirement) (*attempt, error) {
	floors, before := s.floors()
	for {
		n := len(s.p.Locked) // a good guess at how many versions there will be
		a := &attempt{solver: s, floors: floors, graph: mvs.New[node, lineKey](order{}, rootNode), kinds: make(map[Source]string, n), names: make(map[Source]Source, n), folders: map[string]node{}}
		err := a.run(ctx, root)
		var drop []lineKey
		if err == nil {
			c := a.check()
			if c == nil {
				return a, nil
			}
			drop, err = a.inTheWay(c), c
		}
		if len(drop) == 0 {
			return nil, err
		}
		for _, key := range drop {
			if v, ok := before[key]; ok {
				floors[key] = v
				delete(before, key)
			} else {
				delete(floors, key)
			}
		}
	}
}

// floors are where an attempt starts, and what the lock holds where the problem asks for more.
func (s *solver) floors() (floors, before map[lineKey]string) {
	floors, before = map[lineKey]string{}, map[lineKey]string{}
	for src, versions := range s.lockedVersions {
		for _, v := range versions {
			key := s.line(src, v)
			floors[key] = higher(floors[key], v)
		}
	}
	for _, f := range s.p.Floors {
		key := s.line(f.Source, f.Version)
		if v, ok := floors[key]; ok && v != f.Version {
			before[key] = v
		}
		floors[key] = f.Version
	}
	return floors, before
}
