package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"golang.org/x/mod/semver"
)

// Lookup finds the version that a query means now, and the range that "get" writes for it: a caret range on a release
// ("^1.2.3"), or exactly the pseudo-version of a branch or commit. current is the version that the project uses, "" if it
// does not; upgrade and patch do not go below it, and where origin is [Settled] it is never too young. A folder has no version: the Revision is empty
// and so is the range. A query of kind QueryNone is the caller's business; Lookup refuses it.
//
// Where nothing matches, the error is of kind Failure and says what the source has instead. Versions that the project
// excludes are not there for an origin from [Excluding].
func Lookup(ctx context.Context, origin Origin, src Source, q Query, current string) (rev Revision, write string, err error) {
	if q.Kind == QueryNone {
		return Revision{}, "", usage("nothing to look up for "+src.String()+"@none", "@none removes a requirement", "conduit remove "+src.String())
	}
	if src.Kind == File {
		if q.Text != "" {
			return Revision{}, "", usage("a folder has no version "+quote(q.Text), "the content of "+src.String()+" is hashed when the lock is made", "conduit get "+src.String())
		}
		return Revision{}, "", nil
	}
	if rev, err = lookup(ctx, origin, src, q, current); err != nil {
		return Revision{}, "", err
	}
	return rev, rangeFor(rev.Version), nil
}

// rangeFor is the range that has version as its minimum.
func rangeFor(version string) string {
	if isPseudo(version) {
		return version
	}
	return "^" + strings.TrimPrefix(version, "v")
}

func lookup(ctx context.Context, origin Origin, src Source, q Query, current string) (Revision, error) {
	if q.Kind == QueryRef {
		return find(ctx, origin, src, q.Text)
	}
	if q.Kind == QueryVersion && isPseudo(q.rng.Exact()) {
		return Revision{Version: q.rng.Exact()}, nil
	}
	rels, err := origin.Releases(ctx, src)
	if err != nil {
		return Revision{}, err
	}
	switch q.Kind {
	case QueryPatch:
		if current == "" {
			break
		}
		same := func(v string) bool { return semver.MajorMinor(v) == semver.MajorMinor(current) && !isPrerelease(v) }
		v, err := highest(ctx, origin, src, rels, current, same)
		return Revision{Version: higher(current, v)}, err
	case QueryVersion, QueryPrefix, QueryRange:
		if e, ok := origin.(*excluding); ok && e.excluded(src, q.rng.Exact()) {
			return Revision{}, excludedError(src, q.rng.Exact(), q.rng.Exact())
		}
		if q.Kind == QueryVersion {
			if v := rels.highest(q.rng.Allows); v != "" {
				return Revision{Version: v}, nil
			}
		}
		if v, err := highest(ctx, origin, src, rels, current, q.rng.Allows); v != "" || err != nil {
			return Revision{Version: v}, err
		}
		if slices.Contains(rels.Tags, q.Text) || slices.Contains(rels.Branches, q.Text) {
			return find(ctx, origin, src, q.Text)
		}
		return Revision{}, noVersion(src, q.Text, rels)
	}
	rev, err := newest(ctx, origin, src, Range{}, rels, current)
	if err == nil && q.Kind == QueryUpgrade && higher(current, rev.Version) != rev.Version {
		return Revision{Version: current}, nil
	}
	return rev, err
}

func higher(a, b string) string {
	if b == "" || a != "" && semver.Compare(a, b) > 0 {
		return a
	}
	return b
}

// highest is the highest version that is accepted; a deprecated one only where no other is.
func (r Releases) highest(accept func(string) bool) string {
	fallback := ""
	for _, v := range slices.Backward(r.Versions) {
		if !accept(v) {
			continue
		}
		if _, deprecated := r.Deprecated[v]; !deprecated {
			return v
		}
		if fallback == "" {
			fallback = v
		}
	}
	return fallback
}

