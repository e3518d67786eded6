package cache

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// batch is what [Cache.Batch] puts into a context. A nil batch finishes everything at once.
type batch struct {
	cache *Cache
	group errgroup.Group

	mu    sync.Mutex
	paths map[string]string // verified blobs without a record, by key
}

type batchKey struct{}

// Batch returns a context with which [Cache.Blob] does not wait for the disk: what it returns is verified and can be
// read, while it is brought to disk and recorded in the background. finish waits until all of it is; it must be called,
// and its error is one of the disk. A process that is killed before has files without records, which the next one
// fetches again.
func (c *Cache) Batch(ctx context.Context) (_ context.Context, finish func() error) {
	b := &batch{cache: c, paths: map[string]string{}}
	b.group.SetLimit(syncers)
	return context.WithValue(ctx, batchKey{}, b), b.group.Wait
}

// batchOf is the batch of ctx for this cache, or nil.
func batchOf(ctx context.Context, c *Cache) *batch {
	if b, ok := ctx.Value(batchKey{}).(*batch); ok && b.cache == c {
		return b
	}
	return nil
}

// placed finds a blob of the batch that may have no record yet.
func (b *batch) placed(key Key) (path string, ok bool) {
	if b == nil {
		return "", false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	path, ok = b.paths[key.String()]
	return path, ok
}

// finish runs what makes the blob at path an entry, now or in the background.
func (b *batch) finish(key Key, path string, record func() error) error {
	if b == nil {
		return record()
	}
	b.mu.Lock()
	b.paths[key.String()] = path
	b.mu.Unlock()
	b.group.Go(record)
	return nil
}
