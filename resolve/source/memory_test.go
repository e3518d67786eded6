package source_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// publishedRepo serves commits as github:a/b, and returns the folder of a cache.
func publishedRepo(t *testing.T, commits ...sourcetest.Commit) (g *sourcetest.Git, dir string) {
	t.Helper()
	g = sourcetest.NewGit(t)
	if _, err := g.AddRepo("a/b", commits...); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(settings, []byte(g.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", settings)
	dir = filepath.Join(t.TempDir(), "cache")
	t.Cleanup(func() { cache.RemoveAll(dir) })
	return g, dir
}

// What was remembered of a version counts for the commit that it was, and for no other.
func TestRecall(t *testing.T) {
	g, dir := publishedRepo(t, sourcetest.Commit{Files: content, Tags: []string{"v1.0.0"}}, sourcetest.Commit{Files: map[string]string{"README": "later"}})
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
	files, _ := filepath.Glob(filepath.Join(dir, "meta", "requirements*"))
	if len(files) != 1 {
		t.Fatalf("documents: %q", files)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", string(data[:len(data)/2]), "conduit requirements 99\n", strings.Replace(string(data), "7", "seven", 1)} {
		if err := os.WriteFile(files[0], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := origin().(resolve.Memory).Recall(t.Context(), src, "v1.0.0"); ok && got.Sum != want.Sum {
			t.Errorf("%q recalled as %+v", text, got)
		}
	}
}

// Offline, releases are remembered for as long as the cache holds the same of their source.
func TestReleasesOffline(t *testing.T) {
	g, dir := publishedRepo(t, sourcetest.Commit{Files: content, Tags: []string{"v1.0.0", "odd"}})
	src := resolve.Source{Kind: resolve.GitHub, Path: "a/b"}
	releases := func(offline bool) resolve.Releases {
		t.Helper()
		c, err := cache.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		origin := source.New(source.Options{Cache: c, Project: t.TempDir(), Offline: offline})
		got, err := origin.Releases(t.Context(), src)
		if err != nil {
			t.Fatal(err)
		}
		origin.(resolve.Memory).Remember(nil)
		return got
	}
	// age makes the refs as old as documents are that nobody replaces a moment later.
	age := func(by time.Duration) string {
		t.Helper()
		refs, _ := filepath.Glob(filepath.Join(dir, "meta", "refs*"))
		if len(refs) != 1 {
			t.Fatalf("refs: %q", refs)
		}
		then := time.Now().Add(-by)
		if err := os.Chtimes(refs[0], then, then); err != nil {
			t.Fatal(err)
		}
		return refs[0]
	}
	remembered := func() string {
		files, _ := filepath.Glob(filepath.Join(dir, "meta", "requirements*"))
		if len(files) == 0 {
			return ""
		}
		data, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	online := releases(false)
	releases(true)
	if text := remembered(); text != "" {
		t.Errorf("what the next moment may replace was remembered:\n%s", text)
	}
	refs := age(time.Hour)
	first := releases(true)
	if text := remembered(); !strings.Contains(text, "release\tv1.0.0\t") {
		t.Errorf("not remembered:\n%s", text)
	}
	// What is remembered counts: the refs themselves are not read again.
	info, err := os.Stat(refs)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(refs)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(refs, make([]byte, len(data)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(refs, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	for _, got := range []resolve.Releases{first, releases(true)} {
		if !slices.Equal(got.Versions, online.Versions) || !slices.Equal(got.Tags, online.Tags) || !slices.Equal(got.Branches, online.Branches) {
			t.Errorf("online %+v, offline %+v", online, got)
		}
	}
	// It does not count when the cache holds something newer.
	if err := g.MoveTag("a/b", "v1.1.0", "HEAD"); err != nil {
		t.Fatal(err)
	}
	releases(false)
	age(time.Minute)
	if got := releases(true); !slices.Contains(got.Versions, "v1.1.0") {
		t.Errorf("the cache learned of v1.1.0, and these were remembered: %q", got.Versions)
	}
}

// Notes are kept with the package that they are about, and only with that.
func TestNotes(t *testing.T) {
	_, dir := publishedRepo(t, sourcetest.Commit{Files: content, Tags: []string{"v1.0.0"}})
	memory := func() resolve.Memory {
		c, err := cache.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		return source.New(source.Options{Cache: c, Project: t.TempDir()}).(resolve.Memory)
	}
	src := resolve.Source{Kind: resolve.GitHub, Path: "a/b"}
	first := memory()
	tree, err := first.(resolve.Origin).Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	first.Note([]resolve.Note{{Source: src, Version: "v1.0.0", Sum: tree.Sum, Lines: []string{"too early"}}})
	first.Remember([]resolve.Remembered{{Source: src, Revision: tree.Revision, Sum: tree.Sum, Kind: resolve.KindService, File: "MediaConduit.service.yml"}})
	notes := func() []string {
		r, _ := memory().Recall(t.Context(), src, "v1.0.0")
		return r.Notes
	}
	if got := notes(); got != nil {
		t.Errorf("notes of a package that was not remembered: %q", got)
	}
	want := []string{"images 1", "app example.com/app:1 "}
	first.Note([]resolve.Note{{Source: src, Version: "v1.0.0", Sum: tree.Sum, Lines: want}})
	first.Note([]resolve.Note{{Source: src, Version: "v1.0.0", Sum: "h1:other", Lines: []string{"of other bytes"}}})
	if got := notes(); !slices.Equal(got, want) {
		t.Errorf("noted %q, got %q", want, got)
	}
}
