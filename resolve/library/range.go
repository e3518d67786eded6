package library

import (
	"slices"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

// Range is a set of versions, written in npm's range syntax. It is immutable.
type Range struct {
	text string
	sets [][]comparator // a version must satisfy all comparators of at least one set
}

// comparator is one bound. at nil means any version.
type comparator struct {
	op string // "", ">", ">=", "<", "<="; "" is equality
	at *version
}

var anyVersion = comparator{}

// none is satisfied by no version: what npm writes as "<0.0.0-0".
func none() comparator { return comparator{"<", &version{pre: []ident{{numeric: true, text: "0"}}}} }

type parsed struct {
	r   *Range
	err error
}

var ranges sync.Map // string to parsed

// ParseRange parses a range with npm's own semantics: those of the semver package in the loose mode that npm uses for
// dependencies. Parts that are no comparators are ignored as npm ignores them; what has no valid part at all is an error
// (npm takes it for a dist-tag).
func ParseRange(s string) (*Range, error) {
	if p, ok := ranges.Load(s); ok {
		return p.(parsed).r, p.(parsed).err
	}
	r, ok := parseRange(s)
	var err error
	if !ok {
		r, err = nil, &report.Error{Kind: report.Usage, What: "no npm version range: " + s, Next: `write a range such as "^1.2.0" or ">=1.4 <3"`}
	}
	ranges.Store(s, parsed{r, err})
	return r, err
}

// String is the range as it was written.
func (r *Range) String() string { return r.text }

// Allows reports whether version is in the range. Prereleases are only if a bound of the range that has a prerelease
// names the same major, minor and patch.
func (r *Range) Allows(version string) bool {
	v := parseVersion(version)
	return v != nil && r.allows(v)
}

func (r *Range) allows(v *version) bool {
	return slices.ContainsFunc(r.sets, func(set []comparator) bool { return allowsAll(set, v) })
}

func allowsAll(set []comparator, v *version) bool {
	named := len(v.pre) == 0
	for _, c := range set {
		if !c.allows(v) {
			return false
		}
		named = named || c.at != nil && len(c.at.pre) > 0 && c.at.sameTriple(v)
	}
	return named
}

func (c comparator) allows(v *version) bool {
	if c.at == nil {
		return true
	}
	d := v.compare(c.at)
	switch c.op {
	case ">":
		return d > 0
	case ">=":
		return d >= 0
	case "<":
		return d < 0
	case "<=":
		return d <= 0
	}
	return d == 0
}

// MaxSatisfying is the highest of versions that is in the range, "" if none is.
func (r *Range) MaxSatisfying(versions []string) string {
	best := ""
	for _, v := range versions {
		if r.Allows(v) && (best == "" || Compare(v, best) > 0) {
			best = v
		}
	}
	return best
}

var (
	spaces    = lazyregexp.New(`[\s\x{00a0}\x{feff}]+`)
	tildeGap  = lazyregexp.New(`(\s*)~>?\s+`)
	caretGap  = lazyregexp.New(`(\s*)\^\s+`)
	buildPart = lazyregexp.New(`\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`)
	star      = lazyregexp.New(`(<|>)?=?\s*\*`)
)

// operatorGap is an operator and the version that belongs to it, with the space between them.
var operatorGap = lazyregexp.New(`(\s*)((?:<|>)?=?)\s*([v=\s]*(?:\d{1,256}|x|X|\*)(?:\.(?:\d{1,256}|x|X|\*)(?:\.(?:\d{1,256}|x|X|\*)(?:-?[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?)?)?)`)

func parseRange(s string) (*Range, bool) {
	r := &Range{text: s}
	s = spaces.ReplaceAllString(strings.TrimFunc(s, isSpace), " ")
	for part := range strings.SplitSeq(s, "||") {
		set, ok := parseSet(buildPart.ReplaceAllString(strings.TrimSpace(part), ""))
		if !ok {
			return nil, false
		}
		if len(set) > 0 {
			r.sets = append(r.sets, set)
		}
	}
	r.simplify()
	return r, len(r.sets) > 0
}

// simplify does to alternatives what npm does, which matters for prereleases: beside an alternative that is any version,
// the others do not count.
func (r *Range) simplify() {
	if len(r.sets) < 2 {
		return
	}
	if i := slices.IndexFunc(r.sets, func(set []comparator) bool { return len(set) == 1 && set[0].at == nil }); i >= 0 {
		r.sets = r.sets[i : i+1]
	}
}

// parseSet parses what stands between two "||". ok is false for a number that npm refuses.
func parseSet(s string) (set []comparator, ok bool) {
	if from, to, found := strings.Cut(s, " - "); found {
		if a, okA := scanPartial(from); okA && from != "" {
			if b, okB := scanPartial(to); okB && to != "" {
				return hyphen(a, b)
			}
		}
	}
	s = operatorGap.ReplaceAllString(s, "$1$2$3")
	s = tildeGap.ReplaceAllString(s, "$1~")
	s = caretGap.ReplaceAllString(s, "$1^")
	for word := range strings.SplitSeq(s, " ") {
		cs, ok := parseComparator(word)
		if !ok {
			return nil, false
		}
		set = append(set, cs...)
	}
	return tidy(set), true
}

// tidy leaves only the empty bound where there is one, and no "any" beside a real bound.
func tidy(set []comparator) []comparator {
	for _, c := range set {
		if c.op == "<" && c.at.compare(none().at) == 0 {
			return []comparator{c}
		}
	}
	if len(set) > 1 {
		set = slices.DeleteFunc(set, func(c comparator) bool { return c.at == nil })
		if len(set) == 0 {
			set = []comparator{anyVersion}
		}
	}
	return set
}

// parseComparator desugars one word. A word that npm drops yields nothing.
func parseComparator(word string) (cs []comparator, ok bool) {
	switch {
	case strings.HasPrefix(word, "^"):
		if p, ok := scanPartial(word[1:]); ok && word != "^" {
			return caret(p)
		}
	case strings.HasPrefix(word, "~"):
		if p, ok := scanPartial(strings.TrimPrefix(word[1:], ">")); ok {
			return tilde(p)
		}
	default:
		op, rest := operator(word)
		if p, ok := scanPartial(rest); ok && p.ordered() {
			return xrange(op, p)
		}
	}
	if loc := star.FindStringIndex(word); loc != nil {
		word = word[:loc[0]] + word[loc[1]:]
	}
	if word == "" {
		return []comparator{anyVersion}, true
	}
	return nil, true
}

func operator(s string) (op, rest string) {
	for _, op := range []string{">=", "<=", ">", "<", "="} {
		if rest, found := strings.CutPrefix(s, op); found {
			return op, rest
		}
	}
	return "", s
}
