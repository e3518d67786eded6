package github_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
	"github.com/MediaConduit/conduit/verify"
)

const repo = "MediaConduit/cowsay-provider"

var src = resolve.Source{Kind: resolve.GitHub, Path: repo}

// world is a host, a cache and the environment that leads the one to the other.
type world struct {
	git   *sourcetest.Git
	cache *cache.Cache
	env   map[string]string
}

func newWorld(t *testing.T, opts ...sourcetest.Option) *world {
	w := &world{git: sourcetest.NewGit(t, opts...), env: map[string]string{"HOME": t.TempDir(), "GIT_CONFIG_NOSYSTEM": "1"}}
	w.emptyCache(t)
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1") // for git credential, which sees the real environment
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	return w
}

func (w *world) emptyCache(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "cache")
	t.Cleanup(func() { cache.RemoveAll(dir) }) // it is read-only: t.TempDir could not remove it
	var err error
	if w.cache, err = cache.Open(dir); err != nil {
		t.Fatal(err)
	}
}

func (w *world) add(t *testing.T, commits ...sourcetest.Commit) []string {
	t.Helper()
	hashes, err := w.git.AddRepo(repo, commits...)
	if err != nil {
		t.Fatal(err)
	}
	return hashes
}

// origin is what a new process would make.
func (w *world) origin(t *testing.T, change ...func(*github.Options)) *github.Origin {
	t.Helper()
	file := filepath.Join(w.env["HOME"], ".gitconfig")
	if err := os.WriteFile(file, []byte(w.git.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	opts := github.Options{Cache: w.cache, Env: func(name string) string { return w.env[name] }}
	for _, c := range change {
		c(&opts)
	}
	return github.New(opts)
}

func offline(o *github.Options) { o.Offline = true }

func files(names ...string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = "content of " + n + "\n"
	}
	return m
}

func (w *world) wantRequests(t *testing.T, n int) {
	t.Helper()
	if got := w.git.Requests(""); len(got) != n {
		t.Errorf("%d requests, want %d: %v", len(got), n, got)
	}
}

// wantError checks the kind of an error and that its text, remedy included, holds the given parts.
func wantError(t *testing.T, err error, kind report.Kind, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if report.KindOf(err) != kind {
		t.Errorf("kind %v, want %v: %v", report.KindOf(err), kind, err)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not say %q:\n%v", part, err)
		}
	}
}

func TestUntaggedBranchTakesTwoRequests(t *testing.T) {
	w := newWorld(t)
	hashes := w.add(t, sourcetest.Commit{Files: files("a.txt")}, sourcetest.Commit{Files: files("a.txt", "src/index.ts")})
	ctx := t.Context()
	o := w.origin(t)
	rels, err := o.Releases(ctx, src)
	if err != nil || len(rels.Versions) != 0 || !slices.Equal(rels.Branches, []string{"main"}) {
		t.Fatalf("releases %+v, %v", rels, err)
	}
	rev, err := o.Find(ctx, src, "main")
	if err != nil {
		t.Fatal(err)
	}
	if want := "v0.0.0-20250630000100-" + hashes[1][:12]; rev.Version != want || rev.Commit != hashes[1] {
		t.Errorf("got %+v, want version %s", rev, want)
	}
	tree, err := o.Fetch(ctx, src, rev)
	if err != nil {
		t.Fatal(err)
	}
	w.wantRequests(t, 2)
	if got, _ := os.ReadFile(filepath.Join(tree.Path, "src", "index.ts")); string(got) != "content of src/index.ts\n" {
		t.Errorf("content %q", got)
	}
	if sum, err := verify.DirSum(tree.Path); err != nil || sum != tree.Sum {
		t.Errorf("sum %s, recorded %s, %v", sum, tree.Sum, err)
	}
	// A later process that knows the lock asks for nothing.
	again, err := w.origin(t).Fetch(ctx, src, rev)
	if err != nil || again != tree {
		t.Errorf("got %+v, want %+v, %v", again, tree, err)
	}
	w.wantRequests(t, 2)
}

func TestLockedVersionTakesTwoRequests(t *testing.T) {
	w := newWorld(t)
	hashes := w.add(t,
		sourcetest.Commit{Files: files("a"), Tags: []string{"v1.0.0"}},
		sourcetest.Commit{Files: files("b"), Annotated: []string{"v1.2.3"}},
		sourcetest.Commit{Files: files("c"), Tags: []string{"v1.3.0-rc.1", "v2"}},
		sourcetest.Commit{Files: files("d"), Tags: []string{"v2.0.0", "sub/v9.0.0", "nightly"}})
	ctx := t.Context()
	rels, err := w.origin(t).Releases(ctx, src)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"v1.0.0", "v1.2.3", "v1.3.0-rc.1", "v2.0.0"}; !slices.Equal(rels.Versions, want) {
		t.Errorf("versions %v, want %v", rels.Versions, want)
	}
	if want := []string{"nightly", "sub/v9.0.0", "v2"}; !slices.Equal(rels.Tags, want) {
		t.Errorf("tags %v, want %v", rels.Tags, want)
	}
	w.git.ResetRequests()
	for _, rev := range []resolve.Revision{{Version: "v1.2.3"}, {Version: "v1.2.3", Commit: hashes[1]}} {
		w.emptyCache(t)
		w.git.ResetRequests()
		tree, err := w.origin(t).Fetch(ctx, src, rev)
		if err != nil {
			t.Fatal(err)
		}
		if tree.Commit != hashes[1] || tree.Version != "v1.2.3" || tree.Time.IsZero() {
			t.Errorf("got %+v", tree)
		}
		w.wantRequests(t, 2)
	}
}

