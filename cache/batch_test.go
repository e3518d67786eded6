package cache_test

import (
	"bytes"
	"context"
	"os"
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
