package mvs_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/resolve/mvs"
)

// random fills a world with versions of a few lines that require each other at random, cycles included.
func random(r *rand.Rand) (*world, []version) {
	w := newWorld()
	var all []version
	for l := range 1 + r.IntN(8) {
		for n := range 1 + r.IntN(5) {
			all = append(all, version{fmt.Sprintf("%c%d", 'a'+l/2, l%2), n})
		}
	}
	for _, v := range all {
		w.needs[v] = nil
		for range r.IntN(4) {
			w.needs[v] = append(w.needs[v], all[r.IntN(len(all))])
		}
	}
	var roots []version
	for range 1 + r.IntN(3) {
		roots = append(roots, all[r.IntN(len(all))])
	}
	return w, roots
}

// numbered is a world whose versions are numbered as they come.
type numbered struct {
	*world
	versions map[version]int
	lines    map[string]int
}

func (n numbered) Number(v version) int { return numberIn(n.versions, v) }

func (n numbered) LineNumber(l string) int { return numberIn(n.lines, l) }

func numberIn[K comparable](m map[K]int, k K) int {
	if _, ok := m[k]; !ok {
		m[k] = len(m)
	}
	return m[k]
}

// naive is the definition: add what is required until nothing is new, then take the highest of each line.
func naive(w *world, roots []version) []version {
	set := map[version]bool{}
	for _, v := range roots {
		set[v] = true
	}
	for grown := true; grown; {
		grown = false
		for v := range maps.Clone(set) {
			for _, need := range w.needs[v] {
				grown = grown || !set[need]
				set[need] = true
			}
		}
	}
	top := map[string]version{}
	for v := range set {
		if v.number >= top[v.line].number {
			top[v.line] = v
		}
	}
	return slices.SortedFunc(maps.Values(top), w.Compare)
}

func TestAgainstNaiveFixpoint(t *testing.T) {
	ctx := context.Background()
	for seed := range uint64(10_000) {
		r := rand.New(rand.NewPCG(seed, 1))
		w, roots := random(r)
		want := naive(w, roots)
		got, err := mvs.BuildList(ctx, w, roots...)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("seed %d: %v of %v: got %v, %v; want %v", seed, roots, w.needs, got, err, want)
		}

		// The order in which requirements are written, and become known, means nothing.
		for _, needs := range w.needs {
			r.Shuffle(len(needs), func(i, j int) { needs[i], needs[j] = needs[j], needs[i] })
		}
		r.Shuffle(len(roots), func(i, j int) { roots[i], roots[j] = roots[j], roots[i] })
		known := slices.Collect(maps.Keys(w.needs))
		r.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
		var g *mvs.Graph[version, string]
		// Neither does it matter whether versions are numbered.
		for _, versions := range []mvs.Versions[version, string]{numbered{w, map[version]int{}, map[string]int{}}, w} {
			g = mvs.New(versions, roots...)
			for _, v := range known {
				g.Require(v, w.needs[v]...)
			}
			if got := g.BuildList(); !slices.Equal(got, want) || len(g.Missing()) != 0 {
				t.Fatalf("seed %d, shuffled: got %v, want %v", seed, got, want)
			}
		}
		for _, v := range want {
			checkPath(t, w, roots, g.Path(func(x version) bool { return x == v }), v)
		}

		// A minimal list is equivalent, and no part of it can be left out.
		req, err := mvs.Req(ctx, w, roots)
		if err != nil || !slices.Equal(naive(w, req), want) {
			t.Fatalf("seed %d: Req %v has the build list %v, want %v (%v)", seed, req, naive(w, req), want, err)
		}
		for i := range req {
			if rest := slices.Delete(slices.Clone(req), i, i+1); slices.Equal(naive(w, rest), want) {
				t.Fatalf("seed %d: Req %v does not need %v", seed, req, req[i])
			}
		}

		// A downgrade keeps below the limit and raises nothing.
		limit := want[r.IntN(len(want))]
		limit.number = r.IntN(limit.number + 1)
		down, err := mvs.Downgrade(ctx, w, roots, w.previous, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range down {
			i := slices.IndexFunc(want, func(x version) bool { return x.line == v.line })
			if i < 0 && !slices.Contains(naive(w, down), v) || i >= 0 && v.number > want[i].number || v.line == limit.line && v.number > limit.number {
				t.Fatalf("seed %d: %v down to %v gives %v", seed, want, limit, down)
			}
		}
	}
}

func checkPath(t *testing.T, w *world, roots, path []version, to version) {
	t.Helper()
	if len(path) == 0 || !slices.Contains(roots, path[0]) || path[len(path)-1] != to {
		t.Fatalf("path %v does not lead from %v to %v", path, roots, to)
	}
	for i := 1; i < len(path); i++ {
		if !slices.Contains(w.needs[path[i-1]], path[i]) {
			t.Fatalf("path %v: %v does not require %v", path, path[i-1], path[i])
		}
	}
	// No path is shorter: count the steps from the roots outward.
	near := map[version]bool{}
	for _, v := range roots {
		near[v] = true
	}
	steps := 1
	for ; !near[to]; steps++ {
		for v := range maps.Clone(near) {
			for _, need := range w.needs[v] {
				near[need] = true
			}
		}
	}
	if len(path) != steps {
		t.Fatalf("path %v is not the shortest: %d", path, steps)
	}
}

// layered has about n requirements: each version requires ten of the next hundred lines.
func layered(n int) (*world, version) {
	w := newWorld()
	r := rand.New(rand.NewPCG(7, 7))
	lines := n / 10
	for l := range lines {
		v := version{fmt.Sprintf("m%06d", l), 1}
		w.needs[v] = []version{}
		for range 10 {
			if to := l + 1 + r.IntN(100); to < lines {
				w.needs[v] = append(w.needs[v], version{fmt.Sprintf("m%06d", to), 1})
			}
		}
	}
	return w, version{"m000000", 1}
}

// Growth is counted in looks at versions, which no load on the machine can change.
func TestGrowsWithTheGraph(t *testing.T) {
	cost := func(n int) int {
		w, root := layered(n)
		if _, err := mvs.BuildList(context.Background(), w, root); err != nil {
			t.Fatal(err)
		}
		return w.calls
	}
	if small, large := cost(10_000), cost(100_000); large > 12*small {
		t.Errorf("10,000 requirements cost %d, 100,000 cost %d: %.1f times", small, large, float64(large)/float64(small))
	}
}

func BenchmarkBuildList(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, root := layered(n)
			for b.Loop() {
				if _, err := mvs.BuildList(context.Background(), w, root); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
