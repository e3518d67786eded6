package layout

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve"
)

// tree reads "a@1: b=b@1 c=c@1; b@1: …".
func tree(text string) []resolve.Node {
	var nodes []resolve.Node
	for each := range strings.SplitSeq(text, ";") {
		id, edges, _ := strings.Cut(strings.TrimSpace(each), ":")
		node := resolve.Node{ID: id}
		for edge := range strings.FieldsSeq(edges) {
			name, to, _ := strings.Cut(edge, "=")
			node.Edges = append(node.Edges, resolve.Edge{Name: name, ID: to})
		}
		nodes = append(nodes, node)
	}
	return nodes
}

func all(string) bool { return true }

func TestPlace(t *testing.T) {
	for _, test := range []struct{ name, roots, tree, want string }{
		{"flat", "a=a@1", "a@1: b=b@1; b@1: c=c@1; c@1:", "a=a@1 b=b@1 c=c@1"},
		{"two versions", "a=a@1 b=b@2", "a@1: b=b@1; b@1:; b@2:", "a=a@1 a/b=b@1 b=b@2"},
		{"shared deeper", "a=a@1 b=b@2 c=c@1", "a@1: b=b@1; c@1: b=b@1; b@1:; b@2:", "a=a@1 a/b=b@1 b=b@2 c=c@1 c/b=b@1"},
		{"a circle", "a=a@1", "a@1: b=b@1; b@1: a=a@1", "a=a@1 b=b@1"},
		{"nothing is hidden", "a=a@1", "a@1: b=b@1 c=c@1; b@1: c=c@2 d=d@1; c@1:; c@2:; d@1: c=c@1", "a=a@1 b=b@1 b/c=c@2 c=c@1 d=d@1"},
		{"another platform", "a=a@1", "a@1: skip=skip@1 b=b@1; skip@1: c=c@1; b@1:; c@1:", "a=a@1 b=b@1"},
		{"by another name", "x=a@1 a=a@2", "a@1: a=a@1; a@2:", "a=a@2 x=a@1 x/a=a@1"},
		{"scoped", "@s/a=@s/a@1", "@s/a@1: b=b@1 @s/c=@s/c@1; b@1:; @s/c@1:", "@s/a=@s/a@1 @s/c=@s/c@1 b=b@1"},
	} {
		roots := tree(".: " + test.roots)[0].Edges
		placed, err := Place(roots, tree(test.tree), func(id string) bool { return id != "skip@1" })
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range placed {
			name := strings.TrimPrefix(strings.ReplaceAll(p.Path, "/node_modules/", "/"), "node_modules/")
			got = append(got, name+"="+p.ID)
		}
		if text := strings.Join(got, " "); text != test.want {
			t.Errorf("%s: %s, want %s", test.name, text, test.want)
		}
	}
}

// A tree of two versions each that use each other has no end without links.
func TestPlaceWithoutEnd(t *testing.T) {
	nodes := tree("a@1: b=b@1; b@1: a=a@2; a@2: b=b@2; b@2: a=a@1")
	if placed, err := Place([]resolve.Edge{{Name: "a", ID: "a@1"}}, nodes, all); err == nil || !strings.Contains(err.Error(), "circle") {
		t.Errorf("placed %v, %v", placed, err)
	}
}

// TestPlaceFindsEveryEdge resolves every edge of random trees as Node.js does.
func TestPlaceFindsEveryEdge(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var nodes []resolve.Node
		count := 2 + random.IntN(12)
		id := func(i int) string { return fmt.Sprintf("p%d@%d", i%5, i) }
		for i := range count {
			n := resolve.Node{ID: id(i)}
			for to := i + 1; to < count; to++ { // no circles: those may have no layout
				name := fmt.Sprintf("p%d", to%5)
				if random.IntN(3) == 0 && !slices.ContainsFunc(n.Edges, func(e resolve.Edge) bool { return e.Name == name }) {
					n.Edges = append(n.Edges, resolve.Edge{Name: name, ID: id(to)})
				}
			}
			nodes = append(nodes, n)
		}
		roots := []resolve.Edge{{Name: "p0", ID: id(0)}, {Name: "p1", ID: id(1)}}
		placed, err := Place(roots, nodes, all)
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]string{}
		for _, p := range placed {
			at[p.Path] = p.ID
		}
		for where, from := range at {
			i := slices.IndexFunc(nodes, func(n resolve.Node) bool { return n.ID == from })
			for _, e := range nodes[i].Edges {
				if got := find(at, where, e.Name); got != e.ID {
					t.Fatalf("%v %v: from %s, %s is %s, want %s", nodes, placed, where, e.Name, got, e.ID)
				}
			}
		}
		shuffled := slices.Clone(nodes)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again, err := Place([]resolve.Edge{roots[1], roots[0]}, shuffled, all); err != nil || !slices.Equal(again, placed) {
			t.Fatalf("another order: %v, %v", again, placed)
		}
	}
}

func find(at map[string]string, from, name string) string {
	for dir := from; ; dir = path.Dir(dir) {
		if path.Base(dir) != "node_modules" {
			if id, ok := at[strings.TrimPrefix(path.Join(dir, "node_modules", name), "./")]; ok {
				return id
			}
		}
		if dir == "." {
			return ""
		}
	}
}

func TestRuns(t *testing.T) {
	linux := Platform{"linux", "x64", "glibc"}
	for _, test := range []struct {
		lib  resolve.Library
		on   Platform
		want bool
	}{
		{resolve.Library{}, linux, true},
		{resolve.Library{OS: []string{"linux"}, CPU: []string{"x64"}, Libc: []string{"glibc"}}, linux, true},
		{resolve.Library{OS: []string{"linux"}, CPU: []string{"x64"}, Libc: []string{"musl"}}, linux, false},
		{resolve.Library{OS: []string{"!win32"}}, linux, true},
		{resolve.Library{OS: []string{"!win32"}}, Platform{OS: "win32", CPU: "x64"}, false},
		{resolve.Library{CPU: []string{"wasm32"}}, linux, false},
		{resolve.Library{OS: []string{"darwin"}, Libc: []string{"glibc"}}, Platform{OS: "darwin", CPU: "arm64"}, false},
	} {
		if got := test.on.Runs(test.lib); got != test.want {
			t.Errorf("%v on %v: %v", test.lib, test.on, got)
		}
	}
}