func TestFindNames(t *testing.T) {
	w := newWorld(t)
	h := w.add(t,
		sourcetest.Commit{Files: files("0")},
		sourcetest.Commit{Files: files("1"), Tags: []string{"v1.2.3"}},
		sourcetest.Commit{Files: files("2")},
		sourcetest.Commit{Files: files("3"), Annotated: []string{"nightly"}},
		sourcetest.Commit{Files: files("4"), Tags: []string{"v1.3.0-rc.1"}},
		sourcetest.Commit{Files: files("5"), Branch: "dev"})
	head, err := w.git.Commit(repo, "HEAD")
	if err != nil || head != h[4] {
		t.Fatal(head, err)
	}
	for _, test := range []struct {
		name    string
		version string
		commit  int
	}{
		{"HEAD", "v1.3.0-rc.1", 4},
		{"main", "v1.3.0-rc.1", 4},
		{"refs/heads/main", "v1.3.0-rc.1", 4},
		{"nightly", "v1.2.4-0.20250630000300-" + h[3][:12], 3},
		{"dev", "v1.3.0-rc.1.0.20250630000600-" + h[5][:12], 5},
		{h[1][:7], "v1.2.3", 1},
		{h[2], "v1.2.4-0.20250630000200-" + h[2][:12], 2},
		{h[2][:9], "v1.2.4-0.20250630000200-" + h[2][:12], 2},
		{strings.ToUpper(h[0]), "v0.0.0-20250630000000-" + h[0][:12], 0},
	} {
		for _, filter := range []string{"true", "false"} {
			w.emptyCache(t)
			for _, key := range []string{"uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"} {
				if err := w.git.Config(repo, key, filter); err != nil {
					t.Fatal(err)
				}
			}
			rev, err := w.origin(t).Find(t.Context(), src, test.name)
			if err != nil {
				t.Errorf("%s (filter %s): %v", test.name, filter, err)
				continue
			}
			if rev.Version != test.version || rev.Commit != h[test.commit] {
				t.Errorf("%s (filter %s): got %+v, want %s", test.name, filter, rev, test.version)
			}
			// What was found can be fetched by its version alone, now and offline.
			for _, o := range []*github.Origin{w.origin(t), w.origin(t, offline)} {
				tree, err := o.Fetch(t.Context(), src, resolve.Revision{Version: rev.Version})
				if err != nil || tree.Commit != rev.Commit {
					t.Errorf("%s: fetched %+v, %v", rev.Version, tree, err)
				}
			}
		}
	}
}

func TestMovedTag(t *testing.T) {
	w := newWorld(t)
	h := w.add(t, sourcetest.Commit{Files: files("a"), Tags: []string{"v1.0.0"}}, sourcetest.Commit{Files: files("b")})
	if err := w.git.MoveTag(repo, "v1.0.0", h[1]); err != nil {
		t.Fatal(err)
	}
	_, err := w.origin(t).Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0", Commit: h[0]})
	wantError(t, err, report.Integrity, "github:"+repo, "v1.0.0", h[0], h[1], "conduit get")
	if entries, err := w.cache.Entries(t.Context()); err != nil || len(entries) != 0 {
		t.Errorf("kept %v, %v", entries, err)
	}
	if err := w.git.DeleteTag(repo, "v1.0.0"); err != nil {
		t.Fatal(err)
	}
	var warned []string
	ctx := report.To(t.Context(), func(e report.Event) {
		if e.Type == report.Warning {
			warned = append(warned, e.Message)
		}
	})
	if _, err := w.origin(t).Fetch(ctx, src, resolve.Revision{Version: "v1.0.0", Commit: h[0]}); err != nil || len(warned) != 1 {
		t.Errorf("a tag that is gone: %v, warnings %q", err, warned)
	}
}

func TestForgedPseudoVersion(t *testing.T) {
	w := newWorld(t)
	h := w.add(t, sourcetest.Commit{Files: files("a")})
	o := w.origin(t)
	_, err := o.Fetch(t.Context(), src, resolve.Revision{Version: "v0.0.0-20250630000000-000000000000", Commit: h[0]})
	wantError(t, err, report.Integrity, h[0], "000000000000")
	_, err = o.Fetch(t.Context(), src, resolve.Revision{Version: "v0.0.0-20990630000000-" + h[0][:12], Commit: h[0]})
	wantError(t, err, report.Integrity, "2099-06-30", "2025-06-30")
}

