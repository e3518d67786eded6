package witness

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	// settled is how old the youngest change of a folder has to be when it is hashed: two changes within one tick of a file
	// system's clock cannot be told apart. FAT's takes two seconds.
	settled = 2 * time.Second
	// life is how long a record counts: a disk may spoil bytes without a trace in the times.
	life = 7 * 24 * time.Hour
)

// header begins every record, and numbers their format.
const header = "conduit witness 1\n"

// Book is a folder of records, one for each folder that they speak of. It is safe for use by several goroutines and several
// processes at once. A nil Book remembers nothing.
type Book struct {
	dir   string
	now   func() time.Time
	sweep sync.Once // old records are looked for once, by the first that is written
}

// New returns the book in dir, which is made when the first record is written.
func New(dir string) *Book { return &Book{dir: dir, now: time.Now} }

// Check returns nil if the files below dir have the digest: at once where they had it before and nothing has touched them since,
// otherwise if check, which hashes them, finds it so. The error is check's. Records that cannot be read or written cost time and are
// no error.
func (b *Book) Check(dir, digest string, check func() error) error {
	if b == nil {
		return check()
	}
	began := b.now()
	seen, ok := lookAt(dir)
	if ok && b.vouches(dir, digest, seen, began) {
		return nil
	}
	if err := check(); err != nil {
		return err
	}
	if ok && began.Sub(seen.changed) >= settled {
		b.write(dir, digest, seen, began)
	}
	return nil
}

// vouches reports whether there is a record of just this.
func (b *Book) vouches(dir, digest string, seen look, now time.Time) bool {
	f, err := os.Open(b.file(dir))
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !own(info) {
		return false
	}
	want := record(dir, digest, seen)
	text := make([]byte, len(want)+len(time.RFC3339Nano)+2)
	n, err := io.ReadFull(f, text)
	if err != io.ErrUnexpectedEOF { // it is longer than any record of this can be
		return false
	}
	stamp, ok := strings.CutPrefix(string(text[:n]), want)
	if !ok {
		return false
	}
	at, err := time.Parse(time.RFC3339Nano+"\n", stamp)
	age := now.Sub(at)
	return err == nil && age >= 0 && age < life && at.Sub(seen.changed) >= settled
}

// record is what a record says, but for the time at which it ends.
func record(dir, digest string, seen look) string {
	return header + digest + "\n" + seen.sum + "\n" + dir + "\n"
}

// write writes a record, and removes those that do not count any more.
func (b *Book) write(dir, digest string, seen look, now time.Time) {
	if strings.ContainsAny(dir+digest, "\n") || os.MkdirAll(b.dir, 0o700) != nil {
		return
	}
	f, err := os.CreateTemp(b.dir, "new-*") // mode 0600
	if err != nil {
		return
	}
	_, err = f.WriteString(record(dir, digest, seen) + now.UTC().Format(time.RFC3339Nano) + "\n")
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), b.file(dir))
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	b.sweep.Do(func() { b.Prune(life) })
}

// Prune removes records that were written longer ago than that, all with 0, and those that do not count any more in any case. What
// is removed is hashed once more.
func (b *Book) Prune(olderThan time.Duration) {
	if b == nil {
		return
	}
	entries, _ := os.ReadDir(b.dir)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && (olderThan == 0 || b.now().Sub(info.ModTime()) >= min(olderThan, life)) {
			_ = os.Remove(filepath.Join(b.dir, e.Name()))
		}
	}
}

// file is where the record of a folder lies.
func (b *Book) file(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return filepath.Join(b.dir, hex.EncodeToString(sum[:16]))
}
