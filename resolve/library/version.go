package library

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// maxInteger is the highest number that npm's semver takes as a part of a version: JavaScript's Number.MAX_SAFE_INTEGER.
const maxInteger = 1<<53 - 1

// maxLength is the longest version that npm's semver takes.
const maxLength = 256

// version is a parsed version. The build part is dropped: it has no precedence.
type version struct {
	major, minor, patch uint64
	pre                 []ident
}

// ident is one dot-separated part of a prerelease.
type ident struct {
	num     uint64
	text    string
	numeric bool
}

// versions remembers parsed versions; the same few thousand strings are compared again and again.
var versions sync.Map // string to *version, nil where invalid

// parseVersion parses as npm does where it reads published versions, that is in semver's loose mode: leading "v" and "="
// and a prerelease without hyphen are accepted. It returns nil for anything else.
func parseVersion(s string) *version {
	if v, ok := versions.Load(s); ok {
		return v.(*version)
	}
	v := scanVersion(s)
	versions.Store(s, v)
	return v
}

func scanVersion(s string) *version {
	if len(s) > maxLength {
		return nil
	}
	p, ok := scanPartial(strings.TrimFunc(s, isSpace))
	if !ok || p.parts != 3 || p.anyX() {
		return nil
	}
	return p.version()
}

// partial is a version of which parts may be missing or wildcards.
type partial struct {
	num   [3]uint64
	x     [3]bool // a wildcard, or missing
	parts int     // 1 to 3: how many are written
	pre   []ident
	big   bool // a number is larger than npm takes
}

func (p partial) anyX() bool { return p.x[0] || p.x[1] || p.x[2] }

// ordered is false where a number follows a wildcard: "x.2" is no range.
func (p partial) ordered() bool { return !(p.x[0] && !p.x[1] || p.x[1] && !p.x[2]) }

// version is nil if p is not a whole version that npm takes.
func (p partial) version() *version {
	if p.anyX() || p.big {
		return nil
	}
	return &version{p.num[0], p.num[1], p.num[2], p.pre}
}

// scanPartial reads a whole string as a version with optional parts. Its grammar is the one of semver's loose mode.
func scanPartial(s string) (partial, bool) {
	p := partial{x: [3]bool{true, true, true}}
	s = strings.TrimLeftFunc(s, func(r rune) bool { return r == 'v' || r == '=' || isSpace(r) })
	for i := range 3 {
		if i > 0 {
			if s == "" {
				return p, true
			}
			if s[0] != '.' {
				return p, false
			}
			s = s[1:]
		}
		p.parts = i + 1
		switch {
		case s == "":
			return p, false
		case s[0] == 'x' || s[0] == 'X' || s[0] == '*':
			s = s[1:]
		default:
			n := digits(s)
			if n == 0 {
				return p, false
			}
			if i == 2 {
				return p.scanPatch(s, n)
			}
			p.set(i, s[:n])
			s = s[n:]
		}
	}
	ok := p.scanTail(s)
	return p, ok
}

func (p *partial) set(i int, s string) {
	n, err := strconv.ParseUint(s, 10, 64)
	p.num[i], p.x[i] = n, false
	if err != nil || n > maxInteger {
		p.big = true
	}
}

// scanPatch reads a patch number of up to n digits and what follows. As the hyphen before a prerelease is optional, the
// prerelease may begin among the digits: npm reads 1.2.34.5 as 1.2.3-4.5.
func (p partial) scanPatch(s string, n int) (partial, bool) {
	for ; n > 0; n-- {
		q := p
		q.set(2, s[:n])
		if q.scanTail(s[n:]) {
			return q, true
		}
	}
	return p, false
}

// scanTail reads prerelease and build.
func (p *partial) scanTail(s string) bool {
	s, build, hasBuild := strings.Cut(s, "+")
	if hasBuild {
		if _, ok := idents(build); !ok {
			return false
		}
	}
	if s == "" {
		return true
	}
	if s[0] == '-' {
		if pre, ok := idents(s[1:]); ok {
			p.pre = pre
			return true
		}
	}
	pre, ok := idents(s)
	p.pre = pre
	return ok
}

func idents(s string) ([]ident, bool) {
	var out []ident
	for part := range strings.SplitSeq(s, ".") {
		if part == "" {
			return nil, false
		}
		for i := range len(part) {
			c := part[i]
			if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
				return nil, false
			}
		}
		id := ident{text: part}
		if digits(part) == len(part) {
			// A number too large for npm to hold stays text there.
			if n, err := strconv.ParseUint(part, 10, 64); err == nil && n < maxInteger {
				id = ident{num: n, text: strconv.FormatUint(n, 10), numeric: true}
			}
		}
		out = append(out, id)
	}
	return out, true
}

func digits(s string) int {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

func isSpace(r rune) bool {
	return r == ' ' || r >= '\t' && r <= '\r' || r == '\u00a0' || r == '\ufeff'
}

func (v *version) compare(w *version) int {
	if c := cmp.Or(cmp.Compare(v.major, w.major), cmp.Compare(v.minor, w.minor), cmp.Compare(v.patch, w.patch)); c != 0 {
		return c
	}
	if len(v.pre) == 0 || len(w.pre) == 0 { // a release is above its prereleases
		return cmp.Compare(len(w.pre), len(v.pre))
	}
	return slices.CompareFunc(v.pre, w.pre, func(a, b ident) int {
		switch {
		case a.numeric && b.numeric:
			return cmp.Compare(a.num, b.num)
		case a.numeric:
			return -1
		case b.numeric:
			return 1
		}
		return cmp.Compare(a.text, b.text)
	})
}

func (v *version) sameTriple(w *version) bool {
	return v.major == w.major && v.minor == w.minor && v.patch == w.patch
}

// String is the canonical form, without build part.
func (v *version) String() string {
	b := make([]byte, 0, 24)
	b = strconv.AppendUint(b, v.major, 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, v.minor, 10)
	b = append(b, '.')
	b = strconv.AppendUint(b, v.patch, 10)
	for i, id := range v.pre {
		b = append(b, "-."[min(i, 1)])
		b = append(b, id.text...)
	}
	return string(b)
}

// Compare orders two npm versions by precedence. Invalid ones come before all valid ones, in the order of their bytes.
func Compare(a, b string) int {
	v, w := parseVersion(a), parseVersion(b)
	switch {
	case v == nil && w == nil:
		return strings.Compare(a, b)
	case v == nil:
		return -1
	case w == nil:
		return 1
	}
	return v.compare(w)
}

// Valid reports whether npm takes s for a version.
func Valid(s string) bool { return parseVersion(s) != nil }

// Clean is s without decoration ("v1.2.3" becomes "1.2.3"), or "" if it is no version.
func Clean(s string) string {
	if v := parseVersion(s); v != nil {
		return v.String()
	}
	return ""
}
