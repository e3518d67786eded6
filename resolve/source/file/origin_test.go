package file_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/file"
)

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestFolderIsHashedAtEachFetch(t *testing.T) {
	project := t.TempDir()
	dir := filepath.Join(project, "providers", "mine")
	put(t, filepath.Join(dir, "a"), "1")
	o := file.New(project)
	fetch := func(path string) resolve.Tree {
		t.Helper()
		tree, err := o.Fetch(t.Context(), resolve.Source{Kind: resolve.File, Path: path}, resolve.Revision{})
		if err != nil {
			t.Fatal(err)
		}
		return tree
	}
	first := fetch("./providers/mine")
	if first.Path != dir || first.Version != "" || first != fetch(filepath.ToSlash(dir)) {
		t.Errorf("got %+v", first)
	}
	put(t, filepath.Join(dir, ".git", "HEAD"), "x")
	put(t, filepath.Join(dir, "node_modules", "x", "y"), "x")
	if fetch("providers/mine") != first {
		t.Error(".git or node_modules count")
	}
	put(t, filepath.Join(dir, "dist", "b"), "2")
	if fetch("providers/mine").Sum == first.Sum {
		t.Error("a new file does not count")
	}
}

func TestBadFolders(t *testing.T) {
	project := t.TempDir()
	put(t, filepath.Join(project, "file"), "")
	put(t, filepath.Join(project, "linked", "a"), "")
	if err := os.Symlink("../file", filepath.Join(project, "linked", "out")); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip("no symbolic links here:", err)
	}
	o := file.New(project)
	for path, says := range map[string][]string{
		"missing": {"does not exist", filepath.Join(project, "missing"), "conduit.toml"},
		"file":    {"not a folder", "name the folder"},
		"linked":  {"out", "leaves the folder", "remove links"},
	} {
		src := resolve.Source{Kind: resolve.File, Path: path}
		_, err := o.Fetch(t.Context(), src, resolve.Revision{})
		if err == nil || report.KindOf(err) != report.Failure {
			t.Fatalf("%s: %v", path, err)
		}
		for _, part := range append(says, "file:"+path) {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: error does not say %q: %v", path, part, err)
			}
		}
	}
}
