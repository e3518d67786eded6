package resolve_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"golang.org/x/mod/semver"
)

func TestLine(t *testing.T) {
	for version, want := range map[string]string{"v1.2.3": "v1", "v10.0.0-rc.1": "v10", "v0.3.1": "v0.3", "v0.0.4": "v0.0",
		"v0.0.0-20250630063824-35e56fabcdef": "v0.0", "v1.2.4-0.20250630063824-35e56fabcdef": "v1", "": "", "main": ""} {
		if got := resolve.Line(version); got != want {
			t.Errorf("%q: got %q, want %q", version, got, want)
		}
	}
}

func TestRange(t *testing.T) {
	releases := []string{"v0.1.0", "v0.2.3", "v1.0.0-rc.1", "v1.0.0", "v1.2.0", "v1.2.3", "v1.4.0", "v2.0.0-beta.1", "v2.0.0", "v2.1.0", "v3.0.0"}
	for _, test := range []struct {
		text, minimum, maximum string
		bounded                bool
	}{
		{"", "v0.1.0", "v3.0.0", false},
		{"*", "v0.1.0", "v3.0.0", false},
		{"x", "v0.1.0", "v3.0.0", false},
		{"latest", "v0.1.0", "v3.0.0", false},
		{"^1.2", "v1.2.0", "v1.4.0", true},
		{"^1.2.3", "v1.2.3", "v1.4.0", true},
		{"^0.2", "v0.2.3", "v0.2.3", true},
		{"~1.2", "v1.2.0", "v1.2.3", true},
		{"~>1.2.1", "v1.2.3", "v1.2.3", true},
		{"1.x", "v1.0.0", "v1.4.0", true},
		{"v1", "v1.0.0", "v1.4.0", true},
		{"1.2", "v1.2.0", "v1.2.3", true},
		{"1.2.3", "v1.2.3", "v1.2.3", true},
		{"=v1.2.3", "v1.2.3", "v1.2.3", true},
		{"v9.9.9", "", "", true},
		{">=1.4 <3", "v1.4.0", "v2.1.0", true},
		{">=1.4, <3", "v1.4.0", "v2.1.0", true},
		{">1.4.0", "v2.0.0", "v3.0.0", true},
		{"1.x || 3.x", "v1.0.0", "v3.0.0", true},
		{"1.2 - 2.0", "v1.2.0", "v2.0.0", true},
		{"<2", "v0.1.0", "v1.4.0", false},
		{"!=3.0.0", "v0.1.0", "v2.1.0", false},
		{"^2 || <1", "v0.1.0", "v2.1.0", false},
		{">=0.0.0", "v0.1.0", "v3.0.0", true},
		{">=1.0.0-rc.1 <2", "v1.0.0-rc.1", "v2.0.0-beta.1", true}, // by precedence, as Masterminds has it
		{"^2.0.0-beta", "v2.0.0-beta.1", "v2.1.0", true},
		{"v1.0.0-rc.1", "v1.0.0-rc.1", "v1.0.0-rc.1", true},
		{"^4", "", "", true},
	} {
		r, err := resolve.ParseRange(test.text)
		if err != nil {
			t.Errorf("%q: %v", test.text, err)
			continue
		}
		if got := r.Minimum(releases); got != test.minimum {
			t.Errorf("%q: minimum %q, want %q", test.text, got, test.minimum)
		}
		if got := maximum(r, releases); got != test.maximum {
			t.Errorf("%q: maximum %q, want %q", test.text, got, test.maximum)
		}
		if r.Bounded() != test.bounded || r.String() != test.text || r.Ref() != "" {
			t.Errorf("%q: bounded %v, text %q, ref %q", test.text, r.Bounded(), r, r.Ref())
		}
	}
}

// maximum is the highest release that the range allows, and names if it is a prerelease.
func maximum(r resolve.Range, releases []string) string {
	for _, v := range slices.Backward(releases) {
		if r.Allows(v) && (!r.Any() || semver.Prerelease(v) == "") {
			return v
		}
	}
	return ""
}

