package cache

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/verify"
)

// Tree returns the path and the record of the folder of key. If it is not complete in the cache, fill is called, by one
// goroutine of one process, with an empty folder. A Sum that fill leaves empty is computed (h1; for an Artifact its
// digest, which must be the key's ID). The folder is read-only afterwards.
func (c *Cache) Tree(ctx context.Context, key Key, fill func(ctx context.Context, dir string) (Record, error)) (path string, rec Record, err error) {
	if path, rec, ok := c.Lookup(key); ok {
		return path, rec, nil
	}
	var batch *batch
	if key.Kind == Unpacked || key.Kind == Layout { // nobody but Tree looks for these while they are made
		batch = batchOf(ctx, c)
	}
	placed, written, err := batch.enter(ctx, key)
	if err != nil {
		return "", Record{}, err
	}
	if written {
		return placed.path, placed.rec, nil
	}
	defer func() { batch.leave(key, placed, path, rec) }()
	unlock, err := c.Lock(ctx, key)
	if err != nil {
		return "", Record{}, err
	}
	if path, rec, ok := c.Lookup(key); ok {
		unlock()
		return path, rec, nil
	}
	work := filepath.Join(c.dir, workDir, lockName(key.Kind, key.name()))
	at := c.path(key.Kind, key.name())
	rec, err = fillTree(ctx, key.Kind, work, fill)
	if err == nil && key.Kind == Artifact {
		err = verify.Check("artifact "+key.ID, key.ID, rec.Sum)
	}
	if err == nil {
		err = place(work, at)
	}
	if err != nil {
		_ = RemoveAll(work)
		unlock()
		return "", Record{}, StorageError(work, "write", err)
	}
	kept := rec
	err = batch.finish(func() error {
		defer unlock()
		return c.keepTree(key, at, kept)
	})
	if err != nil {
		return "", Record{}, err
	}
	return at, rec, nil
}

// AddTree is [Cache.Tree] for content whose digest is its key and is known only when it is there: fill is always called,
// and what it produced is kept under its digest ("sha256:…"), unless the cache has it already.
func (c *Cache) AddTree(ctx context.Context, fill func(ctx context.Context, dir string) error) (path, digest string, err error) {
	work, release, err := c.Scratch(ctx)
	if err != nil {
		return "", "", err
	}
	defer release()
	rec, err := fillTree(ctx, Artifact, work, func(ctx context.Context, dir string) (Record, error) {
		return Record{}, fill(ctx, dir)
	})
	if err != nil {
		return "", "", StorageError(work, "write", err)
	}
	key := Key{Artifact, rec.Sum}
	unlockKey, err := c.Lock(ctx, key)
	if err != nil {
		return "", "", err
	}
	defer unlockKey()
	if path, _, ok := c.Lookup(key); ok {
		return path, rec.Sum, nil
	}
	path = c.path(key.Kind, key.name())
	if err := place(work, path); err != nil {
		return "", "", StorageError(path, "write", err)
	}
	return path, rec.Sum, c.keepTree(key, path, rec)
}

// fillTree fills the new folder work, computes its sum and brings it to disk.
func fillTree(ctx context.Context, kind Kind, work string, fill func(context.Context, string) (Record, error)) (Record, error) {
	if err := RemoveAll(work); err != nil {
		return Record{}, err
	}
	if err := os.Mkdir(work, 0o775); err != nil {
		return Record{}, err
	}
	rec, err := fill(ctx, work)
	if err != nil {
		return Record{}, err
	}
	if rec.Sum == "" {
		if rec.Sum, err = sumTree(kind, work); err != nil {
			return Record{}, err
		}
	}
	return rec, ctx.Err()
}

// sumTree is the sum that a tree of this kind is recorded with.
func sumTree(kind Kind, dir string) (string, error) {
	if kind == Artifact {
		return verify.ArtifactDigest(dir)
	}
	return verify.DirSum(dir)
}

// keepTree brings the tree at path to disk, makes it read-only and records it.
func (c *Cache) keepTree(key Key, path string, rec Record) error {
	size, err := seal(path)
	if err != nil {
		return StorageError(path, "write", err)
	}
	return c.writeRecord(key, rec, size)
}

// syncers is how many files are brought to disk at once: file systems merge syncs that overlap.
const syncers = 8

// seal syncs all files below dir, makes everything read-only and returns the size of the files.
func seal(dir string) (size int64, err error) {
	var group errgroup.Group
	group.SetLimit(syncers)
	var folders []string
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir():
			folders = append(folders, path)
			return nil
		case !e.Type().IsRegular():
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		size += info.Size()
		group.Go(func() error { return sealFile(path, info.Mode()) })
		return nil
	})
	if werr := group.Wait(); err == nil {
		err = werr
	}
	for _, folder := range folders {
		if err == nil {
			err = os.Chmod(folder, 0o555)
		}
	}
	return size, err
}

func sealFile(path string, mode fs.FileMode) error {
	if mode&0o222 == 0 {
		return nil // a hard link to another entry's file, which was brought to disk with that
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrPermission) {
		if info, serr := os.Stat(path); serr == nil && info.Mode()&0o222 == 0 {
			return nil // meanwhile brought to disk by its name in another entry
		}
	}
	if err != nil {
		return err
	}
	err = f.Sync()
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, 0o444|mode&0o111)
}

// RemoveAll is os.RemoveAll for folders that may be read-only, as those in the cache are.
func RemoveAll(path string) error {
	if os.RemoveAll(path) == nil {
		return nil
	}
	_ = filepath.WalkDir(path, func(p string, e fs.DirEntry, err error) error {
		if err == nil && e.IsDir() {
			_ = os.Chmod(p, 0o775)
		}
		return nil
	})
	return os.RemoveAll(path)
}
