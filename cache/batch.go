package cache

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// What is complete waits for the disk together, for so long and so many at most: a file system that keeps a journal brings
// what is synced at the same time to disk at once, and holds up everybody who writes while it does. What waits is lost if
// the process is killed.
const (
	together  = 500 * time.Millisecond
	mostAtOne = 256 // each holds its lock file open
)

// batch is what [Cache.Batch] puts into a context. A nil batch finishes everything at once.
type batch struct {
	cache  *Cache
	rounds errgroup.Group

	mu      sync.Mutex
	entries map[string]*placement // by key
	waiting []func() error        // make these entries
	timer   *time.Timer           // until the next round; nil if nothing waits
}

// placement is an entry that a batch writes.
type placement struct {
	written chan struct{} // closed when the other fields are set
	ok      bool          // it can be read, though perhaps it has no record yet
	path    string
	rec     Record
}

type batchKey struct{}

// Batch returns a context with which [Cache.Blob], and [Cache.Tree] for unpacked libraries and layouts, do not wait for the
// disk: what they return is verified and can be read, while it is brought to disk and recorded in the background. finish
// waits until all of it is; it must be called, and its error is one of the disk. A process that is killed before has files
// without records, which the next one fetches again.
func (c *Cache) Batch(ctx context.Context) (_ context.Context, finish func() error) {
	b := &batch{cache: c, entries: map[string]*placement{}}
	return context.WithValue(ctx, batchKey{}, b), b.end
}

// batchOf is the batch of ctx for this cache, or nil.
func batchOf(ctx context.Context, c *Cache) *batch {
	if b, ok := ctx.Value(batchKey{}).(*batch); ok && b.cache == c {
		return b
	}
	return nil
}

// enter waits until nobody else of the batch writes the entry of key. It returns what was written, or else a placement that the
// caller has to leave with.
func (b *batch) enter(ctx context.Context, key Key) (p *placement, written bool, err error) {
	if b == nil {
		return nil, false, nil
	}
	for {
		b.mu.Lock()
		p, busy := b.entries[key.String()]
		if !busy {
			p = &placement{written: make(chan struct{})}
			b.entries[key.String()] = p
		}
		b.mu.Unlock()
		if !busy {
			return p, false, nil
		}
		select {
		case <-p.written:
		case <-ctx.Done():
			return nil, false, ctx.Err()
		}
		if p.ok {
			return p, true, nil
		}
	}
}

// leave ends what enter began: the entry is at path, or, where path is "", the next one who asks may write it.
func (b *batch) leave(key Key, p *placement, path string, rec Record) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	p.path, p.rec, p.ok = path, rec, path != ""
	if !p.ok {
		delete(b.entries, key.String())
	}
	close(p.written)
}

// finish runs what brings an entry to disk and records it, now or in the background.
func (b *batch) finish(record func() error) error {
	if b == nil {
		return record()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, record)
	if b.timer == nil {
		b.timer = time.AfterFunc(together, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.round()
		})
	}
	if len(b.waiting) >= mostAtOne {
		b.round()
	}
	return nil
}

// round starts what waits. The caller holds mu, so that no round begins when end is waiting for the last one.
func (b *batch) round() {
	if b.timer != nil {
		b.timer.Stop() // one that fires nevertheless finds nothing, or begins a round early
		b.timer = nil
	}
	if len(b.waiting) == 0 {
		return
	}
	records := b.waiting
	b.waiting = nil
	b.rounds.Go(func() error {
		var group errgroup.Group
		group.SetLimit(syncers)
		for _, record := range records {
			group.Go(record)
		}
		return group.Wait()
	})
}

// end waits until all that was placed is recorded.
func (b *batch) end() error {
	b.mu.Lock()
	b.round()
	b.mu.Unlock()
	return b.rounds.Wait()
}
