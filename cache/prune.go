package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// PruneOptions says what [Cache.Prune] removes. The zero value removes leftovers of killed processes only.
type PruneOptions struct {
	All       bool          // every entry and document
	OlderThan time.Duration // entries and documents that were not used for so long; 0 for none
}

// Pruned is what [Cache.Prune] did.
type Pruned struct {
	Removed Usage
	Busy    int // entries that were left because somebody uses or writes them
}

// staleDocument is the age at which an unfinished document belongs to nobody any more: writing one takes milliseconds.
const staleDocument = time.Hour

// Prune removes entries. Other processes may work with the cache meanwhile: what they write or hold (see [Cache.Hold]) is
// left alone.
func (c *Cache) Prune(ctx context.Context, opts PruneOptions) (Pruned, error) {
	var done Pruned
	if _, err := os.Stat(c.dir); errors.Is(err, fs.ErrNotExist) {
		return done, nil
	}
	if err := c.prepare(); err != nil {
		return done, err
	}
	c.sweep()
	entries, err := c.Entries(ctx)
	if err != nil {
		return done, err
	}
	old := func(used time.Time) bool {
		return opts.All || opts.OlderThan > 0 && time.Since(used) > opts.OlderThan
	}
	for _, e := range entries {
		if ctx.Err() != nil {
			return done, ctx.Err()
		}
		if !old(e.Used) {
			continue
		}
		removed, err := c.remove(e.Key.Kind, e.name, false)
		switch {
		case err != nil:
			return done, err
		case removed:
			done.Removed.Entries++
			done.Removed.Bytes += e.Bytes
		default:
			done.Busy++
		}
	}
	if err := c.pruneOrphans(ctx); err != nil {
		return done, err
	}
	c.sweepLocks(func(string) bool { return true })
	return done, c.pruneDocuments(old)
}

// Remove removes one entry, as after [Cache.Verify] found it damaged. An entry that is in use is left, without an error.
func (c *Cache) Remove(key Key) error {
	if err := c.prepare(); err != nil {
		return err
	}
	_, err := c.remove(key.Kind, key.name(), false)
	return err
}

// remove removes the entry called name unless somebody writes or holds it. The record goes first, so that the entry is
// never present without being whole; the content is renamed before it is deleted, for the same reason. With orphan it
// removes content that has no record, nothing else.
func (c *Cache) remove(kind Kind, name string, orphan bool) (removed bool, err error) {
	record := c.recordPath(kind, name)
	if orphan && exists(record) {
		return false, nil // without asking for the lock: this is the case of nearly every entry
	}
	lock := lockName(kind, name)
	unlock, ok := c.tryLock(lock)
	if !ok {
		return false, nil
	}
	defer unlock()
	unhold, ok := c.tryLock(lock + useSuffix)
	if !ok {
		return false, nil
	}
	defer unhold()
	if orphan && exists(record) {
		return false, nil // its writer finished while we asked
	}
	if err := os.Remove(record); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, StorageError(record, "remove", err)
	}
	if kind == Build {
		return true, nil
	}
	path, work := c.path(kind, name), filepath.Join(c.dir, workDir, lock)
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		_ = os.Chmod(path, 0o775) // or it could not be renamed into another folder
	}
	if err := os.Rename(path, work); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, StorageError(path, "remove", err)
	}
	return true, StorageError(work, "remove", RemoveAll(work))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// pruneOrphans removes content without a record: its writer was killed between the two.
func (c *Cache) pruneOrphans(ctx context.Context) error {
	for _, kind := range Kinds {
		names, err := c.contentNames(kind)
		if err != nil {
			return StorageError(c.dir, "read", err)
		}
		for _, name := range names {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if _, err := c.remove(kind, name, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// contentNames lists the names under which content of a kind lies, with a record or without.
func (c *Cache) contentNames(kind Kind) ([]string, error) {
	root := filepath.Join(c.dir, string(kind))
	entries, err := os.ReadDir(root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if !kind.sharded() || !e.IsDir() {
			names = append(names, e.Name())
			continue
		}
		shard, err := os.ReadDir(filepath.Join(root, e.Name()))
		if err != nil {
			return nil, err
		}
		for _, b := range shard {
			names = append(names, e.Name()+"/"+b.Name())
		}
	}
	return names, err
}

func (c *Cache) pruneDocuments(old func(time.Time) bool) error {
	dir := filepath.Join(c.dir, metaDir)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return StorageError(dir, "read", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !old(info.ModTime()) {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return StorageError(dir, "remove", err)
		}
	}
	return nil
}

// sweep removes what killed processes left unfinished. Unfinished content bears the name of the lock that its writer
// holds: if the lock is free, the writer is gone.
func (c *Cache) sweep() {
	dir := filepath.Join(c.dir, workDir)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if strings.HasPrefix(e.Name(), documentPrefix) {
			if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > staleDocument {
				_ = os.Remove(path)
			}
			continue
		}
		if unlock, ok := c.tryLock(e.Name()); ok {
			_ = RemoveAll(path)
			unlock()
		}
	}
	c.sweepLocks(func(name string) bool { return strings.HasPrefix(name, scratchPrefix) })
}

// sweepLocks removes lock files that a killed process left. Those that are locked stay.
func (c *Cache) sweepLocks(which func(name string) bool) {
	entries, _ := os.ReadDir(filepath.Join(c.dir, lockDir))
	for _, e := range entries {
		if !which(e.Name()) {
			continue
		}
		if unlock, ok := c.tryLock(e.Name()); ok {
			unlock()
		}
	}
}
