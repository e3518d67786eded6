package project

import (
	"fmt"
	"testing"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

func TestUnused(t *testing.T) {
	tree := []resolve.Node{{ID: "."}, {ID: "near@1.0.0"}, {ID: "far@1.0.0"}, {ID: "far@1.0.0+2"}, {ID: "types@1.0.0+2"}, {ID: "types@1.0.0"}, {ID: "addon@1.0.0+2"}, {ID: "idle@2.0.0"}}
	artifact := build.Artifact{Bundled: []string{"far@1.0.0", "near@1.0.0"}, Externals: []build.External{{ID: "addon@1.0.0+2"}}}
	if got := fmt.Sprint(unused(tree, artifact)); got != "[idle@2.0.0 types@1.0.0]" {
		t.Error(got)
	}
}

func TestNearestFirst(t *testing.T) {
	edge := func(name string) resolve.Edge { return resolve.Edge{Name: name, ID: name + "@1.0.0"} }
	m := &lockfile.Module{Unused: []string{"types@1.0.0"}, Libraries: []resolve.Node{
		{ID: ".", Edges: []resolve.Edge{edge("near"), edge("types")}},
		{ID: "near@1.0.0", Edges: []resolve.Edge{edge("far"), edge("near")}},
		{ID: "types@1.0.0", Edges: []resolve.Edge{edge("middle")}},
		{ID: "far@1.0.0", Edges: []resolve.Edge{edge("near"), edge("farther")}},
	}}
	if got := fmt.Sprint(nearestFirst(m)); got != "[near@1.0.0 far@1.0.0 middle@1.0.0 farther@1.0.0]" {
		t.Error(got)
	}
}

func TestLargestFirst(t *testing.T) {
	nodes := func(n int) []resolve.Node { return make([]resolve.Node, n) }
	lock := &lockfile.Lock{Modules: []lockfile.Module{
		{Source: "small", Kind: lockfile.KindProvider, Libraries: nodes(2)},
		{Source: "service", Kind: lockfile.KindService},
		{Source: "typed", Kind: lockfile.KindProvider, Libraries: nodes(9), Unused: make([]string, 8)},
		{Source: "large", Kind: lockfile.KindProvider, Libraries: nodes(5)},
		{Source: "as small", Kind: lockfile.KindProvider, Libraries: nodes(2)},
	}}
	var got []string
	for _, m := range largestFirst(lock) {
		got = append(got, m.Source)
	}
	if fmt.Sprint(got) != "[large small as small typed]" {
		t.Error(got)
	}
}