func TestPseudoVersions(t *testing.T) {
	const head, later = "v0.0.0-20250630063824-35e56fabcdef", "v1.2.4-0.20250630063824-35e56fabcdef"
	for _, test := range []struct {
		text, version string
		allows        bool
	}{
		{"", head, true}, {"*", later, true}, {head, head, true}, {head[1:], head, true}, {head, later, false},
		{"^1.2", later, true}, {"^1.2.4", later, false}, {"~1.2.3", later, true}, {"^2", later, false}, {"^1", head, false},
	} {
		r, err := resolve.ParseRange(test.text)
		if err != nil || r.Allows(test.version) != test.allows {
			t.Errorf("%q allows %s: got %v (%v)", test.text, test.version, !test.allows, err)
		}
	}
	if r, _ := resolve.ParseRange(head); r.Minimum(nil) != head || r.Exact() != head {
		t.Errorf("the minimum of %s is %q", head, r.Minimum(nil))
	}
}

func TestRangeNames(t *testing.T) {
	for _, name := range []string{"main", "feature/x", "0123abc", "1234567", "release-1.0", "stable", "next", "1.2.3.4", "v1-beta/x", "x86"} {
		r, err := resolve.ParseRange(name)
		if err != nil || r.Ref() != name || r.Any() {
			t.Errorf("%q: ref %q, %v", name, r.Ref(), err)
		}
	}
	for _, bad := range []string{"^", ">=", "^1.2.z", "1.2 -", "main dev", "a..b", "-x", "x~1", "^main", "1.x | 2.x", "||"} {
		if r, err := resolve.ParseRange(bad); err == nil || report.KindOf(err) != report.Usage {
			t.Errorf("%q: got %+v, %v", bad, r, err)
		}
	}
}

func TestParseQuery(t *testing.T) {
	for text, want := range map[string]resolve.QueryKind{
		"": resolve.QueryLatest, "latest": resolve.QueryLatest, "*": resolve.QueryLatest, "upgrade": resolve.QueryUpgrade, "patch": resolve.QueryPatch,
		"none": resolve.QueryNone, "v1": resolve.QueryPrefix, "v1.2": resolve.QueryPrefix, "1": resolve.QueryPrefix, "1.2": resolve.QueryPrefix,
		"v1.2.3": resolve.QueryVersion, "1.2.3": resolve.QueryVersion, "v1.0.0-rc.1": resolve.QueryVersion, "^1.2": resolve.QueryRange,
		">=1.4 <3": resolve.QueryRange, "1.x || 2.x": resolve.QueryRange, "1.x": resolve.QueryRange, "main": resolve.QueryRef, "stable": resolve.QueryRef,
		"0123abc": resolve.QueryRef, "1234567": resolve.QueryRef,
	} {
		q, err := resolve.ParseQuery(text)
		if err != nil || q.Kind != want || q.String() != text {
			t.Errorf("%q: got %q, %v; want %q", text, q.Kind, err, want)
		}
	}
}

// simple evaluates one comparator on releases by the definition of its interval, with plain numbers.
func simple(op string, parts []int, v [3]int) bool {
	full := [3]int{}
	copy(full[:], parts)
	less := func(a, b [3]int) bool { return a[0]*1e4+a[1]*1e2+a[2] < b[0]*1e4+b[1]*1e2+b[2] }
	// next is the first version after those that begin with the first n parts.
	next := func(n int) [3]int {
		x := [3]int{}
		copy(x[:n], full[:n])
		x[n-1]++
		return x
	}
	within := func(to [3]int) bool { return !less(v, full) && less(v, to) }
	n := len(parts)
	switch op {
	case "", "=":
		return within(next(n))
	case "!=":
		return !within(next(n))
	case ">":
		return !less(v, next(n))
	case ">=":
		return !less(v, full)
	case "<":
		return less(v, full)
	case "<=":
		return less(v, next(n))
	case "~":
		return within(next(min(n, 2)))
	case "^":
		for i := range n {
			if full[i] > 0 || i == n-1 {
				return within(next(i + 1))
			}
		}
	}
	panic(op)
}