// newest is what a range without a lower bound means now: npm's dist-tag latest, the highest release, or the head of the
// default branch. current is what the project uses, "" for nothing, see [Highest].
func newest(ctx context.Context, origin Origin, src Source, rng Range, rels Releases, current string) (Revision, error) {
	s := settledOf(origin)
	accept := rng.Allows
	if rng.Any() {
		accept = func(v string) bool { return !isPrerelease(v) }
	}
	if src.Kind == NPM && rng.Any() {
		rev, err := origin.Find(ctx, src, "HEAD")
		if err == nil && slices.Contains(rels.Versions, rev.Version) {
			y, err := s.look(ctx, src, rev.Version, rev.Time)
			if y == nil || err != nil || rev.Version == current {
				return rev, err
			}
			// As npm has it for a tag whose version is too young: the highest release up to that one.
			accept = func(v string) bool { return v == rev.Version || !isPrerelease(v) && semver.Compare(v, rev.Version) < 0 }
		} else if err != nil && !errors.Is(err, ErrNoSuchRevision) {
			return Revision{}, err
		}
	}
	if v, err := highest(ctx, origin, src, rels, current, accept); v != "" || err != nil {
		return Revision{Version: v}, err
	}
	if !rng.Any() || src.Kind == NPM {
		return Revision{}, noVersion(src, rng.String(), rels)
	}
	rev, err := find(ctx, origin, src, "HEAD")
	if err != nil || rev.Version == current {
		return rev, err
	}
	y, err := s.look(ctx, src, rev.Version, rev.Time)
	switch {
	case y == nil || err != nil:
		return rev, err
	case current != "":
		s.passed(ctx, src, []*young{y}, current)
		return Revision{Version: current}, nil
	}
	return rev, s.only(ctx, src, y)
}

// find is Origin.Find with an error that lists what the source has instead.
func find(ctx context.Context, origin Origin, src Source, name string) (Revision, error) {
	rev, err := origin.Find(ctx, src, name)
	if err == nil || !errors.Is(err, ErrNoSuchRevision) {
		return rev, err
	}
	rels, relErr := origin.Releases(ctx, src)
	if relErr != nil {
		return Revision{}, relErr
	}
	e := &report.Error{Kind: report.Failure, Err: err, Why: rels.describe(src), Next: rels.remedy(src)}
	switch {
	case name == "HEAD":
		e.What = fmt.Sprintf("%s has neither a version nor a default branch", src)
	case src.Kind == NPM:
		e.What = fmt.Sprintf("%s has no version or dist-tag %s", src, quote(name))
	default:
		e.What = fmt.Sprintf("%s has no branch, tag or commit %s", src, quote(name))
	}
	return Revision{}, e
}

// noVersion is the error where no release of src matches; its remedy is one that does exist, typed in full.
func noVersion(src Source, wanted string, rels Releases) *report.Error {
	what := fmt.Sprintf("no version of %s matches %s", src, wanted)
	if wanted == "" {
		what = fmt.Sprintf("%s has no version", src)
	}
	return &report.Error{Kind: report.Failure, What: what, Why: rels.describe(src), Next: rels.remedy(src)}
}

// describe says in one sentence what there is.
func (r Releases) describe(src Source) string {
	if len(r.Versions) > 0 {
		return "it has " + shorten(slices.Backward(r.Versions))
	}
	switch {
	case src.Kind == NPM && len(r.Tags) > 0:
		return "it has no versions; its dist-tags are " + shorten(slices.All(r.Tags))
	case src.Kind == NPM:
		return "it has no versions"
	case len(r.Branches) == 0:
		return "the repository has no version tags and no branches"
	}
	tags := ""
	if src.Dir != "" {
		tags = " beginning with " + src.Dir + "/"
	}
	text := "the repository has no version tags" + tags + "; its branches are " + shorten(slices.All(r.Branches))
	if len(r.Tags) > 0 {
		text += ", its other tags " + shorten(slices.All(r.Tags))
	}
	return text
}

func shorten(names func(yield func(int, string) bool)) string {
	const most = 8
	var list []string
	n := 0
	for _, name := range names {
		if n++; n <= most {
			list = append(list, name)
		}
	}
	text := strings.Join(list, ", ")
	if n > most {
		text += fmt.Sprintf(" and %d more", n-most)
	}
	return text
}

// any is a query that the source can answer, "" if there is none.
func (r Releases) any() string {
	if v := r.highest(func(v string) bool { return !isPrerelease(v) }); v != "" {
		return v
	}
	if v := r.highest(func(string) bool { return true }); v != "" {
		return v
	}
	if len(r.Branches) > 0 {
		return r.Branches[0]
	}
	return ""
}

// nearest is the lowest release above version in its line, else a query that the source can answer.
func (r Releases) nearest(version string) string {
	for _, v := range r.Versions {
		if version != "" && Line(v) == Line(version) && semver.Compare(v, version) > 0 && !isPrerelease(v) {
			return v
		}
	}
	return r.any()
}

func (r Releases) remedy(src Source) string {
	if q := r.any(); q != "" {
		return "conduit get " + src.String() + "@" + q
	}
	return "publish a version of " + src.String() + ", or name another source"
}
