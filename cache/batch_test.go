package cache_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/verify"
)

// In a batch a blob can be read as soon as Blob returns, by all who asked, is written once, and is an entry at the end.
func TestBatch(t *testing.T) {
	c, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, finish := c.Batch(context.Background())
	var writes atomic.Int32
	var all sync.WaitGroup
	contents := [][]byte{[]byte("one"), []byte("two"), bytes.Repeat([]byte("three"), 1<<20)}
	for range 4 {
		for _, content := range contents {
			all.Go(func() {
				key := cache.Key{Kind: cache.Library, ID: verify.IntegrityOf(content).String()}
				path, err := c.Blob(ctx, key, func(_ context.Context, w *cache.Writer) error {
					writes.Add(1)
					_, err := w.Write(content)
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
					t.Errorf("read %d bytes of %d, %v", len(got), len(content), err)
				}
			})
		}
	}
	all.Wait()
	if err := finish(); err != nil {
		t.Fatal(err)
	}
	if n := writes.Load(); n != int32(len(contents)) {
		t.Errorf("written %d times", n)
	}
	for _, content := range contents {
		path, _, ok := c.Lookup(cache.Key{Kind: cache.Library, ID: verify.IntegrityOf(content).String()})
		if info, err := os.Stat(path); !ok || err != nil || info.Mode().Perm()&0o222 != 0 {
			t.Errorf("after the batch: %v, %v, %v", ok, info, err)
		}
	}
	if err := c.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

// In a batch an unpacked library can be read and linked as soon as Tree returns, is written once, and is an entry at the end, as
// is the layout that its files are linked into.
func TestBatchTree(t *testing.T) {
	c, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ctx, finish := c.Batch(t.Context())
	unpacked := cache.Key{Kind: cache.Unpacked, ID: verify.IntegrityOf([]byte("tarball")).String()}
	var failed, writes atomic.Int32
	var all sync.WaitGroup
	for n := range 4 {
		all.Go(func() {
			dir, rec, err := c.Tree(ctx, unpacked, func(_ context.Context, dir string) (cache.Record, error) {
				if failed.Add(1) == 1 {
					return cache.Record{}, errors.New("first")
				}
				writes.Add(1)
				err := os.Mkdir(filepath.Join(dir, "lib"), 0o777)
				return cache.Record{}, errors.Join(err, os.WriteFile(filepath.Join(dir, "lib", "index.js"), []byte("code"), 0o666))
			})
			if err != nil && err.Error() == "first" {
				return // another one made it
			}
			if err != nil || rec.Sum == "" {
				t.Errorf("%v, %v", rec, err)
				return
			}
			layout := cache.Key{Kind: cache.Layout, ID: string(rune('a' + n))}
			if _, _, err := c.Tree(ctx, layout, func(_ context.Context, to string) (cache.Record, error) {
				return cache.Record{}, os.Link(filepath.Join(dir, "lib", "index.js"), filepath.Join(to, "index.js"))
			}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if err := finish(); err != nil {
		t.Fatal(err)
	}
	if n := writes.Load(); n != 1 {
		t.Errorf("written %d times", n)
	}
	path, _, ok := c.Lookup(unpacked)
	for _, name := range []string{".", "lib", "lib/index.js"} {
		if info, err := os.Stat(filepath.Join(path, filepath.FromSlash(name))); !ok || err != nil || info.Mode().Perm()&0o222 != 0 {
			t.Errorf("after the batch %s: %v, %v, %v", name, ok, info, err)
		}
	}
	entries := 0
	for n := range 4 {
		if _, _, ok := c.Lookup(cache.Key{Kind: cache.Layout, ID: string(rune('a' + n))}); ok {
			entries++
		}
	}
	if entries != 3 {
		t.Errorf("%d layouts", entries)
	}
	if err := c.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
