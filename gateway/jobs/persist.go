package jobs

import (
	"context"
	"os"
	"path/filepath"
	"time"
)

// Pauses between attempts to store what the disk refuses.
const (
	firstPause = time.Second
	mostPause  = 30 * time.Second
)

// persist stores until that succeeds or ctx has ended: a disk that is full has room again some day, and what became of a job is
// not to be lost until then. refused is told the first failure.
func persist(ctx context.Context, store func() error, refused func(error)) error {
	for pause := firstPause; ; pause = min(2*pause, mostPause) {
		err := store()
		if err == nil || ctx.Err() != nil {
			return err
		}
		if refused != nil {
			refused(err)
			refused = nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// inputFiles are the files of a job's inputs that are the queue's own, and their size in bytes.
func (q *Queue) inputFiles(r *record) (paths []string, bytes int64) {
	for _, m := range r.Call.Inputs {
		if m.Path == "" || filepath.Dir(m.Path) != q.store.folder(r.ID) {
			continue
		}
		if info, err := os.Stat(m.Path); err == nil {
			bytes += info.Size()
		}
		paths = append(paths, m.Path)
	}
	return paths, bytes
}
