package mvs_test

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve/mvs"
)

// version is one of the language of testdata/cases.txt: "s1.4" is version 4 of line "s1".
type version struct {
	line   string
	number int
}

func (v version) String() string { return fmt.Sprintf("%s.%d", v.line, v.number) }

func parseVersion(s string) (version, error) {
	line, number, ok := strings.Cut(s, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return version{}, fmt.Errorf("%q is no version", s)
	}
	return version{line, n}, nil
}

// world is a Reqs of literal requirements.
type world struct {
	needs   map[version][]version
	without map[version]bool
	calls   int // of Compare and Line, and requirements that were read
}

func newWorld() *world {
	return &world{needs: map[version][]version{}, without: map[version]bool{}}
}

func (w *world) Line(v version) string { w.calls++; return v.line }

func (w *world) Compare(a, b version) int {
	w.calls++
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.number, b.number))
}

func (w *world) Required(_ context.Context, v version) ([]version, error) {
	needs, ok := w.needs[v]
	if !ok {
		return nil, fmt.Errorf("%v does not exist", v)
	}
	w.calls += len(needs)
	out := make([]version, len(needs))
	for i, need := range needs {
		out[i] = need
		for w.without[out[i]] {
			next, ok := w.next(out[i])
			if !ok {
				return nil, fmt.Errorf("%v is excluded and nothing is above it", need)
			}
			out[i] = next
		}
	}
	return out, nil
}

func (w *world) next(v version) (next version, found bool) {
	for c := range w.needs {
		if c.line == v.line && c.number > v.number && (!found || c.number < next.number) {
			next, found = c, true
		}
	}
	return next, found
}

func (w *world) previous(v version) (prev version, found bool) {
	for c := range w.needs {
		if c.line == v.line && c.number < v.number && (!found || c.number > prev.number) {
			prev, found = c, true
		}
	}
	return prev, found
}

func (w *world) latest(v version) (version, error) {
	for {
		next, ok := w.next(v)
		if !ok {
			return v, nil
		}
		v = next
	}
}

func TestCases(t *testing.T) {
	f, err := os.Open("testdata/cases.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	w, name := newWorld(), "no case"
	checks := 0
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if title, ok := strings.CutPrefix(line, "case "); ok {
			w, name = newWorld(), title
			continue
		}
		checked, err := w.run(strings.Fields(line))
		if err != nil {
			t.Errorf("cases.txt:%d: %s: %s: %v", n, name, line, err)
		}
		if checked {
			checks++
		}
	}
	if checks < 40 {
		t.Errorf("only %d checks ran", checks)
	}
}

// run carries out one line of the language and tells whether it checked something.
func (w *world) run(words []string) (checked bool, err error) {
	versions := func(words []string) (vs []version) {
		for _, word := range words {
			v, e := parseVersion(word)
			if e != nil && err == nil {
				err = e
			}
			vs = append(vs, v)
		}
		return vs
	}
	if len(words) > 1 && (words[1] == "needs" || words[1] == "exists") {
		vs := versions(slices.Concat(words[:1], words[2:]))
		w.needs[vs[0]] = vs[1:]
		return false, err
	}
	if words[0] == "without" {
		for _, v := range versions(words[1:]) {
			w.without[v] = true
		}
		return false, err
	}
	eq := slices.Index(words, "=")
	if eq < 0 {
		return false, fmt.Errorf("no = in the check")
	}
	var want []version
	if words[eq+1] != "nothing" {
		want = versions(words[eq+1:])
	}
	args, operands := words[1:eq], []string(nil)
	for i, word := range args {
		if word == "to" || word == "keep" {
			args, operands = args[:i], args[i+1:]
			break
		}
	}
	roots, ctx := versions(args), context.Background()
	var got []version
	var failed error
	switch words[0] {
	case "list":
		got, failed = mvs.BuildList(ctx, w, roots...)
	case "upgrade":
		got, failed = mvs.Upgrade(ctx, w, roots, versions(operands)...)
	case "latest":
		got, failed = mvs.UpgradeAll(ctx, w, roots, w.latest)
	case "down":
		got, failed = mvs.Downgrade(ctx, w, roots, w.previous, versions(operands)...)
	case "req":
		got, failed = mvs.Req(ctx, w, roots, operands...)
		if failed == nil {
			a, _ := mvs.BuildList(ctx, w, roots...)
			if b, _ := mvs.BuildList(ctx, w, got...); !slices.Equal(a, b) {
				return true, fmt.Errorf("%v has the build list %v, not %v", got, b, a)
			}
		}
	default:
		return false, fmt.Errorf("unknown word %q", words[0])
	}
	if err == nil {
		err = failed
	}
	if err == nil && !slices.Equal(got, want) {
		err = fmt.Errorf("got %v", got)
	}
	return true, err
}
