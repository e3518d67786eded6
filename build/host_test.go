package build

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

func TestHostIsLocked(t *testing.T) {
	lock, err := hostLock()
	if err != nil {
		t.Fatal(err)
	}
	libraries, err := HostLibraries()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, lib := range libraries {
		known[lib.Name+"@"+lib.Version] = true
		if !strings.HasPrefix(lib.Integrity, "sha512-") {
			t.Errorf("%s: integrity %q", lib.Name, lib.Integrity)
		}
	}
	for _, node := range lock.Tree {
		for _, edge := range node.Edges {
			if !known[resolve.LibraryID(edge.ID)] {
				t.Errorf("%s needs %s, which is not locked", node.ID, edge.ID)
			}
		}
	}
}

func TestHostWithoutItsLibraries(t *testing.T) {
	b := newBuilder(t)
	offline := &report.Error{Kind: report.Network, What: "offline"}
	_, err := b.Host(t.Context(), func(context.Context, resolve.Library) (string, error) { return "", offline })
	if !errors.Is(err, offline) {
		t.Errorf("Host: %v", err)
	}
	if _, ok := b.FindHost(); ok {
		t.Error("found a host that was not built")
	}
}
