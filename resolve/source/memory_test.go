package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// What was remembered of a version counts for the commit that it was, and for no other.
func TestRecall(t *testing.T) {
	g := sourcetest.NewGit(t)
	if _, err := g.AddRepo("a/b", sourcetest.Commit{Files: content, Tags: []string{"v1.0.0"}}, sourcetest.Commit{Files: map[string]string{"README": "later"}}); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(settings, []byte(g.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", settings)
	dir := filepath.Join(t.TempDir(), "cache")
	t.Cleanup(func() { cache.RemoveAll(dir) })
	origin := func() resolve.Origin {
		c, err := cache.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return source.New(source.Options{Cache: c, Project: t.TempDir()})
	}
	src := resolve.Source{Kind: resolve.GitHub, Path: "a/b"}
	first := origin()
	tree, err := first.Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	want := resolve.Remembered{Source: src, Revision: tree.Revision, Sum: tree.Sum, Kind: resolve.KindProvider, File: "MediaConduit.provider.yml", SDK: "^0.1.0",
		Needs: []resolve.RememberedNeed{
			{Kind: resolve.KindService, Need: manifest.Need{Source: "https://github.com/a/s@>=1.4 <3", Line: 7}},
			{Kind: resolve.KindProvider, Need: manifest.Need{Source: "npm:@x/q", Line: 12}},
		}}
	odd := want
	odd.Revision.Version, odd.File = "v2.0.0", "a\tb"
	first.(resolve.Memory).Remember([]resolve.Remembered{want, odd})
	second := origin().(resolve.Memory)
	got, ok := second.Recall(t.Context(), src, "v1.0.0")
	if !ok || got.Revision != want.Revision || got.Sum != want.Sum || got.Kind != want.Kind || got.File != want.File || got.SDK != want.SDK || !slices.Equal(got.Needs, want.Needs) {
		t.Errorf("remembered %+v\nrecalled %+v, %v", want, got, ok)
	}
	for _, version := range []string{"v1.1.0", "v2.0.0"} {
		if got, ok := second.Recall(t.Context(), src, version); ok {
			t.Errorf("%s was never remembered: %+v", version, got)
		}
	}
	if err := g.MoveTag("a/b", "v1.0.0", "HEAD"); err != nil {
		t.Fatal(err)
	}
	if got, ok := origin().(resolve.Memory).Recall(t.Context(), src, "v1.0.0"); ok {
		t.Errorf("the tag was moved, and %+v recalled", got)
	}
	// A document that was cut short costs time, no more.
	name := "requirements " + src.String()
	c, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	data, ok := c.Meta(name)
	if !ok {
		t.Fatal("no document " + name)
	}
	for _, text := range []string{"", string(data[:len(data)/2]), "conduit requirements 99\n", strings.Replace(string(data), "7", "seven", 1)} {
		if err := c.PutMeta(name, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, ok := origin().(resolve.Memory).Recall(t.Context(), src, "v1.0.0"); ok && got.Sum != want.Sum {
			t.Errorf("%q recalled as %+v", text, got)
		}
	}
}
