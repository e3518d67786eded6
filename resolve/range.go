package resolve

import (
	"strings"
	"sync"

	mm "github.com/Masterminds/semver/v3"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// Range is the set of versions that a requirement accepts. The zero Range accepts every version. Its text keeps the
// spelling it was read from. Ranges are parsed as github.com/Masterminds/semver does.
//
// A range may also name a branch, a tag or a commit: see [Range.Ref].
type Range struct{ parsed *parsedRange } // one word, since graphs hold tens of thousands; nil accepts every version

type parsedRange struct {
	text    string
	set     *mm.Constraints // nil where exact or ref is set, and for ranges that accept everything
	any     *mm.Constraints // set with prereleases included, for pseudo-versions
	exact   string          // canonical version, where only that is accepted
	ref     string
	bounded bool

	// verdicts remembers what Allows said of versions: in a large graph few ranges meet few versions very often, and
	// comparing takes longer than all the rest of solving.
	verdicts *sync.Map
}

var (
	operator = lazyregexp.New(`^(=>|=<|>=|<=|!=|~>|[=<>~^])`)
	// A comparator of a range: an operator and a version whose parts may be missing or wild.
	comparator = lazyregexp.New(`(=>|=<|>=|<=|!=|~>|[=<>~^]|)\s*v?([0-9]+|[xX*])[^\s,]*`)
	hyphen     = lazyregexp.New(`\s-\s`)
	versionish = lazyregexp.New(`^v?[0-9]+(\.|$)|^v?[0-9]+-`)
	wildcard   = lazyregexp.New(`^v?[xX*](\.[xX*]){0,2}$`)
	hexCommit  = lazyregexp.New(`^[0-9a-f]{7,64}$`)
)

// ParseRange reads a range as conduit.toml and manifests write it: "^1.2", ">=1.4 <3", "1.x || 2.x", "1.2 - 1.4",
// "v1.2.3", "latest", "*" or "". A text that cannot be a range but can be the name of a branch, a tag or a commit is one.
// Errors are of kind Usage.
func ParseRange(s string) (Range, error) {
	text := strings.TrimSpace(s)
	p := &parsedRange{text: text}
	r := Range{p}
	if text == "" || text == "latest" || wildcard.MatchString(text) {
		return r, nil
	}
	if v := strings.TrimPrefix(text, "="); looksLikeVersion(strings.TrimSpace(v)) {
		v = strings.TrimSpace(v)
		if full := canonical(v); full != "" && strings.Count(strings.SplitN(v, "-", 2)[0], ".") == 2 {
			p.exact, p.bounded = full, true
			return r, nil
		}
	}
	if !looksLikeRange(text) {
		if err := checkRef(text); err != nil {
			return Range{}, err
		}
		p.ref = text
		return r, nil
	}
	set, err := mm.NewConstraint(text)
	if err != nil && !strings.ContainsAny(text, rangeSigns) && checkRef(text) == nil {
		p.ref = text // a tag such as 1.2.3.4
		return r, nil
	}
	if err != nil {
		return Range{}, badRange(text)
	}
	including := *set
	including.IncludePrerelease = true
	p.set, p.any, p.bounded, p.verdicts = set, &including, hasLowerBound(text), new(sync.Map)
	return r, nil
}

func badRange(text string) error {
	return usage("malformed range "+quote(text), "a range is written like ^1.2, ~2.1, >=1.4 <3, 1.x || 2.x or v1.2.3",
		`write a range such as "^1.2", or leave it out for any version`)
}

// looksLikeVersion is also true for commits of digits only, such as 1234567, unless they have at least 7 digits.
func looksLikeVersion(s string) bool { return versionish.MatchString(s) && !hexCommit.MatchString(s) }

const rangeSigns = " \t,|*^~<>=!"

// looksLikeRange tells ranges from names: names of branches hold neither blanks nor operators.
func looksLikeRange(s string) bool {
	return operator.MatchString(s) || looksLikeVersion(s) || strings.ContainsAny(s, rangeSigns)
}

// hasLowerBound is false where some alternative of the range accepts versions however low.
func hasLowerBound(text string) bool {
	for alt := range strings.SplitSeq(text, "||") {
		if hyphen.MatchString(alt) {
			continue
		}
		bound := false
		for _, m := range comparator.FindAllStringSubmatch(alt, -1) {
			switch m[1] {
			case "<", "<=", "=<", "!=":
			default:
				bound = bound || !strings.ContainsAny(m[2], "xX*")
			}
		}
		if !bound {
			return false
		}
	}
	return true
}

var everything parsedRange

func (r Range) get() *parsedRange {
	if r.parsed == nil {
		return &everything
	}
	return r.parsed
}

// String is the range as it was written.
func (r Range) String() string { return r.get().text }

// Any reports whether the range accepts every version.
func (r Range) Any() bool {
	p := r.get()
	return p.set == nil && p.exact == "" && p.ref == ""
}

// Exact is the only version that the range accepts, canonical; "" if it accepts more than one.
func (r Range) Exact() string { return r.get().exact }

// Ref is the branch, tag or commit that the range names, "" if it names versions.
func (r Range) Ref() string { return r.get().ref }

// Bounded reports whether the range has a lower bound. What a range without one contributes to minimal version selection
// is decided when the lock is made.
func (r Range) Bounded() bool { return r.get().bounded }

// Allows reports whether the range accepts a canonical version. Prereleases are accepted only where the range names one;
// pseudo-versions, which are prereleases in form only, by their place in the order. A Ref accepts every version, since
// only its source knows which one it means; so does a range that accepts everything.
func (r Range) Allows(version string) bool {
	p := r.get()
	switch {
	case p.exact != "":
		return semver.Compare(p.exact, version) == 0
	case p.set == nil:
		return true
	}
	if verdict, ok := p.verdicts.Load(version); ok {
		return verdict.(bool)
	}
	verdict := p.check(version)
	p.verdicts.Store(version, verdict)
	return verdict
}

func (p *parsedRange) check(version string) bool {
	v, err := mm.NewVersion(version)
	if err != nil {
		return false
	}
	if isPrerelease(version) && isPseudo(version) {
		return p.any.Check(v)
	}
	return p.set.Check(v)
}

// Minimum is the lowest of the releases, canonical and ascending, that the range accepts; "" if there is none. An exact
// pseudo-version is its own minimum, since it is published by its commit alone.
func (r Range) Minimum(releases []string) string {
	if exact := r.Exact(); exact != "" && isPseudo(exact) {
		return exact
	}
	for _, v := range releases {
		if r.Allows(v) && (!r.Any() || !isPrerelease(v)) {
			return v
		}
	}
	return ""
}
