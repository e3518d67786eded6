package cache

import (
	"context"
	"os"
	"path/filepath"
)

// scratchPrefix begins the names of work folders and of their lock files, which nobody asks for again: see [Cache.sweep].
const scratchPrefix = "work-"

// Scratch makes an empty folder on the cache's disk for work in between. release removes it; if the process is killed
// before, a later one does.
func (c *Cache) Scratch(ctx context.Context) (dir string, release func(), err error) {
	if err := c.prepare(); err != nil {
		return "", nil, err
	}
	// The lock comes first: a folder whose lock is free is taken for a leftover.
	file, err := os.CreateTemp(filepath.Join(c.dir, lockDir), scratchPrefix)
	if err != nil {
		return "", nil, StorageError(c.dir, "write", err)
	}
	_ = file.Close()
	name := filepath.Base(file.Name())
	unlock, err := c.lock(ctx, name, "a work folder")
	if err != nil {
		return "", nil, err
	}
	dir = filepath.Join(c.dir, workDir, name)
	if err := os.Mkdir(dir, 0o775); err != nil {
		unlock()
		return "", nil, StorageError(dir, "create", err)
	}
	return dir, func() { _ = RemoveAll(dir); unlock() }, nil
}
