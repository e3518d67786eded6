package cache

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// recordExt ends the names of completion records.
const recordExt = ".json"

// Record is what the cache knows of an entry. It is written after the content is complete and on disk, and proves that
// it is.
type Record struct {
	Sum  string            // "h1:…", "sha256:…" or "sha512-…" over the content; what [Cache.Verify] compares with
	Meta map[string]string // whatever the writer wants to find again: commit, time
}

// storedRecord is a Record as it lies on disk.
type storedRecord struct {
	ID   string            `json:"id"`
	Sum  string            `json:"sum"`
	Size int64             `json:"size"` // bytes of content
	Meta map[string]string `json:"meta,omitempty"`
}

// touchAfter is how old the note of an entry's last use may get. Using an entry more often writes nothing.
const touchAfter = 24 * time.Hour

// Lookup returns the path and the record of a complete entry. The path of a Build entry is "". It takes no lock and
// does not read the content: see [Cache.Verify].
func (c *Cache) Lookup(key Key) (path string, rec Record, ok bool) {
	if path, rec, ok = c.find(key); !ok {
		return c.supply.lookup(key)
	}
	file := c.recordPath(key.Kind, key.name())
	if info, err := os.Stat(file); err == nil && time.Since(info.ModTime()) > touchAfter {
		now := time.Now()
		_ = os.Chtimes(file, now, now) // a cache that we may not write to is never pruned by us either
	}
	return path, rec, true
}

// find is Lookup in the cache's own folder, without a note of the use.
func (c *Cache) find(key Key) (path string, rec Record, ok bool) {
	name := key.name()
	file := c.recordPath(key.Kind, name)
	stored, err := readRecord(file)
	if err != nil || stored.ID != key.ID {
		if storage := StorageError(file, "read", err); storage != err && !errors.Is(err, fs.ErrNotExist) {
			c.unread.CompareAndSwap(nil, &storage)
		}
		return "", Record{}, false
	}
	if key.Kind != Build {
		path = c.path(key.Kind, name)
		info, err := os.Lstat(path)
		if err != nil || info.Mode().IsRegular() && info.Size() != stored.Size {
			return "", Record{}, false
		}
	}
	return path, Record{Sum: stored.Sum, Meta: stored.Meta}, true
}

// Unread is the first failure of the disk, if any, for which [Cache.Lookup] took an entry for absent: its record is there and could
// not be read.
func (c *Cache) Unread() error {
	if err := c.unread.Load(); err != nil {
		return *err
	}
	return nil
}

// Put writes a record without content, for keys of kind Build.
func (c *Cache) Put(key Key, rec Record) error {
	if err := c.prepare(); err != nil {
		return err
	}
	return c.writeRecord(key, rec, 0)
}

// readRecord reads the record in file. A record that was cut short by a crash is none.
func readRecord(file string) (storedRecord, error) {
	var stored storedRecord
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &stored)
	}
	return stored, err
}

func (c *Cache) writeRecord(key Key, rec Record, size int64) error {
	data, err := json.Marshal(storedRecord{ID: key.ID, Sum: rec.Sum, Size: size, Meta: rec.Meta})
	if err != nil {
		return err
	}
	file := c.recordPath(key.Kind, key.name())
	if err := os.MkdirAll(filepath.Dir(file), 0o775); err != nil {
		return StorageError(file, "create", err)
	}
	return c.writeFile(file, append(data, '\n'))
}
