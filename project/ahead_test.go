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

func TestByDistance(t *testing.T) {
	edge := func(name string) resolve.Edge { return resolve.Edge{Name: name, ID: name + "@1.0.0"} }
	m := &lockfile.Module{Unused: []string{"types@1.0.0"}, Libraries: []resolve.Node{
		{ID: ".", Edges: []resolve.Edge{edge("near"), edge("types")}},
		{ID: "near@1.0.0", Edges: []resolve.Edge{edge("far"), edge("near")}},
		{ID: "types@1.0.0", Edges: []resolve.Edge{edge("middle")}},
		{ID: "far@1.0.0", Edges: []resolve.Edge{edge("near"), edge("farther")}},
	}}
	if got := fmt.Sprint(byDistance(m)); got != "[[near@1.0.0] [far@1.0.0 middle@1.0.0] [farther@1.0.0] []]" {
		t.Error(got)
	}
}
