package cache

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// documentPrefix begins the names of unfinished records and documents, which have no lock.
const documentPrefix = "doc-"

func (c *Cache) metaFile(name string) string {
	const separator = string(filepath.Separator)
	return c.dir + separator + metaDir + separator + escape(name) // thousands are looked at, and c.dir is clean
}

// Meta returns the small document called name: something that a peer said and that may change, such as the refs of a
// repository or a packument with its ETag.
func (c *Cache) Meta(name string) ([]byte, bool) {
	data, err := os.ReadFile(c.metaFile(name))
	return data, err == nil
}

// settled is the age from which on a document has a state: file systems tell times no finer than some ticks of a clock, and
// what is younger might be replaced once more within the same one.
const settled = 2 * time.Second

// MetaState stands for what the document called name holds now: it is another one after every change, and "" for some seconds
// after one. ok is false where there is no such document. It costs a fraction of reading.
func (c *Cache) MetaState(name string) (state string, ok bool) {
	info, err := os.Stat(c.metaFile(name))
	if err != nil || time.Since(info.ModTime()) < settled {
		return "", err == nil
	}
	return strconv.FormatInt(info.Size(), 36) + "-" + strconv.FormatInt(info.ModTime().UnixNano(), 36), true
}

// PutMeta replaces the document called name. A reader sees the old or the new one, never a part. Nothing is written when
// the document is the same already.
func (c *Cache) PutMeta(name string, data []byte) error {
	if old, ok := c.Meta(name); ok && bytes.Equal(old, data) {
		return nil
	}
	if err := c.prepare(); err != nil {
		return err
	}
	return c.writeFile(c.metaFile(name), data)
}

// writeFile replaces file atomically. It does not wait for the disk: after a power failure the file may be empty, which
// readers take for absent.
func (c *Cache) writeFile(file string, data []byte) error {
	f, err := os.CreateTemp(filepath.Join(c.dir, workDir), documentPrefix)
	if err != nil {
		return StorageError(file, "write", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(0o644) // other users of the machine may be let in to read
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return StorageError(file, "write", err)
	}
	return nil
}
