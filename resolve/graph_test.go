package resolve_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

func solve(t *testing.T, w *world, toml string) (*resolve.Graph, error) {
	t.Helper()
	p := readProblem(t, toml)
	p.Origin = w
	return resolve.Solve(context.Background(), p)
}

func TestWhy(t *testing.T) {
	w := newWorld(t, `
github:a/p v1.0.0
  provider github:a/q@^1
github:a/q v1.0.0
  service github:a/s@^1
github:a/r v1.0.0
  service github:a/s@^1.1
service github:a/s v1.0.0 v1.1.0
  service github:a/t@^1
service github:a/t v1.0.0
  service github:a/s@^1
`)
	g, err := solve(t, w, "p = provider github:a/p ^1\nr = provider github:a/r ^1")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ source, version, want string }{
		{"github:a/p", "v1.0.0", "conduit.toml:1 requires github:a/p ^1"},
		{"github:a/t", "v1.0.0", "conduit.toml:2 requires github:a/r ^1\n" +
			"MediaConduit.provider.yml:3 of github:a/r@v1.0.0 requires github:a/s ^1.1\n" +
			"MediaConduit.service.yml:3 of github:a/s@v1.1.0 requires github:a/t ^1"},
		{"github:a/s", "v1.0.0", ""},
		{"github:a/x", "v1.0.0", ""},
	} {
		src, _, _ := resolve.ParseSource(test.source)
		var lines []string
		for _, l := range resolve.Why(g, src, test.version) {
			lines = append(lines, l.String())
		}
		if got := strings.Join(lines, "\n"); got != test.want {
			t.Errorf("%s@%s: got\n%s\nwant\n%s", test.source, test.version, got, test.want)
		}
		if (g.Find(src, test.version) != nil) != (test.want != "") {
			t.Errorf("%s@%s: Find and Why disagree", test.source, test.version)
		}
	}
}

func TestDemand(t *testing.T) {
	w := newWorld(t, `
github:a/p v1.0.0
  service github:a/s@^1.1
service github:a/s v1.0.0 v1.1.0
`)
	g, err := solve(t, w, "s = service github:a/s ^1.0\np = provider github:a/p ^1")
	if err != nil {
		t.Fatal(err)
	}
	src := g.Root[0].Target
	if why, demand := resolve.Why(g, src, "v1.1.0"), resolve.Demand(g, src, "v1.1.0"); len(why) != 1 || len(demand) != 2 || demand[0].Name != "p" {
		t.Errorf("why %v, demand %v", why, demand)
	}
	if g.Root[0].Asked != "v1.0.0" || g.Root[0].Version != "v1.1.0" {
		t.Errorf("got %+v", g.Root[0])
	}
}

// oneFolder is an origin in which all folders are the same one.
type oneFolder struct {
	*world
	dir string
}

func (o oneFolder) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	tree, err := o.world.Fetch(ctx, src, rev)
	if o.dir != "" {
		tree.Path = o.dir
	}
	return tree, err
}

func TestTwoNamesForOneFolder(t *testing.T) {
	w := newWorld(t, "./x\n/abs/x\n")
	p := readProblem(t, "a = provider ./x\nb = provider /abs/x")
	tree, err := w.Fetch(context.Background(), p.Root[0].Source, resolve.Revision{})
	if err != nil {
		t.Fatal(err)
	}
	p.Origin = oneFolder{w, tree.Path}
	_, err = resolve.Solve(context.Background(), p)
	if err == nil || !strings.Contains(err.Error(), "file:./x and file:/abs/x are two names for one source") &&
		!strings.Contains(err.Error(), "file:/abs/x and file:./x are two names for one source") {
		t.Errorf("got %v", err)
	}
}

func TestConflictError(t *testing.T) {
	w := newWorld(t, `
github:a/p v1.0.0
  service github:a/s@~1.2 || ~1.6
service github:a/s v1.2.0 v1.4.0 v1.6.1
`)
	_, err := solve(t, w, "p = provider github:a/p ^1\ns = service github:a/s ^1.4")
	var c *resolve.ConflictError
	var e *report.Error
	if !errors.As(err, &c) || !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if c.Source.String() != "github:a/s" || c.Version != "v1.4.0" || c.Satisfying != "v1.6.1" || len(c.Refused) != 2 || len(c.Forced) != 1 || c.Forced[0].Name != "s" {
		t.Errorf("got %+v", c)
	}
}

func TestSelectedFields(t *testing.T) {
	w := newWorld(t, `
github:a/p main 1111111111111111111111111111111111111111
  service github:a/s
service github:a/s v1.1.0
`)
	p := readProblem(t, "p = provider github:a/p")
	p.Origin, p.Parallel = w, 1
	g, err := resolve.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	s, q := g.Modules[1], g.Modules[0]
	if q.Commit != strings.Repeat("1", 40) || q.Line != "v0.0" || q.Provider == nil || q.Tree == nil || q.Sum != q.Tree.Sum || q.Kind != resolve.KindProvider {
		t.Errorf("provider: %+v", q)
	}
	if s.Service == nil || s.Provider != nil || s.Line != "v1" || s.Kind != resolve.KindService || g.Root[0].Version != q.Version {
		t.Errorf("service: %+v", s)
	}
	lock(g, &p)
	again, err := resolve.Solve(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	if m := again.Modules[0]; m.Tree != nil || m.Provider != nil || m.Commit != q.Commit || m.Sum != q.Sum {
		t.Errorf("from the lock: %+v", m)
	}

	// A package whose content is not what was locked is refused when it has to be read again.
	p.Locked = p.Locked[:1]
	p.Locked[0].Sum = "h1:other"
	_, err = resolve.Solve(context.Background(), p)
	if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "h1:other") || !strings.Contains(err.Error(), q.Sum) {
		t.Errorf("other content: %v", err)
	}
}

