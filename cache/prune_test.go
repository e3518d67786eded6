package cache_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
)

func fillSome(t *testing.T, c *cache.Cache) {
	t.Helper()
	if _, _, err := c.Tree(t.Context(), module("one"), fills(map[string]string{"d/a": "12345"})); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Blob(t.Context(), library("blob"), writes("blob")); err != nil {
		t.Fatal(err)
	}
	if err := c.Put(cache.Key{Kind: cache.Build, ID: "b"}, cache.Record{Sum: "sha256:00"}); err != nil {
		t.Fatal(err)
	}
	if err := c.PutMeta("doc", []byte("x")); err != nil {
		t.Fatal(err)
	}
}

func TestSizeAndPrune(t *testing.T) {
	c := open(t)
	if done, err := c.Prune(t.Context(), cache.PruneOptions{All: true}); err != nil || done.Removed.Entries != 0 {
		t.Errorf("a cache that does not exist: %+v, %v", done, err)
	}
	fillSome(t, c)
	usage, err := c.Size(t.Context())
	if err != nil || usage[cache.Module] != (cache.Usage{Entries: 1, Bytes: 5}) || usage[cache.Library] != (cache.Usage{Entries: 1, Bytes: 4}) {
		t.Errorf("usage %v, %v", usage, err)
	}
	if done, err := c.Prune(t.Context(), cache.PruneOptions{OlderThan: time.Hour}); err != nil || done.Removed.Entries != 0 {
		t.Errorf("young entries: %+v, %v", done, err)
	}
	// Entries, and nothing else, grow old by their records' times.
	old := time.Now().Add(-48 * time.Hour)
	filepath.WalkDir(filepath.Join(c.Dir(), "record", "module"), func(path string, _ os.DirEntry, _ error) error {
		return os.Chtimes(path, old, old)
	})
	if done, err := c.Prune(t.Context(), cache.PruneOptions{OlderThan: time.Hour}); err != nil || done.Removed != (cache.Usage{Entries: 1, Bytes: 5}) {
		t.Errorf("old entries: %+v, %v", done, err)
	}
	if done, err := c.Prune(t.Context(), cache.PruneOptions{All: true}); err != nil || done.Removed.Entries != 2 || done.Busy != 0 {
		t.Errorf("all: %+v, %v", done, err)
	}
	if _, ok := c.Meta("doc"); ok {
		t.Error("a document is left")
	}
	if entries, err := c.Entries(t.Context()); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v", entries, err)
	}
	fillSome(t, c) // and it can be filled again
}

func TestUseKeepsEntriesYoung(t *testing.T) {
	c := open(t)
	fillSome(t, c)
	old := time.Now().Add(-48 * time.Hour)
	filepath.WalkDir(filepath.Join(c.Dir(), "record"), func(path string, _ os.DirEntry, _ error) error {
		return os.Chtimes(path, old, old)
	})
	c.Lookup(module("one"))
	done, err := c.Prune(t.Context(), cache.PruneOptions{OlderThan: 24 * time.Hour})
	if err != nil || done.Removed.Entries != 2 {
		t.Errorf("%+v, %v", done, err)
	}
	if _, _, ok := c.Lookup(module("one")); !ok {
		t.Error("what was used is gone")
	}
}

func TestPruneLeavesWhatIsHeld(t *testing.T) {
	c, other := open(t), (*cache.Cache)(nil)
	fillSome(t, c)
	other = reopen(t, c.Dir())
	release, err := other.Hold(t.Context(), module("one"))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := other.Lock(t.Context(), library("blob"))
	if err != nil {
		t.Fatal(err)
	}
	done, err := c.Prune(t.Context(), cache.PruneOptions{All: true})
	if err != nil || done.Busy != 2 || done.Removed.Entries != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	if _, _, ok := c.Lookup(module("one")); !ok {
		t.Error("what is held is gone")
	}
	release()
	unlock()
	if done, err := c.Prune(t.Context(), cache.PruneOptions{All: true}); err != nil || done.Removed.Entries != 2 {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestPruneRemovesOrphans(t *testing.T) {
	c := open(t)
	path, _, err := c.Tree(t.Context(), module("one"), fills(map[string]string{"d/a": "1"}))
	if err != nil {
		t.Fatal(err)
	}
	// As after a kill between the two renames.
	if err := os.RemoveAll(filepath.Join(c.Dir(), "record", "module")); err != nil {
		t.Fatal(err)
	}
	if _, _, ok := c.Lookup(module("one")); ok {
		t.Error("content without a record counts")
	}
	if _, err := c.Prune(t.Context(), cache.PruneOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
}

func TestVerify(t *testing.T) {
	c := open(t)
	fillSome(t, c)
	artifact, digest, err := c.AddTree(t.Context(), func(_ context.Context, dir string) error {
		return os.WriteFile(filepath.Join(dir, "provider.mjs"), []byte("moo"), 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
	tree, _, _ := c.Lookup(module("one"))
	blob, _, _ := c.Lookup(library("blob"))
	damaged := map[string]string{filepath.Join(tree, "d", "a"): "12346", blob: "blop", filepath.Join(artifact, "provider.mjs"): "boo"}
	for file, content := range damaged {
		os.Chmod(file, 0o666)
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err = c.Verify(t.Context())
	if report.KindOf(err) != report.Integrity {
		t.Fatalf("error %v", err)
	}
	for _, part := range []string{"module one", library("blob").ID, digest, tree, blob, artifact, "conduit cache prune --all", "conduit sync"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error does not say %q:\n%v", part, err)
		}
	}
	if err := c.Verify(t.Context(), cache.Key{Kind: cache.Build, ID: "b"}); err != nil {
		t.Error(err)
	}
	if err := c.Remove(module("one")); err != nil {
		t.Fatal(err)
	}
	if err := c.Verify(t.Context(), module("one")); err != nil {
		t.Errorf("after removal: %v", err)
	}
}

// A record that a crash cut short, and a file that it cut short, are no entries.
func TestTornEntries(t *testing.T) {
	c := open(t)
	fillSome(t, c)
	blob, _, _ := c.Lookup(library("blob"))
	os.Chmod(blob, 0o666)
	if err := os.Truncate(blob, 1); err != nil {
		t.Fatal(err)
	}
	record := filepath.Join(c.Dir(), "record", "module", "one.json")
	if err := os.Truncate(record, 10); err != nil {
		t.Fatal(err)
	}
	for _, key := range []cache.Key{library("blob"), module("one")} {
		if _, _, ok := c.Lookup(key); ok {
			t.Errorf("%s counts", key)
		}
	}
	fillSome(t, c)
	if err := c.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
