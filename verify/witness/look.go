package witness

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// look is what can be seen of a folder without reading its files.
type look struct {
	sum     string    // hash over all that is seen
	changed time.Time // the youngest change time
}

// attributes are what the system says of a file besides its size and mode.
type attributes struct {
	changed       time.Time
	inode, device uint64
}

// lookAt looks at the files below dir. It reports false where that would prove nothing: the system has no change time, a file
// belongs to another user, something is neither a file nor a folder, or cannot be read.
func lookAt(dir string) (look, bool) {
	w := looker{hash: sha256.New()}
	ok := w.folder(dir, "")
	return look{sum: hex.EncodeToString(w.hash.Sum(nil)), changed: w.changed}, ok
}

type looker struct {
	hash    hash.Hash
	changed time.Time
	line    []byte
}

// folder looks at dir, whose names begin with prefix, in the order of the names.
func (w *looker) folder(dir, prefix string) bool {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false
	}
	for _, e := range entries {
		name, path := prefix+e.Name(), filepath.Join(dir, e.Name())
		if e.Type()&fs.ModeType != 0 && !e.IsDir() {
			return false
		}
		info, err := os.Lstat(path)
		if err != nil || !w.file(name, info) {
			return false
		}
		if info.IsDir() && !w.folder(path, name+"/") {
			return false
		}
	}
	return true
}

// file takes in one file or folder. Of a folder only its name and mode count: what is in it comes by itself.
func (w *looker) file(name string, info fs.FileInfo) bool {
	a, ok := attributesOf(info)
	if !ok || !info.Mode().IsRegular() && !info.IsDir() {
		return false
	}
	w.line = binary.AppendUvarint(w.line[:0], uint64(len(name)))
	w.line = append(w.line, name...)
	w.line = binary.BigEndian.AppendUint32(w.line, uint32(info.Mode()))
	if info.Mode().IsRegular() {
		for _, n := range []uint64{uint64(info.Size()), uint64(info.ModTime().UnixNano()), uint64(a.changed.UnixNano()), a.inode, a.device} {
			w.line = binary.BigEndian.AppendUint64(w.line, n)
		}
		if a.changed.After(w.changed) {
			w.changed = a.changed
		}
	}
	w.hash.Write(w.line)
	return true
}
