package cache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

func open(t *testing.T) *cache.Cache {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "cache")
	t.Cleanup(func() { cache.RemoveAll(dir) })
	return reopen(t, dir)
}

// reopen opens the cache as another process would.
func reopen(t *testing.T, dir string) *cache.Cache {
	t.Helper()
	c, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func library(content string) cache.Key {
	return cache.Key{Kind: cache.Library, ID: verify.IntegrityOf([]byte(content)).String()}
}

func module(id string) cache.Key { return cache.Key{Kind: cache.Module, ID: id} }

func writes(content string) func(context.Context, *cache.Writer) error {
	return func(_ context.Context, w *cache.Writer) error {
		_, err := io.WriteString(w, content)
		return err
	}
}

func fills(files map[string]string) func(context.Context, string) (cache.Record, error) {
	return func(_ context.Context, dir string) (cache.Record, error) {
		for name, content := range files {
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return cache.Record{}, err
			}
			if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
				return cache.Record{}, err
			}
		}
		return cache.Record{Meta: map[string]string{"commit": "abc"}}, nil
	}
}

func never(t *testing.T) func(context.Context, string) (cache.Record, error) {
	return func(context.Context, string) (cache.Record, error) {
		t.Error("filled although it is in the cache")
		return cache.Record{}, nil
	}
}

func TestBlob(t *testing.T) {
	c := open(t)
	key := library("a tarball")
	if _, _, ok := c.Lookup(key); ok {
		t.Fatal("there before it was written")
	}
	if entries, err := os.ReadDir(c.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("looking up wrote %v", entries)
	}
	path, err := c.Blob(t.Context(), key, writes("a tarball"))
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "a tarball" {
		t.Errorf("content %q", got)
	}
	again, rec, ok := reopen(t, c.Dir()).Lookup(key)
	if !ok || again != path || rec.Sum != key.ID {
		t.Errorf("looked up %s, %+v, %v", again, rec, ok)
	}
}

func TestBlobOfWrongContent(t *testing.T) {
	c := open(t)
	key := library("promised")
	_, err := c.Blob(t.Context(), key, writes("delivered"))
	if report.KindOf(err) != report.Integrity {
		t.Fatalf("error %v", err)
	}
	_, named := c.Blob(t.Context(), key, func(_ context.Context, w *cache.Writer) error {
		_, err := io.WriteString(w, "delivered")
		return errors.Join(err, w.Check("cow@1.0.0"))
	})
	if report.KindOf(named) != report.Integrity || !strings.Contains(named.Error(), "cow@1.0.0") {
		t.Errorf("checked while it is written: %v", named)
	}
	for _, part := range []string{key.ID, verify.IntegrityOf([]byte("delivered")).String(), "conduit sync"} {
		for _, err := range []error{err, named} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error does not say %q: %v", part, err)
			}
		}
	}
	if _, err := c.Blob(t.Context(), key, writes("promised")); err != nil {
		t.Error(err)
	}
}