func TestDirectory(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("readme", "providers/cow/index.ts", "providers/dog/index.ts"), Tags: []string{"providers/cow/v1.0.0", "v3.0.0"}})
	cow := resolve.Source{Kind: resolve.GitHub, Path: repo, Dir: "providers/cow"}
	o := w.origin(t)
	rels, err := o.Releases(t.Context(), cow)
	if err != nil || !slices.Equal(rels.Versions, []string{"v1.0.0"}) {
		t.Fatalf("%+v, %v", rels, err)
	}
	tree, err := o.Fetch(t.Context(), cow, resolve.Revision{Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	if entries, _ := os.ReadDir(tree.Path); len(entries) != 1 || entries[0].Name() != "index.ts" {
		t.Errorf("entries %v", entries)
	}
	w.wantRequests(t, 2)
	_, err = o.Find(t.Context(), resolve.Source{Kind: resolve.GitHub, Path: repo, Dir: "providers/cat"}, "main")
	wantError(t, err, report.Failure, "providers/cat", "//")
}

func TestUnusualFiles(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{
		Files:      map[string]string{"bin/run": "#!/bin/sh\n", "lib/a": "A", "big": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"},
		Executable: []string{"bin/run"},
		Links:      map[string]string{"run": "bin/run", "copy": "lib", "nothing": "missing/file"},
		Submodules: map[string]string{"vendor/x": strings.Repeat("1", 40)},
	})
	var warnings []string
	ctx := report.To(t.Context(), func(e report.Event) {
		if e.Type == report.Warning {
			warnings = append(warnings, e.Message)
		}
	})
	o := w.origin(t)
	rev, err := o.Find(ctx, src, "main")
	if err != nil {
		t.Fatal(err)
	}
	tree, err := o.Fetch(ctx, src, rev)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(tree.Path, "copy", "a")); string(got) != "A" {
		t.Errorf("a linked folder holds %q", got)
	}
	info, err := os.Lstat(filepath.Join(tree.Path, "run"))
	if err != nil || info.Mode().Perm() != 0o555 {
		t.Errorf("a linked program: %v, %v", info, err)
	}
	if len(warnings) != 2 || !strings.Contains(warnings[0], "big") || !strings.Contains(warnings[1], "vendor/x") {
		t.Errorf("warnings %q", warnings)
	}
}

func TestHostileTrees(t *testing.T) {
	for name, test := range map[string]struct {
		commit sourcetest.Commit
		limits extract.Limits
		says   string
	}{
		"link outside":  {commit: sourcetest.Commit{Links: map[string]string{"a/b": "../../etc/passwd"}}, says: "leaves the package's folder"},
		"absolute link": {commit: sourcetest.Commit{Links: map[string]string{"b": "/etc/passwd"}}, says: "leaves the package's folder"},
		"link loop":     {commit: sourcetest.Commit{Links: map[string]string{"a": "b", "b": "a"}}, says: "back to itself"},
		"link to above": {commit: sourcetest.Commit{Files: files("x/y"), Links: map[string]string{"x/z": "."}}, says: "contains it"},
		"case":          {commit: sourcetest.Commit{Files: files("Readme", "README")}, says: "by case alone"},
		"case of dirs":  {commit: sourcetest.Commit{Files: files("a/x", "A/y")}, says: "by case alone"},
		"bytes":         {commit: sourcetest.Commit{Files: map[string]string{"a": strings.Repeat("x", 5000)}}, limits: extract.Limits{Bytes: 4000}, says: "more than 4000 bytes"},
		"files":         {commit: sourcetest.Commit{Files: files("a", "b", "c")}, limits: extract.Limits{Files: 2}, says: "more than 2 files"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(t, test.commit)
			o := w.origin(t, func(o *github.Options) { o.Limits = test.limits })
			_, err := o.Find(t.Context(), src, "main")
			wantError(t, err, report.Policy, "github:"+repo, test.says, "use another version")
		})
	}
}

func TestOneFetchForMany(t *testing.T) {
	w := newWorld(t)
	h := w.add(t, sourcetest.Commit{Files: files("a"), Tags: []string{"v1.0.0"}})
	rev := resolve.Revision{Version: "v1.0.0", Commit: h[0]}
	var group sync.WaitGroup
	errs := make([]error, 8)
	origins := make([]*github.Origin, len(errs)) // each as another process has it
	for i := range origins {
		origins[i] = w.origin(t)
	}
	for i, o := range origins {
		group.Go(func() { _, errs[i] = o.Fetch(context.Background(), src, rev) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	w.wantRequests(t, 2)
}
