package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofrs/flock"

	"github.com/MediaConduit/conduit/report"
)

const (
	lockPoll = 20 * time.Millisecond // how often another process is asked for its lock
	lockNote = 2 * time.Second       // how long we wait before we say so
)

// Lock waits until no other goroutine or process writes the entry of key, and keeps them out until unlock is called.
// Blob and Tree lock by themselves; Lock serves work that ends in a [Cache.Put]. It is not reentrant.
func (c *Cache) Lock(ctx context.Context, key Key) (unlock func(), err error) {
	if err := c.prepare(); err != nil {
		return nil, err
	}
	return c.lock(ctx, lockName(key.Kind, key.name()), key.String())
}

// lock takes the lock called name; subject is named in the note that we wait for it.
func (c *Cache) lock(ctx context.Context, name, subject string) (unlock func(), err error) {
	release, err := c.lockHere(ctx, name)
	if err != nil {
		return nil, err
	}
	note := time.AfterFunc(lockNote, func() {
		report.Emit(ctx, report.Event{Type: report.Info, Step: "fetch", Subject: subject, Message: "waiting for another conduit"})
	})
	defer note.Stop()
	path := filepath.Join(c.dir, lockDir, name)
	for {
		l := flock.New(path)
		locked, err := l.TryLockContext(ctx, lockPoll)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			// A file system without locks: entries are renamed into place, so the worst is work done twice.
			return release, nil
		case err != nil:
			release()
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, lockError(path, err)
		case locked && current(l, path):
			return func() { unlink(l, path); release() }, nil
		}
		_ = l.Close() // whoever held the lock before us removed its file: lock the one that is there now
	}
}

// lockError explains why the file at path cannot be locked. What the system says of a lock itself names no file.
func lockError(path string, err error) error {
	if errno, bare := err.(syscall.Errno); bare {
		err = &fs.PathError{Op: "lock", Path: path, Err: errno}
	}
	return StorageError(path, "lock", err)
}

// tryLock takes the lock called name if nobody has it.
func (c *Cache) tryLock(name string) (unlock func(), ok bool) {
	path := filepath.Join(c.dir, lockDir, name)
	l := flock.New(path)
	if locked, err := l.TryLock(); err != nil || !locked || !current(l, path) {
		_ = l.Close()
		return nil, false
	}
	return func() { unlink(l, path) }, true
}

// lockHere waits for the goroutines of this process.
func (c *Cache) lockHere(ctx context.Context, name string) (release func(), err error) {
	for {
		c.mu.Lock()
		held, busy := c.waiting[name]
		if !busy {
			held = make(chan struct{})
			c.waiting[name] = held
			c.mu.Unlock()
			return func() {
				c.mu.Lock()
				delete(c.waiting, name)
				c.mu.Unlock()
				close(held)
			}, nil
		}
		c.mu.Unlock()
		select {
		case <-held:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// current tells whether the file that l has locked is still the one at path.
func current(l *flock.Flock, path string) bool {
	locked, err := l.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(locked, there)
}

// unlink removes the lock file before it unlocks, so that files do not pile up; those who wait notice, see [current].
func unlink(l *flock.Flock, path string) {
	_ = os.Remove(path)
	_ = l.Close()
}

// useSuffix ends the names of the lock files that [Cache.Hold] takes.
const useSuffix = ".use"

// Hold keeps [Cache.Prune] of every process from removing the entry of key until release is called. Hold first, then
// look up. Any number may hold an entry at once, and writing it is not held up.
func (c *Cache) Hold(ctx context.Context, key Key) (release func(), err error) {
	if err := c.prepare(); err != nil {
		return nil, err
	}
	path := filepath.Join(c.dir, lockDir, lockName(key.Kind, key.name())+useSuffix)
	for {
		l := flock.New(path)
		locked, err := l.TryRLockContext(ctx, lockPoll)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return func() {}, nil
		case err != nil:
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, lockError(path, err)
		case locked && current(l, path):
			return func() { _ = l.Close() }, nil // others may hold it: its file is left to Prune
		}
		_ = l.Close()
	}
}
