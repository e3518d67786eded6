package build

import (
	"testing"

	"github.com/MediaConduit/conduit/resolve"
)

// TestPartedLibraries: what has machine code for several systems is outside before anything is read, and what has an
// addition for one system is not.
func TestPartedLibraries(t *testing.T) {
	in := BundleInput{Provider: true,
		Nodes: []resolve.Node{
			{ID: ".", Edges: []resolve.Edge{{Name: "images", ID: "images@1.0.0"}, {Name: "watch", ID: "watch@1.0.0"}}},
			{ID: "images@1.0.0", Edges: []resolve.Edge{{Name: "images-linux", ID: "images-linux@1.0.0"}, {Name: "images-win", ID: "images-win@1.0.0"}, {Name: "color", ID: "color@1.0.0"}}},
			{ID: "watch@1.0.0", Edges: []resolve.Edge{{Name: "events-mac", ID: "events-mac@1.0.0"}}},
			{ID: "images-linux@1.0.0"}, {ID: "images-win@1.0.0"}, {ID: "events-mac@1.0.0"}, {ID: "color@1.0.0"}},
		Libraries: []resolve.Library{{Name: "images", Version: "1.0.0"}, {Name: "watch", Version: "1.0.0"}, {Name: "color", Version: "1.0.0"},
			{Name: "images-linux", Version: "1.0.0", OS: []string{"linux"}}, {Name: "images-win", Version: "1.0.0", OS: []string{"win32"}},
			{Name: "events-mac", Version: "1.0.0", OS: []string{"darwin"}}}}
	want := "color@1.0.0: used by images@1.0.0\nimages-linux@1.0.0: used by images@1.0.0\n" +
		"images-win@1.0.0: used by images@1.0.0\nimages@1.0.0: uses machine code of its own for each platform\n"
	compare(t, "outside", outsideText(newOutside(in).list(nil)), want)
	in.Provider = false
	compare(t, "outside of what is no provider", outsideText(newOutside(in).list(nil)), "")
}
