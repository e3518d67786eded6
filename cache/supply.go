package cache

import (
	"context"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/verify"
)

// Supply is a further folder of entries, which the cache reads and never writes: the vendor folder of a project.
type Supply struct {
	Dir string
	// Wanted reports whether an entry with this sum is expected: of a Library or Artifact the one in its key, else the
	// one in its record. Somebody else may have written the folder, so that nothing in it counts that is not asked for.
	Wanted func(sum string) bool
}

// With returns the cache of the same folder that also finds what the supply has. Found entries are used where they lie.
func (c *Cache) With(s Supply) (*Cache, error) {
	out, err := Open(c.dir)
	if err != nil {
		return nil, err
	}
	out.supply = &s
	return out, nil
}

// lookup finds an entry that is wanted. A Library or Module is hashed by whoever uses it; an Artifact is here.
func (s *Supply) lookup(key Key) (path string, rec Record, ok bool) {
	if s == nil {
		return "", Record{}, false
	}
	c := Cache{dir: s.Dir}
	path, rec, ok = c.find(key)
	if !ok {
		return "", Record{}, false
	}
	switch key.Kind {
	case Library:
		ok = s.Wanted(key.ID)
	case Module:
		ok = s.Wanted(rec.Sum)
	case Artifact:
		digest, err := verify.ArtifactDigest(path)
		ok = s.Wanted(key.ID) && err == nil && digest == key.ID
	default:
		ok = false
	}
	return path, rec, ok
}

// KeyOf is the key of the complete entry of the cache, or of its supply, that lies at path.
func (c *Cache) KeyOf(path string) (Key, bool) {
	dirs := []string{c.dir}
	if c.supply != nil {
		dirs = append(dirs, c.supply.Dir)
	}
	for _, dir := range dirs {
		rel, err := filepath.Rel(dir, path)
		kind, name, ok := strings.Cut(filepath.ToSlash(rel), "/")
		if err != nil || !ok || kind == ".." {
			continue
		}
		holder := Cache{dir: dir}
		if stored, err := readRecord(holder.recordPath(Kind(kind), name)); err == nil {
			return Key{Kind(kind), stored.ID}, true
		}
	}
	return Key{}, false
}

// Copy copies a complete entry of from, with its record, and hashes it on the way. The error is of kind Integrity where
// the content is not what its record or key says.
func (c *Cache) Copy(ctx context.Context, from *Cache, key Key) error {
	path, rec, ok := from.Lookup(key)
	if !ok {
		return &fs.PathError{Op: "copy", Path: key.String(), Err: fs.ErrNotExist}
	}
	if key.Kind == Library {
		_, err := c.Blob(ctx, key, func(_ context.Context, w *Writer) error { return copyFile(w, path) })
		return err
	}
	_, copied, err := c.Tree(ctx, key, func(ctx context.Context, dir string) (Record, error) {
		err := os.CopyFS(dir, os.DirFS(path))
		return Record{Meta: rec.Meta}, err
	})
	if err != nil {
		return err
	}
	return verify.Check("the cached "+key.String(), rec.Sum, copied.Sum)
}

func copyFile(to io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(to, f)
	return err
}

// Strip removes what only a cache in use needs: locks, unfinished entries, documents, and the tag that has backup programs
// pass it over. What is left can serve as a [Supply].
func (c *Cache) Strip() error {
	for _, name := range []string{lockDir, workDir, metaDir, tagFile} {
		if err := RemoveAll(filepath.Join(c.dir, name)); err != nil {
			return StorageError(c.dir, "strip", err)
		}
	}
	return nil
}
