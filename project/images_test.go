package project

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/lockfile"
)

// TestTakeImages merges three ways: an image that one side alone has moved is moved, whichever side it is.
func TestTakeImages(t *testing.T) {
	digest := func(c string) string { return "sha256:" + strings.Repeat(c, 64) }
	lock := func(a, b string) *lockfile.Lock {
		return &lockfile.Lock{Modules: []lockfile.Module{{Source: "github:a/b", Version: "v1.0.0", Kind: lockfile.KindService, Images: []lockfile.Image{
			{Service: "app", Ref: "a", Digest: a}, {Service: "app", Ref: "b", Digest: b},
		}}}}
	}
	for _, c := range []struct{ name, base, ours, theirs, want string }{
		{"theirs moved", digest("1"), digest("1"), digest("2"), digest("2")},
		{"ours moved", digest("1"), digest("2"), digest("1"), digest("2")},
		{"both moved", digest("1"), digest("2"), digest("3"), digest("2")},
		{"theirs was locked", "", "", digest("2"), digest("2")},
		{"theirs began to float", digest("1"), digest("1"), "", digest("1")},
	} {
		base, ours, theirs := lock(c.base, digest("9")), lock(c.ours, digest("9")), lock(c.theirs, digest("9"))
		takeImages(base, ours, theirs)
		if got := ours.Modules[0].Images; got[0].Digest != c.want || got[1].Digest != digest("9") {
			t.Errorf("%s: %v", c.name, got)
		}
		merged := lockfile.Merge(ours, theirs)
		if got := merged.Modules[0].Images[0].Digest; got != c.want {
			t.Errorf("%s: merged to %s", c.name, got)
		}
	}
	floating, locked := lock("", digest("9")), lock(digest("1"), digest("8"))
	merged := lockfile.Merge(floating, locked)
	if got := merged.Modules[0].Images; got[0].Digest != digest("1") || got[1].Digest != digest("9") || floating.Modules[0].Images[0].Digest != "" {
		t.Errorf("a digest in place of none: %v", got)
	}
}
