//go:build linux || darwin

package witness

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const digest = "sha256:one"

var errHashed = errors.New("hashed")

// notebook is a book and a folder that it has a record of.
type notebook struct {
	*testing.T
	*Book
	folder string
	later  time.Time // the book's clock: long after the last change
}

func newNotebook(t *testing.T) *notebook {
	t.Helper()
	n := &notebook{T: t, Book: New(filepath.Join(t.TempDir(), "state", "witness")), folder: t.TempDir(), later: time.Now().Add(time.Hour)}
	n.now = func() time.Time { return n.later }
	n.write("a.js", "aaaa")
	n.write("lib/b.js", "bbbb")
	n.tick()
	n.record()
	return n
}

func (n *notebook) write(name, text string) {
	n.Helper()
	path := filepath.Join(n.folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		n.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		n.Fatal(err)
	}
}

// tick waits until the file system's clock has moved on from the last change of the folder.
func (n *notebook) tick() {
	n.Helper()
	seen, ok := lookAt(n.folder)
	if !ok {
		n.Fatal("the folder cannot be looked at")
	}
	for probe := filepath.Join(n.TempDir(), "probe"); ; {
		if err := os.WriteFile(probe, nil, 0o666); err != nil {
			n.Fatal(err)
		}
		info, err := os.Lstat(probe)
		if err != nil {
			n.Fatal(err)
		}
		if a, ok := attributesOf(info); ok && a.changed.After(seen.changed) {
			return
		}
	}
}

// record has the folder recorded.
func (n *notebook) record() {
	n.Helper()
	if err := n.Check(n.folder, digest, func() error { return nil }); err != nil {
		n.Fatal(err)
	}
}

// hashes reports whether the folder would be hashed.
func (n *notebook) hashes(digest string) bool {
	err := n.Check(n.folder, digest, func() error { return errHashed })
	if err != nil && err != errHashed {
		n.Fatal(err)
	}
	return err != nil
}

func TestUntouched(t *testing.T) {
	n := newNotebook(t)
	if n.hashes(digest) {
		t.Error("an untouched folder is hashed again")
	}
	other := New(n.dir)
	other.now = n.now
	if err := other.Check(n.folder, digest, func() error { return errHashed }); err != nil {
		t.Error("another process does not find the record")
	}
	var none *Book
	if err := none.Check(n.folder, digest, func() error { return errHashed }); err != errHashed {
		t.Error("no book, and still not hashed")
	}
}

func TestOtherDigest(t *testing.T) {
	if !newNotebook(t).hashes("sha256:two") {
		t.Error("the record of one digest serves another")
	}
}

// TestTouched changes the folder in the ways that a look has to show.
func TestTouched(t *testing.T) {
	for name, change := range map[string]func(n *notebook) error{
		"byte, with size and times restored": func(n *notebook) error {
			path := filepath.Join(n.folder, "a.js")
			info, err := os.Stat(path)
			if err != nil {
				return err
			}
			n.write("a.js", "aaXa")
			return os.Chtimes(path, info.ModTime(), info.ModTime())
		},
		"replaced": func(n *notebook) error {
			n.write("a.new", "aaXa")
			return os.Rename(filepath.Join(n.folder, "a.new"), filepath.Join(n.folder, "a.js"))
		},
		"added":        func(n *notebook) error { n.write("lib/c.js", ""); return nil },
		"empty folder": func(n *notebook) error { return os.Mkdir(filepath.Join(n.folder, "empty"), 0o777) },
		"removed":      func(n *notebook) error { return os.Remove(filepath.Join(n.folder, "lib", "b.js")) },
		"renamed": func(n *notebook) error {
			return os.Rename(filepath.Join(n.folder, "a.js"), filepath.Join(n.folder, "c.js"))
		},
		"mode":          func(n *notebook) error { return os.Chmod(filepath.Join(n.folder, "a.js"), 0o755) },
		"folder's mode": func(n *notebook) error { return os.Chmod(filepath.Join(n.folder, "lib"), 0o700) },
		"link to a file": func(n *notebook) error {
			path, at := filepath.Join(n.folder, "a.js"), filepath.Join(n.TempDir(), "a.js")
			return errors.Join(os.Rename(path, at), os.Symlink(at, path))
		},
		"link to a folder": func(n *notebook) error {
			path, at := filepath.Join(n.folder, "lib"), filepath.Join(n.TempDir(), "lib")
			return errors.Join(os.Rename(path, at), os.Symlink(at, path))
		},
		"all of it replaced": func(n *notebook) error {
			if err := os.RemoveAll(n.folder); err != nil {
				return err
			}
			n.write("a.js", "aaaa")
			n.write("lib/b.js", "bbbb")
			return nil
		},
		"gone": func(n *notebook) error { return os.RemoveAll(n.folder) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newNotebook(t)
			if err := change(n); err != nil {
				t.Fatal(err)
			}
			if !n.hashes(digest) {
				t.Error("not hashed after the change")
			}
		})
	}
}

