package resolve

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"
)

// order makes nodes the versions of package mvs.
type order struct{}

func (order) Line(n node) lineKey { return n.line }

func (order) Number(n node) int { return n.place }

func (order) LineNumber(l lineKey) int { return l.place }

func (order) Compare(a, b node) int {
	if a == b {
		return 0
	}
	return compareVersions(a.src, a.version, b.src, b.version)
}

// compareVersions orders by source, then by version.
func compareVersions(a Source, v string, b Source, w string) int {
	if by := compareSources(a, b); by != 0 || v == w {
		return by
	}
	return cmp.Or(semver.Compare(v, w), strings.Compare(v, w))
}

func compareSources(a, b Source) int {
	if a.Kind != b.Kind {
		return strings.Compare(string(a.Kind), string(b.Kind))
	}
	if a.Path != b.Path {
		return strings.Compare(a.Path, b.Path)
	}
	return strings.Compare(a.Dir, b.Dir)
}

// edge is a requirement and what it contributes to minimal version selection.
type edge struct {
	need    *need
	to      node
	rev     *Revision // of to, where more of it is known than the version
	rng     Range     // what is checked at the end: the requirement's range or its replacement's
	replace *Replace

	selected node // of to's line, nil before that is settled
}

// allows reports whether the edge accepts a version of to's line.
func (e *edge) allows(version string) bool {
	if e.to.src.Kind == File {
		return true
	}
	if ref := e.rng.Ref(); ref != "" && hexCommit.MatchString(ref) {
		return version == e.to.version
	}
	return e.rng.Allows(version)
}

// soft is true of requirements that leave the version to others: those without a lower bound, and branches, which move.
func soft(r Range) bool {
	if r.Ref() != "" {
		return !hexCommit.MatchString(r.Ref())
	}
	return !r.Bounded()
}

// choose finds what a requirement contributes: the version that conduit.toml asks for where the requirement is soft, else
// the locked version where it still holds, else the minimum of its range. It fills e and returns it.
func (a *attempt) choose(ctx context.Context, n *need, e *edge) (*edge, error) {
	target, rep, err := a.replace.apply(n.src)
	if err != nil {
		return nil, err
	}
	locked := n.locked
	*e = edge{need: n, rng: n.rng, replace: rep}
	if rep != nil && rep.Range.String() != "" {
		e.rng = rep.Range
	}
	if target.Kind == File {
		e.to = a.node(target, "")
		return e, nil
	}
	if soft(e.rng) {
		for _, v := range slices.Backward(a.asked[target]) {
			if e.rng.Allows(v) {
				e.to = a.node(target, v)
				return e, nil
			}
		}
	}
	if locked == "" && soft(e.rng) && e.rng.Ref() == "" {
		locked = a.highestLocked(target, e.rng)
	}
	if locked != "" {
		// What leaves the version to others follows its line up, and does not start a second one.
		e.to = a.node(target, locked)
		floor := a.floors[e.to.line]
		if floor != "" && (floor == locked && a.stillMeans(target, locked, e.rng) || e.rng.Ref() == "" && soft(e.rng) && e.rng.Allows(floor)) {
			if floor != locked {
				e.to = a.node(target, floor)
			}
			return e, nil
		}
	}
	minimum := n.minimum
	if rep != nil {
		minimum = func(ctx context.Context, s *solver) (chosen, error) { return s.least(ctx, target, e.rng) }
	}
	least, err := minimum(ctx, a.solver)
	if err != nil {
		return nil, err
	}
	e.to, e.rev = least.node, least.rev
	a.raise(e)
	return e, nil
}

// chosen is a version, with what is known of it besides.
type chosen struct {
	node node
	rev  *Revision // nil for nothing
}

// least is the minimum as a node.
func (s *solver) least(ctx context.Context, src Source, rng Range) (chosen, error) {
	rev, err := s.minimum(ctx, src, rng)
	if err != nil {
		return chosen{}, err
	}
	c := chosen{node: s.node(src, rev.Version)}
	if rev != (Revision{Version: rev.Version}) {
		c.rev = &rev
	}
	return c, nil
}

// stillMeans reports whether a locked version answers the range. What a branch meant when the lock was made, it means
// until somebody updates it.
func (s *solver) stillMeans(src Source, locked string, rng Range) bool {
	if ref := rng.Ref(); ref != "" && hexCommit.MatchString(ref) {
		l := s.locked[s.node(src, locked)]
		return l != nil && strings.HasPrefix(l.Commit, ref)
	}
	return rng.Allows(locked)
}

// minimum is what the range means without a lock: the lowest published version inside it, or what is newest now where it
// has no lower bound.
func (s *solver) minimum(ctx context.Context, src Source, rng Range) (Revision, error) {
	if ref := rng.Ref(); ref != "" {
		return s.find(ctx, src, ref)
	}
	exact := rng.Exact()
	if isPseudo(exact) && !s.excluded(src, exact) {
		return Revision{Version: exact}, nil
	}
	rels, err := s.Releases(ctx, src)
	if err != nil {
		return Revision{}, err
	}
	if s.excluded(src, exact) {
		return Revision{}, excludedError(src, exact, exact)
	}
	if !rng.Bounded() {
		return newest(ctx, s, src, rng, rels, s.held(src, rng))
	}
	if v, err := s.lowest(ctx, src, rng, rels); v != "" || err != nil {
		return Revision{Version: v}, err
	}
	return Revision{}, noVersion(src, rng.String(), rels)
}

// lowest is the lowest release in the range that is old enough, "" if nothing is in it. What the range or conduit.toml writes in full, or
// the lock holds, is as old as it need be.
func (s *solver) lowest(ctx context.Context, src Source, rng Range, rels Releases) (string, error) {
	settled := settledOf(s)
	left := rels.Versions
	var over []*young
	for {
		v := rng.Minimum(left)
		switch {
		case v == "" && len(over) > 0:
			return over[0].version, settled.only(ctx, src, over[0])
		case v == "" || settled == nil || rng.names(v) || s.wanted(src, v):
			settled.passed(ctx, src, over, v)
			return v, nil
		}
		y, err := settled.look(ctx, src, v, time.Time{})
		if err != nil {
			return "", err
		}
		if y == nil {
			settled.passed(ctx, src, over, v)
			return v, nil
		}
		over = append(over, y)
		left = left[slices.Index(left, v)+1:]
	}
}

// wanted reports whether the lock holds the version, or conduit.toml writes it in full.
func (s *solver) wanted(src Source, version string) bool {
	return slices.Contains(s.heldVersions[src], version) || slices.ContainsFunc(s.p.Root, func(r Requirement) bool {
		return r.Source == src && r.Range.names(version)
	}) || slices.ContainsFunc(s.p.Replace, func(r Replace) bool { return r.New == src && r.Range.names(version) })
}

// held is the highest version of src in the lock that the range allows.
func (s *solver) held(src Source, rng Range) string {
	best := ""
	for _, v := range s.heldVersions[src] {
		if rng.Allows(v) {
			best = higher(best, v)
		}
	}
	return best
}

// highestLocked is the highest locked version of src that the range allows and that is still in force.
func (a *attempt) highestLocked(src Source, rng Range) string {
	best := ""
	for _, v := range a.heldVersions[src] {
		if a.floors[a.line(src, v)] == v && rng.Allows(v) {
			best = higher(best, v)
		}
	}
	return best
}
