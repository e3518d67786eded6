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

// Entry is one complete entry of the cache.
type Entry struct {
	Key    Key
	Record Record
	Path   string    // "" for a Build
	Bytes  int64     // size of the content
	Used   time.Time // last use, to the day
	name   string    // the key's name; kept because the record's place is what was listed
}

// Usage is what entries occupy.
type Usage struct {
	Entries int
	Bytes   int64 // of content; records and the file system's own overhead are not counted
}

// Entries lists what is complete in the cache, ordered by kind and name.
func (c *Cache) Entries(ctx context.Context) ([]Entry, error) {
	var all []Entry
	for _, kind := range Kinds {
		root := filepath.Join(c.dir, recordDir, string(kind))
		err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // an empty cache, or another process prunes
			}
			if err != nil || e.IsDir() {
				return err
			}
			if entry, ok := c.entry(kind, root, path); ok {
				all = append(all, entry)
			}
			return ctx.Err()
		})
		if err != nil {
			return nil, StorageError(root, "read", err)
		}
	}
	return all, nil
}

// entry is the entry whose record lies at path. A record whose content is gone is no entry.
func (c *Cache) entry(kind Kind, root, path string) (Entry, bool) {
	rel, err := filepath.Rel(root, strings.TrimSuffix(path, recordExt))
	if err != nil {
		return Entry{}, false
	}
	stored, err := readRecord(path)
	if err != nil {
		return Entry{}, false
	}
	info, err := os.Stat(path)
	if err != nil {
		return Entry{}, false
	}
	e := Entry{
		Key:    Key{kind, stored.ID},
		Record: Record{Sum: stored.Sum, Meta: stored.Meta},
		Bytes:  stored.Size,
		Used:   info.ModTime(),
		name:   filepath.ToSlash(rel),
	}
	if kind != Build {
		e.Path = c.path(kind, e.name)
		if _, err := os.Lstat(e.Path); err != nil {
			return Entry{}, false
		}
	}
	return e, true
}

// Size is what the cache holds, by kind.
func (c *Cache) Size(ctx context.Context) (map[Kind]Usage, error) {
	entries, err := c.Entries(ctx)
	if err != nil {
		return nil, err
	}
	usage := map[Kind]Usage{}
	for _, e := range entries {
		u := usage[e.Key.Kind]
		usage[e.Key.Kind] = Usage{Entries: u.Entries + 1, Bytes: u.Bytes + e.Bytes}
	}
	return usage, nil
}
