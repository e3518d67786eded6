package cache

import (
	"context"
	"crypto/sha512"
	"hash"
	"io"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/verify"
)

// Blob returns the path of the file of key. If it is not complete in the cache, write is called, by one goroutine of one
// process, to produce it. The content of a Library is verified against its key while it is written.
func (c *Cache) Blob(ctx context.Context, key Key, write func(ctx context.Context, w io.Writer) error) (path string, err error) {
	if path, _, ok := c.Lookup(key); ok {
		return path, nil
	}
	unlock, err := c.Lock(ctx, key)
	if err != nil {
		return "", err
	}
	defer unlock()
	if path, _, ok := c.Lookup(key); ok {
		return path, nil
	}
	name := key.name()
	path = c.path(key.Kind, name)
	work := filepath.Join(c.dir, workDir, lockName(key.Kind, name))
	defer RemoveAll(work)
	sum, size, err := writeBlob(ctx, key, work, write)
	if err != nil {
		return "", storageError(work, "write", err)
	}
	if err := place(work, path); err != nil {
		return "", storageError(path, "write", err)
	}
	if err := c.writeRecord(key, Record{Sum: sum}, size); err != nil {
		return "", err
	}
	return path, nil
}

// writeBlob produces the file work and returns its integrity and size. The file is on disk before its record is written;
// folders are not synced: a rename that a power failure undoes leaves a record without content, which is no entry.
func writeBlob(ctx context.Context, key Key, work string, write func(context.Context, io.Writer) error) (string, int64, error) {
	if err := RemoveAll(work); err != nil {
		return "", 0, err
	}
	f, err := os.OpenFile(work, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	want, known := wanted(key)
	var h hash.Hash = sha512.New()
	if known {
		h = want.New()
	}
	if err := write(ctx, io.MultiWriter(f, h)); err != nil {
		return "", 0, err
	}
	got := verify.Integrity{Algorithm: "sha512", Sum: string(h.Sum(nil))}
	if known {
		got.Algorithm = want.Algorithm
		if err := verify.Check("the tarball "+want.String(), want.String(), got.String()); err != nil {
			return "", 0, err
		}
	}
	if err := f.Sync(); err != nil {
		return "", 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	if err := f.Close(); err != nil {
		return "", 0, err
	}
	return got.String(), info.Size(), os.Chmod(work, 0o444)
}

// wanted is the integrity that a Library's key promises.
func wanted(key Key) (verify.Integrity, bool) {
	if key.Kind != Library {
		return verify.Integrity{}, false
	}
	want, err := verify.ParseWeakIntegrity(key.ID)
	return want, err == nil
}

// place moves finished content to path, over whatever a killed process left there.
func place(work, path string) error {
	if err := RemoveAll(path); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.Rename(work, path)
}