func TestRangesAgainstBruteForce(t *testing.T) {
	var releases []string
	var numbers [][3]int
	for a := range 4 {
		for b := range 4 {
			for c := range 4 {
				releases = append(releases, fmt.Sprintf("v%d.%d.%d", a, b, c))
				numbers = append(numbers, [3]int{a, b, c})
			}
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	ops := []string{"", "=", "!=", ">", ">=", "<", "<=", "~", "^"}
	type comparator struct {
		op    string
		parts []int
	}
	for range 1_500 {
		var alternatives [][]comparator
		var texts []string
		bounded := true
		for range 1 + r.IntN(3) {
			var all []comparator
			var words []string
			low := false
			for range 1 + r.IntN(2) {
				c := comparator{op: ops[r.IntN(len(ops))]}
				word := c.op
				for i := range 1 + r.IntN(3) {
					c.parts = append(c.parts, r.IntN(4))
					if i > 0 {
						word += "."
					}
					word += fmt.Sprint(c.parts[i])
				}
				if c.op == "~" && len(c.parts) == 3 && c.parts[0]+c.parts[1]+c.parts[2] == 0 {
					continue // Masterminds takes ~0.0.0 for "any"
				}
				for i := len(c.parts); i < 3 && r.IntN(3) == 0; i++ {
					word += ".x"
				}
				low = low || !strings.ContainsAny(c.op, "<!")
				all, words = append(all, c), append(words, word)
			}
			if len(all) == 0 {
				continue
			}
			bounded = bounded && low
			alternatives, texts = append(alternatives, all), append(texts, strings.Join(words, []string{" ", ", "}[r.IntN(2)]))
		}
		if len(alternatives) == 0 {
			continue
		}
		text := strings.Join(texts, " || ")
		rng, err := resolve.ParseRange(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if rng.Bounded() != bounded {
			t.Fatalf("%q: bounded %v", text, rng.Bounded())
		}
		lowest, highest := "", ""
		for i, v := range numbers {
			want := false
			for _, all := range alternatives {
				ok := true
				for _, c := range all {
					ok = ok && simple(c.op, c.parts, v)
				}
				want = want || ok
			}
			if rng.Allows(releases[i]) != want {
				t.Fatalf("%q allows %s: got %v", text, releases[i], !want)
			}
			if want {
				highest = releases[i]
				if lowest == "" {
					lowest = highest
				}
			}
		}
		if rng.Minimum(releases) != lowest || maximum(rng, releases) != highest {
			t.Fatalf("%q: %q to %q, want %q to %q", text, rng.Minimum(releases), maximum(rng, releases), lowest, highest)
		}
	}
}

func FuzzParseRange(f *testing.F) {
	for _, seed := range []string{"^1.2", ">=1.4 <3", "1.x || 2.x", "1.2 - 1.4", "v1.2.3", "*", "main", "0123abc", "~>1.2.3-beta.1", "!=1"} {
		f.Add(seed)
	}
	releases := []string{"v0.1.0", "v1.0.0-rc.1", "v1.0.0", "v1.2.3", "v2.0.0"}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := resolve.ParseRange(text)
		if err != nil {
			if report.KindOf(err) != report.Usage {
				t.Errorf("%q: kind %v", text, report.KindOf(err))
			}
			if _, err := resolve.ParseQuery(text); err == nil && strings.TrimSpace(text) != "upgrade" {
				t.Errorf("%q is a query but no range", text)
			}
			return
		}
		if again, err := resolve.ParseRange(r.String()); err != nil || again.String() != r.String() || again.Bounded() != r.Bounded() || again.Exact() != r.Exact() {
			t.Errorf("%q reads as %q, and again as %q (%v)", text, r, again, err)
		}
		low, high := r.Minimum(releases), maximum(r, releases)
		for _, v := range []string{low, high} {
			if v != "" && !r.Allows(v) {
				t.Errorf("%q does not allow its own %s", text, v)
			}
		}
		if low != "" && high != "" && semver.Compare(low, high) > 0 {
			t.Errorf("%q: %s to %s", text, low, high)
		}
		if _, err := resolve.ParseQuery(text); err != nil {
			t.Errorf("%q is a range but no query: %v", text, err)
		}
	})
}
