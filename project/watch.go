package project

import (
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// watchInterval is how often folders of providers are looked at. A change counts when two looks see the same: an editor that
// saves ten files is one change.
const watchInterval = 300 * time.Millisecond

// watched is the folder of a provider.
type watched struct {
	provider *hosted
	dir      string
	built    uint64 // the state that was taken in last, or could not be
	last     uint64 // the state at the last look
	pending  bool   // it changed, and the provider does not run from that yet
}

// folders are the providers of lock that are folders, as they are now.
func (h *Host) folders(lock *lockfile.Lock) []*watched {
	var out []*watched
	for _, each := range h.providers {
		module, ok := lock.Provider(each.name)
		if !ok || module.Version != "" {
			continue
		}
		src, _, err := resolve.ParseSource(module.Source)
		if err != nil || src.Kind != resolve.File {
			continue
		}
		dir := filepath.FromSlash(src.Path)
		if !filepath.IsAbs(dir) {
			dir = filepath.Join(h.project.dir, dir)
		}
		w := &watched{provider: each, dir: filepath.Join(dir, filepath.FromSlash(src.Dir))}
		w.built = stateOf(w.dir)
		w.last = w.built
		out = append(out, w)
	}
	return out
}

// watch has providers go on from what their folders hold, whenever that changes, until ctx ends.
func (h *Host) watch(ctx context.Context, folders []*watched) {
	ticker := time.NewTicker(watchInterval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		changed := false
		for _, w := range folders {
			now := stateOf(w.dir)
			if now == w.last && now != w.built {
				w.built, w.pending, changed = now, true, true
			}
			w.last = now
		}
		if changed {
			h.reload(ctx, folders)
		}
	}
}

// reload takes what changed into the lock, and has the providers go on from it. Where that fails they go on as they were.
func (h *Host) reload(ctx context.Context, folders []*watched) {
	_, err := h.project.Lock(ctx)
	if err == nil {
		_, err = h.project.Sync(ctx, SyncOptions{Locked: true})
	}
	for _, w := range folders {
		if !w.pending || ctx.Err() != nil {
			continue
		}
		failure := err
		if failure == nil {
			failure = w.provider.pool.Reload(ctx)
		}
		if failure != nil {
			report.Warn(ctx, w.provider.name, "", "it changed, and goes on as it was: "+failure.Error())
		}
		if err != nil {
			continue // another change may mend it, in this folder or another
		}
		w.pending = false
		if failure == nil {
			report.Emit(ctx, report.Event{Type: report.Info, Step: "provider", Subject: w.provider.name, Message: "it changed, and new calls go to what it is now"})
		}
	}
}

var watchSeed = maphash.MakeSeed()

// stateOf sums up names, sizes and times of the files below dir that count for a folder's sum. A folder that cannot be read has
// a state too.
func stateOf(dir string) uint64 {
	var h maphash.Hash
	h.SetSeed(watchSeed)
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.Name() == ".git" || e.Name() == "node_modules" {
			if e.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // it went meanwhile; the next look sees that
			return nil
		}
		if err != nil {
			return err
		}
		_, _ = h.WriteString(path)
		if !e.IsDir() {
			var numbers [16]byte
			binary.LittleEndian.PutUint64(numbers[0:], uint64(info.Size()))
			binary.LittleEndian.PutUint64(numbers[8:], uint64(info.ModTime().UnixNano()))
			_, _ = h.Write(numbers[:])
		}
		return nil
	})
	if err != nil {
		_, _ = h.WriteString(err.Error())
	}
	return h.Sum64()
}
