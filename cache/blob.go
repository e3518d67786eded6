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
// process, to produce it. The content of a Library or [Blob] is verified against its key while it is written. With a context of
// [Cache.Batch] the file is there and verified, but perhaps not on disk yet.
func (c *Cache) Blob(ctx context.Context, key Key, write func(ctx context.Context, w *Writer) error) (path string, err error) {
	if path, _, ok := c.Lookup(key); ok {
		return path, nil
	}
	batch := batchOf(ctx, c)
	placed, written, err := batch.enter(ctx, key)
	if err != nil {
		return "", err
	}
	if written {
		return placed.path, nil
	}
	defer func() { batch.leave(key, placed, path, Record{}) }()
	unlock, err := c.Lock(ctx, key)
	if err != nil {
		return "", err
	}
	if path, _, ok := c.Lookup(key); ok {
		unlock()
		return path, nil
	}
	name := key.name()
	work := filepath.Join(c.dir, workDir, lockName(key.Kind, name))
	at := c.path(key.Kind, name)
	sum, size, err := writeBlob(ctx, key, work, write)
	if err == nil {
		err = place(work, at)
	}
	if err != nil {
		_ = RemoveAll(work)
		unlock()
		return "", StorageError(work, "write", err)
	}
	err = batch.finish(func() error {
		defer unlock()
		// The file is on disk before its record is written. Folders are not synced: a rename that a power failure undoes
		// leaves a record without content, which is no entry.
		if err := sealFile(at, 0o664); err != nil {
			return StorageError(at, "write", err)
		}
		return c.writeRecord(key, Record{Sum: sum}, size)
	})
	return at, err
}

// Writer is where the content of a blob goes. It hashes what passes.
type Writer struct {
	file *os.File
	hash hash.Hash
	want verify.Integrity // what the key promises; zero if that is nothing
}

func newWriter(key Key, file *os.File) *Writer {
	if want, ok := wanted(key); ok {
		return &Writer{file, want.New(), want}
	}
	return &Writer{file: file, hash: sha512.New()}
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	return n, err
}

// Reset takes back what has been written.
func (w *Writer) Reset() error {
	if err := w.file.Truncate(0); err != nil {
		return err
	}
	w.hash.Reset()
	_, err := w.file.Seek(0, io.SeekStart)
	return err
}

// Check compares what has been written with the integrity that the key of a Library or Blob promises. subject names the package in
// the error, which is of kind Integrity. Without a Check, the blob is compared at its end, under the name of its key.
func (w *Writer) Check(subject string) error {
	if w.want.Algorithm == "" {
		return nil
	}
	return verify.Check(subject, w.want.String(), w.written().String())
}

// written is the integrity of what has been written.
func (w *Writer) written() verify.Integrity {
	algorithm := w.want.Algorithm
	if algorithm == "" {
		algorithm = "sha512"
	}
	return verify.Integrity{Algorithm: algorithm, Sum: string(w.hash.Sum(nil))}
}

// writeBlob produces the file work and returns its integrity and size.
func writeBlob(ctx context.Context, key Key, work string, write func(context.Context, *Writer) error) (sum string, size int64, err error) {
	if err := RemoveAll(work); err != nil {
		return "", 0, err
	}
	f, err := os.OpenFile(work, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o664)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	w := newWriter(key, f)
	if err := write(ctx, w); err != nil {
		return "", 0, err
	}
	if err := w.Check("the content of " + key.String()); err != nil {
		return "", 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return "", 0, err
	}
	return w.written().String(), info.Size(), f.Close()
}

// wanted is the integrity that the key of a Library or Blob promises.
func wanted(key Key) (verify.Integrity, bool) {
	if key.Kind != Library && key.Kind != Blob {
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
	if err := os.MkdirAll(filepath.Dir(path), 0o775); err != nil {
		return err
	}
	return os.Rename(work, path)
}