// TestYoung: what changed just before it was hashed may have changed again within the same tick.
func TestYoung(t *testing.T) {
	n := newNotebook(t)
	n.write("a.js", "aaXa")
	seen, ok := lookAt(n.folder)
	if !ok {
		t.Fatal("the folder cannot be looked at")
	}
	for age, young := range map[time.Duration]bool{-time.Hour: true, 0: true, settled - 1: true, settled: false} {
		n.later = seen.changed.Add(age)
		n.Prune(0)
		n.record()
		n.later = n.later.Add(time.Hour) // the record does not get better with age
		if got := n.hashes(digest); got != young {
			t.Errorf("recorded %v after a change: hashed again is %v", age, got)
		}
	}
}

func TestBadRecords(t *testing.T) {
	n := newNotebook(t)
	path := n.file(n.folder)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(data []byte, mode os.FileMode) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(path), os.WriteFile(path, data, mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	put(good, 0o600)
	if n.hashes(digest) {
		t.Fatal("the record that was written is not the one that counts")
	}
	other := newNotebook(t)
	foreign, err := os.ReadFile(other.file(other.folder))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"empty": nil, "cut short": good[:len(good)-1], "half": good[:len(good)/2], "longer": append(good[:len(good):len(good)], "more\n"...),
		"much longer": append(good[:len(good):len(good)], make([]byte, 100)...), "other format": append([]byte("conduit witness 2\n"), good[len(header):]...), "of another folder": foreign} {
		if put(data, 0o600); !n.hashes(digest) {
			t.Errorf("%s: a bad record counts", name)
		}
	}
	for _, mode := range []os.FileMode{0o620, 0o602} {
		if put(good, mode); !n.hashes(digest) {
			t.Errorf("a record that others can write (%o) counts", mode)
		}
	}
	if err := errors.Join(os.Remove(path), os.Mkdir(path, 0o700)); err != nil {
		t.Fatal(err)
	}
	if !n.hashes(digest) {
		t.Error("a folder in the record's place counts")
	}
	n.record() // which cannot be written, and that is no error
}

// TestClock: a record counts for a week, and none counts that was written in what is now the future.
func TestClock(t *testing.T) {
	n := newNotebook(t)
	written := n.later
	for age, hashed := range map[time.Duration]bool{-time.Second: true, 0: false, life - 1: false, life: true} {
		n.later = written.Add(age)
		if got := n.hashes(digest); got != hashed {
			t.Errorf("%v after it was written: hashed is %v", age, got)
		}
	}
}

// TestPrune: writing a record removes those that do not count any more, and no others.
func TestPrune(t *testing.T) {
	n := newNotebook(t)
	for name, age := range map[string]time.Duration{"old": life, "young": life - time.Hour} {
		path := filepath.Join(n.dir, name)
		if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Chtimes(path, n.later.Add(-age), n.later.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	again := New(n.dir)
	again.now = n.now
	if err := again.Check(n.folder, "sha256:two", func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(n.dir, "old")); !errors.Is(err, os.ErrNotExist) {
		t.Error("an old record stays")
	}
	if _, err := os.Stat(filepath.Join(n.dir, "young")); err != nil {
		t.Error(err)
	}
	n.Prune(0)
	if left, err := os.ReadDir(n.dir); err != nil || len(left) != 0 {
		t.Errorf("%v are left, %v", left, err)
	}
}

// TestNowhere: a book that cannot be written is no error, and remembers nothing.
func TestNowhere(t *testing.T) {
	n := newNotebook(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	n.Book = New(filepath.Join(file, "witness"))
	n.now = func() time.Time { return n.later }
	n.record()
	if !n.hashes(digest) {
		t.Error("not hashed, without a record")
	}
	n.Prune(0)
}

// TestWrong: the error is the one of the check, and nothing is recorded.
func TestWrong(t *testing.T) {
	n := newNotebook(t)
	n.Prune(0)
	if !n.hashes(digest) {
		t.Fatal("not hashed, without a record")
	}
	if !n.hashes(digest) {
		t.Error("what was wrong counts as right")
	}
}