// randomWorld has versions that require each other at random. Ranges are mostly such that a solution exists.
func randomWorld(r *rand.Rand) (text string, root []string) {
	names := []string{"github:w/a", "github:w/b", "npm:c", "github:w/d//x", "github:w/e"}
	need := func() string {
		ranges := []string{"^1", "^1.1", "^2", ">=1.1 <3", "", "1.x || 2.x", "^1.0", "~2.0", "<3"}
		s := names[r.IntN(len(names))]
		if rng := ranges[r.IntN(len(ranges))]; rng != "" {
			s += "@" + rng
		}
		return s
	}
	var b strings.Builder
	for _, name := range names {
		for _, version := range []string{"v1.0.0", "v1.1.0", "v1.2.0", "v2.0.0", "v2.1.0"} {
			fmt.Fprintln(&b, name, version)
			for range r.IntN(3) {
				fmt.Fprintln(&b, "  provider", need())
			}
		}
	}
	for i := range 1 + r.IntN(3) {
		s := strings.Replace(need(), "@", " ", 1)
		root = append(root, fmt.Sprintf("n%d = provider %s", i, s))
	}
	return b.String(), root
}

// TestRandomWorlds: the solution satisfies every range, depends neither on the order of conduit.toml nor on how many
// fetches run at once, stays as it is under its own lock, and a conflict's remedy solves.
func TestRandomWorlds(t *testing.T) {
	solved, conflicts := 0, 0
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 5))
		text, root := randomWorld(r)
		w := newWorld(t, text)
		p := readProblem(t, strings.Join(root, "\n"))
		p.Origin = w
		g, err := resolve.Solve(context.Background(), p)
		for i := range p.Root {
			p.Root[i].Where = resolve.At("conduit.toml", 0) // the order changes line numbers
		}
		first, firstErr := resolve.Solve(context.Background(), p)
		r.Shuffle(len(p.Root), func(i, j int) { p.Root[i], p.Root[j] = p.Root[j], p.Root[i] })
		p.Parallel = 1 + r.IntN(3)
		again, err2 := resolve.Solve(context.Background(), p)
		if (firstErr == nil) != (err2 == nil) || err2 == nil && printGraph(first) != printGraph(again) {
			t.Fatalf("seed %d: in another order\n%v %v\n%v %v", seed, printGraph(first), firstErr, printGraph(again), err2)
		}
		if err != nil {
			conflicts++
			checkRemedy(t, w, seed, root, err)
			continue
		}
		solved++
		for _, m := range append(g.Modules, resolve.Selected{Requires: g.Root}) {
			for _, l := range m.Requires {
				if !l.Range.Allows(l.Version) || g.Find(l.Target, l.Version) == nil {
					t.Errorf("seed %d: %s: %s got %s", seed, m.ID(), l, l.Version)
				}
			}
		}
		p.Parallel = 0
		checkStable(t, w, p, g)
	}
	if solved < 20 || conflicts < 3 {
		t.Errorf("%d solved, %d conflicts: the worlds are too uniform", solved, conflicts)
	}
}

func checkRemedy(t *testing.T, w *world, seed uint64, root []string, err error) {
	t.Helper()
	var e *report.Error
	if !errors.As(err, &e) {
		t.Fatalf("seed %d: %v", seed, err)
	}
	if get, ok := strings.CutPrefix(e.Next, "conduit get "); ok {
		src, query, _ := resolve.ParseSource(get)
		var changed []string
		for _, line := range root {
			if words := strings.Fields(line); words[3] != src.String() {
				changed = append(changed, line)
			}
		}
		root = append(changed, fmt.Sprintf("got = provider %s ^%s", src, strings.TrimPrefix(query, "v")))
	} else if line, ok := strings.CutPrefix(e.Next, "put under [replace] in conduit.toml:\n"); ok {
		old, new, _ := strings.Cut(strings.ReplaceAll(line, `"`, ""), " = ")
		root = append(root, "replace "+old+" "+new)
	} else {
		t.Logf("seed %d: %s", seed, e.Next)
		return
	}
	if _, err := solve(t, w, strings.Join(root, "\n")); err != nil {
		t.Errorf("seed %d: the remedy %q does not work: %v", seed, e.Next, err)
	}
}

// BenchmarkSolveLocked solves what a lock tells all about, as "conduit lock" on an unchanged project does.
func BenchmarkSolveLocked(b *testing.B) {
	for _, n := range []int{1_000, 10_000} { // modules, with ten requirements each
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			source := func(i int) resolve.Source {
				return resolve.Source{Kind: resolve.GitHub, Path: fmt.Sprintf("w/m%05d", i)}
			}
			caret, err := resolve.ParseRange("^1.0")
			if err != nil {
				b.Fatal(err)
			}
			p := resolve.Problem{Root: []resolve.Requirement{{Name: "m", Kind: resolve.KindProvider, Source: source(0), Range: caret, Locked: "v1.1.0"}}}
			for i := range n {
				l := resolve.Locked{Source: source(i), Version: "v1.1.0", Kind: resolve.KindProvider}
				for range 10 {
					if to := i + 1 + r.IntN(50); to < n {
						l.Requires = append(l.Requires, resolve.LockedNeed{Source: source(to).String(), Range: "^1.0", Version: "v1.1.0"})
					}
				}
				p.Locked = append(p.Locked, l)
			}
			for b.Loop() {
				g, err := resolve.Solve(context.Background(), p)
				if err != nil || len(g.Modules) < n*9/10 {
					b.Fatal(len(g.Modules), err)
				}
			}
		})
	}
}
