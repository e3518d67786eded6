package source_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
	"github.com/MediaConduit/conduit/verify"
)

var content = map[string]string{"MediaConduit.provider.yml": "id: x\n", "src/index.ts": "export {}\n"}

// published is one module as a kind of source publishes it.
type published struct {
	origin  resolve.Origin
	src     resolve.Source
	missing resolve.Source // of the same kind, and not there
	cached  bool           // what Fetch yields lies in the cache, read-only
}

// publishers make the same module in every kind of source that this repository can serve by itself.
var publishers = map[string]func(t *testing.T) published{
	"github": func(t *testing.T) published {
		return publishGit(t, resolve.Source{Kind: resolve.GitHub, Path: "a/b"}, "")
	},
	"directory": func(t *testing.T) published {
		return publishGit(t, resolve.Source{Kind: resolve.GitHub, Path: "a/b", Dir: "sub/dir"}, "sub/dir/")
	},
	"git": func(t *testing.T) published {
		return publishGit(t, resolve.Source{Kind: resolve.Git, Path: "git.example.com/group/a/b"}, "")
	},
	"file": publishFolder,
}

func publishGit(t *testing.T, src resolve.Source, prefix string) published {
	g := sourcetest.NewGit(t)
	c := sourcetest.Commit{Files: map[string]string{}}
	for name, text := range content {
		c.Files[prefix+name] = text
	}
	if _, err := g.AddRepo(src.Path, c); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(settings, []byte(g.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", settings)
	missing := src
	missing.Path += "-missing"
	return published{origin: newOrigin(t, t.TempDir()), src: src, missing: missing, cached: true}
}

func publishFolder(t *testing.T) published {
	project := t.TempDir()
	for name, text := range content {
		path := filepath.Join(project, "providers", "mine", name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return published{
		origin:  newOrigin(t, project),
		src:     resolve.Source{Kind: resolve.File, Path: "./providers/mine"},
		missing: resolve.Source{Kind: resolve.File, Path: "./providers/other"},
	}
}

func newOrigin(t *testing.T, project string) resolve.Origin {
	dir := filepath.Join(t.TempDir(), "cache")
	t.Cleanup(func() { cache.RemoveAll(dir) })
	c, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return source.New(source.Options{Cache: c, Project: project})
}

// Every kind of source keeps these promises.
func TestConformance(t *testing.T) {
	for kind, publish := range publishers {
		t.Run(kind, func(t *testing.T) {
			p := publish(t)
			ctx := t.Context()
			rels, err := p.origin.Releases(ctx, p.src)
			if err != nil || len(rels.Versions) != 0 {
				t.Errorf("releases of what has none: %+v, %v", rels, err)
			}
			rev, err := p.origin.Find(ctx, p.src, "HEAD")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.origin.Find(ctx, p.src, "no-such-name"); !errors.Is(err, resolve.ErrNoSuchRevision) || report.KindOf(err) != report.Failure {
				t.Errorf("an unknown name: %v", err)
			}
			if _, err := p.origin.Releases(ctx, p.missing); err == nil || report.KindOf(err) != report.Failure {
				t.Errorf("a missing source: %v", err)
			}
			trees := make([]resolve.Tree, 8)
			var group sync.WaitGroup
			for i := range trees {
				group.Go(func() {
					var err error
					if trees[i], err = p.origin.Fetch(ctx, p.src, rev); err != nil {
						t.Error(err)
					}
				})
			}
			group.Wait()
			for _, tree := range trees {
				if tree != trees[0] || tree.Revision != rev {
					t.Errorf("got %+v and %+v for %+v", tree, trees[0], rev)
				}
			}
			checkTree(t, trees[0], p.cached)
		})
	}
}

// checkTree checks that a tree has the content, whose sum is the same wherever it came from.
func checkTree(t *testing.T, tree resolve.Tree, readOnly bool) {
	t.Helper()
	if !filepath.IsAbs(tree.Path) {
		t.Errorf("path %s", tree.Path)
	}
	if sum, err := verify.DirSum(tree.Path); err != nil || sum != tree.Sum {
		t.Errorf("sum %s, want %s, %v", sum, tree.Sum, err)
	}
	const want = "h1:giDyQ77TqVPMsZDqTJDBcUmUq9CZf5xWbRic1H7BRhc="
	if tree.Sum != want {
		t.Errorf("sum %s, want %s", tree.Sum, want)
	}
	for name, text := range content {
		path := filepath.Join(tree.Path, name)
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
		if info, err := os.Stat(path); err != nil || (info.Mode().Perm()&0o222 == 0) != readOnly {
			t.Errorf("%s: mode %v, %v", name, info.Mode(), err)
		}
	}
}

func TestUnknownKind(t *testing.T) {
	_, err := newOrigin(t, t.TempDir()).Releases(t.Context(), resolve.Source{Kind: resolve.NPM, Path: "x"})
	if report.KindOf(err) != report.Usage {
		t.Errorf("npm without an origin for it: %v", err)
	}
}
