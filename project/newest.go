package project

import (
	"context"
	"slices"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/resolve"
)

// Level bounds how far an update goes.
type Level string

// The levels. Without one, an update goes to the highest version that the ranges allow.
const (
	Highest Level = ""
	Patch   Level = "patch" // the same major and minor version
	Minor   Level = "minor" // the same major version
	Major   Level = "major" // any release: ranges of conduit.toml that do not allow it are rewritten
)

// within reports whether going from one version to another stays within the level.
func (l Level) within(from, to string) bool {
	switch {
	case from == "" || module.IsPseudoVersion(from):
		return true
	case l == Patch:
		return semver.MajorMinor(from) == semver.MajorMinor(to)
	case l == Minor:
		return semver.Major(from) == semver.Major(to)
	}
	return true
}

// demand is what bears on the version of one selected module.
type demand struct {
	source resolve.Source
	locked string          // its version now
	ranges []resolve.Range // what everybody who requires it asks for
	line   string          // versions of other lines do not count; "" for any line
}

// pinned is true where a range names one version or commit, which nothing but an edit of conduit.toml moves.
func (d demand) pinned() bool {
	return slices.ContainsFunc(d.ranges, func(r resolve.Range) bool {
		return r.Exact() != "" || commit(r)
	})
}

// commit is true for ranges that name a commit.
func commit(r resolve.Range) bool {
	ref := r.Ref()
	for _, c := range ref {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return len(ref) >= 7
}

// loose is true where every range leaves the version to what is newest: there is no lower bound, or a branch is named.
func (d demand) loose() bool {
	return !slices.ContainsFunc(d.ranges, func(r resolve.Range) bool { return r.Ref() == "" && r.Bounded() })
}

// highest is the highest version that all ranges allow and the level permits, d.locked if there is none above it. For a
// loose demand it is what the source has now, which may be lower.
func (d demand) highest(ctx context.Context, origin resolve.Origin, level Level) (string, error) {
	if d.source.Kind == resolve.File || d.pinned() {
		return d.locked, nil
	}
	if d.loose() {
		v, err := newest(ctx, origin, d.source, d.branch(), d.locked)
		if err != nil || !level.within(d.locked, v) {
			return d.locked, err
		}
		return v, nil
	}
	releases, err := origin.Releases(ctx, d.source)
	if err != nil {
		return "", err
	}
	v, err := resolve.Highest(ctx, origin, d.source, d.locked, func(v string) bool {
		_, deprecated := releases.Deprecated[v]
		return v == d.locked || semver.Compare(v, d.locked) > 0 && !deprecated && d.allows(v) && level.within(d.locked, v)
	})
	if v == "" {
		v = d.locked
	}
	return v, err
}

// branch is the branch that the ranges name, "" for none.
func (d demand) branch() string {
	for _, r := range d.ranges {
		if r.Ref() != "" {
			return r.Ref()
		}
	}
	return ""
}

func (d demand) allows(v string) bool {
	if d.line != "" && resolve.Line(v) != d.line {
		return false
	}
	return !slices.ContainsFunc(d.ranges, func(r resolve.Range) bool {
		return !r.Allows(v) || r.Any() && semver.Prerelease(v) != ""
	})
}

// newest is what a source has now: the head of the branch if one is named, else the highest release, else the default
// branch's head. current is what the project uses, see [resolve.Highest].
func newest(ctx context.Context, origin resolve.Origin, src resolve.Source, branch, current string) (string, error) {
	query, err := resolve.ParseQuery(branch)
	if err != nil {
		return "", err
	}
	rev, _, err := resolve.Lookup(ctx, origin, src, query, current)
	return rev.Version, err
}

// demands lists what bears on each module of a graph that conduit.toml does not require itself, and on each requirement
// of conduit.toml, by its index. A replacement that names a range puts it in place of everybody's.
func demands(g *resolve.Graph, replace []resolve.Replace) (root []demand, modules []demand) {
	effective := func(l resolve.Link) resolve.Range {
		for _, r := range replace {
			if r.Old.Fold() == l.Source.Fold() && r.Range.String() != "" {
				return r.Range
			}
		}
		return l.Range
	}
	ranges := map[string][]resolve.Range{}
	required := map[string]bool{}
	key := func(src resolve.Source, version string) string { return src.String() + "@" + version }
	for _, m := range g.Modules {
		for _, l := range m.Requires {
			ranges[key(l.Target, l.Version)] = append(ranges[key(l.Target, l.Version)], effective(l))
		}
	}
	for _, l := range g.Root {
		required[key(l.Target, l.Version)] = true
		d := demand{source: l.Target, locked: l.Version, ranges: []resolve.Range{effective(l)}}
		// What others require of the same module binds it to its line; alone, it may cross to another one.
		if others := ranges[key(l.Target, l.Version)]; len(others) > 0 {
			d.ranges, d.line = append(d.ranges, others...), resolve.Line(l.Version)
		}
		root = append(root, d)
	}
	for _, m := range g.Modules {
		if k := key(m.Source, m.Version); !required[k] {
			modules = append(modules, demand{source: m.Source, locked: m.Version, ranges: ranges[k], line: resolve.Line(m.Version)})
		}
	}
	return root, modules
}
