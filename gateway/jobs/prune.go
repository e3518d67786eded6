package jobs

import (
	"context"
	"encoding/json"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// pruning prunes from time to time until ctx ends.
func (q *Queue) pruning(ctx context.Context) {
	ticker := time.NewTicker(max(q.opts.Keep/20, time.Second))
	defer ticker.Stop()
	for {
		if err := q.prune(time.Now()); err != nil {
			report.Warn(q.emit, "jobs", q.opts.Dir, err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// prune forgets jobs that ended long enough ago, and of the others that have ended the oldest, until the rest has room. One
// whose webhook is not delivered yet stays for as long as that is tried.
func (q *Queue) prune(now time.Time) error {
	q.mu.Lock()
	over := q.kept - q.opts.Storage
	q.mu.Unlock()
	var old []*record
	freed := int64(0)
	err := q.store.each(func(r *record) bool {
		if !r.State.Final() {
			return true
		}
		expired := now.Sub(r.Finished) > q.opts.Keep && (r.Webhook == nil || r.Webhook.State != pending)
		if expired || freed < over {
			old = append(old, r)
			freed += r.Size
		}
		return freed < over || now.Sub(r.Created) > q.opts.Keep // what is younger has not ended long enough ago either
	})
	if err != nil || len(old) == 0 {
		return err
	}
	if err := q.store.remove(old...); err != nil {
		return err
	}
	q.mu.Lock()
	q.kept -= freed
	q.mu.Unlock()
	return nil
}

// treeSize is how many bytes the files below a folder have. What cannot be read counts nothing.
func treeSize(dir string) int64 {
	var size int64
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			if info, err := e.Info(); err == nil {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}

// recordSize is how many bytes a record has.
func recordSize(r *record) int64 {
	data, err := json.Marshal(r)
	if err != nil {
		return 0
	}
	return int64(len(data))
}