func TestTree(t *testing.T) {
	c := open(t)
	key := module("github:A/b//c@v1.0.0")
	path, rec, err := c.Tree(t.Context(), key, fills(map[string]string{"x": "1", "d/y": "2"}))
	if err != nil {
		t.Fatal(err)
	}
	if sum, err := verify.DirSum(path); err != nil || sum != rec.Sum || rec.Meta["commit"] != "abc" {
		t.Errorf("record %+v, sum %s, %v", rec, sum, err)
	}
	for name, want := range map[string]os.FileMode{".": 0o555, "d": 0o555, "d/y": 0o444} {
		if info, err := os.Stat(filepath.Join(path, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if again, rec2, err := reopen(t, c.Dir()).Tree(t.Context(), key, never(t)); err != nil || again != path || rec2.Sum != rec.Sum {
		t.Errorf("%s, %+v, %v", again, rec2, err)
	}
}

func TestFailedFillLeavesNothing(t *testing.T) {
	c := open(t)
	boom := errors.New("boom")
	_, _, err := c.Tree(t.Context(), module("m"), func(_ context.Context, dir string) (cache.Record, error) {
		os.WriteFile(filepath.Join(dir, "half"), []byte("x"), 0o666)
		return cache.Record{}, boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(filepath.Join(c.Dir(), "tmp")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if left, _ := os.ReadDir(filepath.Join(c.Dir(), "lock")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	if _, _, err := c.Tree(t.Context(), module("m"), fills(map[string]string{"a": "b"})); err != nil {
		t.Error(err)
	}
}

func TestAddTree(t *testing.T) {
	c := open(t)
	build := func(_ context.Context, dir string) error {
		return os.WriteFile(filepath.Join(dir, "provider.mjs"), []byte("export{}"), 0o666)
	}
	path, digest, err := c.AddTree(t.Context(), build)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := verify.ArtifactDigest(path); err != nil || got != digest {
		t.Errorf("digest %s, want %s, %v", got, digest, err)
	}
	if again, same, err := c.AddTree(t.Context(), build); err != nil || again != path || same != digest {
		t.Errorf("%s, %s, %v", again, same, err)
	}
	key := cache.Key{Kind: cache.Build, ID: "inputs"}
	if err := c.Put(key, cache.Record{Sum: digest}); err != nil {
		t.Fatal(err)
	}
	if _, rec, ok := c.Lookup(key); !ok || rec.Sum != digest {
		t.Errorf("%+v, %v", rec, ok)
	}
	wrong := cache.Key{Kind: cache.Artifact, ID: "sha256:00"}
	if _, _, err := c.Tree(t.Context(), wrong, fills(map[string]string{"a": "b"})); report.KindOf(err) != report.Integrity {
		t.Errorf("an artifact that is not what its key says: %v", err)
	}
}

// Keys that differ have different places, also where case does not count.
func TestKeysDoNotMix(t *testing.T) {
	c := open(t)
	ids := []string{"github:A/b@v1", "github:a/b@v1", "github:a/B@v1", "github:a+b@v1", "github:a/b//d@v1", "npm:@a/b@v1",
		"..", ".", "", "a.json", "a", "é", "a b", `c:\x`, strings.Repeat("x", 300), strings.Repeat("x", 299) + "y", "con", "x.", "x=2e"}
	places := map[string]string{}
	for _, id := range ids {
		path, _, err := c.Tree(t.Context(), module(id), fills(map[string]string{"id": id}))
		if err != nil {
			t.Fatalf("%q: %v", id, err)
		}
		if other, taken := places[strings.ToLower(path)]; taken {
			t.Errorf("%q and %q share %s", id, other, path)
		}
		places[strings.ToLower(path)] = id
		if filepath.Dir(path) != filepath.Join(c.Dir(), "module") {
			t.Errorf("%q lies at %s", id, path)
		}
	}
	for _, id := range ids {
		path, _, _ := c.Lookup(module(id))
		if got, _ := os.ReadFile(filepath.Join(path, "id")); string(got) != id {
			t.Errorf("%q holds %q", id, got)
		}
	}
}

func TestOneWriterAmongMany(t *testing.T) {
	c := open(t)
	var calls atomic.Int32
	var group sync.WaitGroup
	for range 16 {
		other := reopen(t, c.Dir())
		group.Go(func() {
			_, _, err := other.Tree(context.Background(), module("m"), func(ctx context.Context, dir string) (cache.Record, error) {
				calls.Add(1)
				return fills(map[string]string{"a": "b"})(ctx, dir)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if calls.Load() != 1 {
		t.Errorf("filled %d times", calls.Load())
	}
}

func TestWaitingEndsWithContext(t *testing.T) {
	c := open(t)
	unlock, err := c.Lock(t.Context(), module("m"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, waiter := range []*cache.Cache{c, reopen(t, c.Dir())} {
		if _, _, err := waiter.Tree(ctx, module("m"), never(t)); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
}

func TestMeta(t *testing.T) {
	c := open(t)
	if _, ok := c.Meta("refs x"); ok {
		t.Error("there before it was written")
	}
	for _, text := range []string{"one", "two"} {
		if err := c.PutMeta("refs x", []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Meta("refs x"); !ok || string(got) != text {
			t.Errorf("got %q, %v", got, ok)
		}
	}
}

func TestStorageErrors(t *testing.T) {
	c := open(t)
	_, err := c.Blob(t.Context(), library("x"), func(context.Context, *cache.Writer) error {
		return fmt.Errorf("writing: %w", &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC})
	})
	for _, part := range []string{"full", "conduit cache prune", cache.EnvDir} {
		if !strings.Contains(fmt.Sprint(err), part) {
			t.Errorf("a full disk: %v", err)
		}
	}
	refused := &os.SyscallError{Syscall: "connect", Err: syscall.EACCES}
	if _, err := c.Blob(t.Context(), library("x"), func(context.Context, *cache.Writer) error { return refused }); err != error(refused) {
		t.Errorf("an error of the network: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	os.WriteFile(file, nil, 0o666)
	if _, err := cache.Open(file); report.KindOf(err) != report.Usage || !strings.Contains(err.Error(), cache.EnvDir) {
		t.Errorf("a file for a cache: %v", err)
	}
	if err := os.Chmod(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(filepath.Dir(file)); runtime.GOOS != "windows" && (report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "chmod -R o-w "+filepath.Dir(file))) {
		t.Errorf("a cache that everybody can change: %v", err)
	}
	t.Setenv(cache.EnvDir, "relative")
	if _, err := cache.DefaultDir(); report.KindOf(err) != report.Usage {
		t.Errorf("a relative cache: %v", err)
	}
	t.Setenv(cache.EnvDir, file)
	if dir, err := cache.DefaultDir(); err != nil || dir != file {
		t.Errorf("%s, %v", dir, err)
	}
}
