package report

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOfDisk tells what a file system fails with as that, whatever it was for, and leaves everything else alone.
func TestOfDisk(t *testing.T) {
	file := filepath.Join(t.TempDir(), "provider.mjs")
	failed := func(errno syscall.Errno) error { return &fs.PathError{Op: "read", Path: file, Err: errno} }
	for _, c := range []struct {
		name string
		err  error
		kind Kind
		want string // in the text; "" where the error is told as it is
	}{
		{"an artifact that cannot be read", &Error{Kind: Integrity, What: "the artifact cannot be read", Next: "conduit cache prune --all", Err: failed(syscall.EIO)}, Failure,
			file + ": the file system fails: read: input/output error\n  next: check the disk that holds " + file},
		{"a bare error", fmt.Errorf("wrapped: %w", failed(syscall.ENOSPC)), Failure, "next: free some space on the disk that holds " + file},
		{"a rename", &os.LinkError{Op: "rename", Old: "a", New: file, Err: syscall.EROFS}, Failure, "next: make the file system that holds " + file + " writable"},
		{"too many files", &Error{Kind: Usage, What: "npm's configuration cannot be read", Err: failed(syscall.EMFILE)}, Failure, "next: let a process have more files open (ulimit -n)"},
		{"a lock that is not readable", &Error{Kind: Lock, What: "the file cannot be read", Err: failed(syscall.EACCES)}, Failure, "next: make " + file + " readable and writable for this user"},
		{"a name within a folder", &Error{What: "cannot read the files of x", Where: filepath.Dir(file), Err: &fs.PathError{Op: "openat", Path: "provider.mjs", Err: syscall.EIO}}, Failure,
			"next: check the disk that holds " + filepath.Dir(file)},
		{"two that failed", errors.Join(failed(syscall.EIO), context.Canceled), Failure, "next: check the disk"},
		{"a remedy of its own", &Error{What: "the disk that holds the cache is full", Where: file, Next: "free some space", Err: failed(syscall.ENOSPC)}, Failure, ""},
		{"a rule that cannot be read", &Error{Kind: Policy, What: "the policy cannot be read", Next: "mend it", Err: failed(syscall.EACCES)}, Policy, ""},
		{"other bytes beside a failure", errors.Join(failed(syscall.EIO), &Error{Kind: Integrity, What: "not the locked bytes"}), Integrity, ""},
		{"a file that is not there", &Error{Kind: Lock, What: "there is no lock", Err: &fs.PathError{Op: "open", Path: file, Err: syscall.ENOENT}}, Lock, ""},
		{"a program that cannot be started", &Error{Kind: Provider, What: "cannot start", Err: &fs.PathError{Op: "fork/exec", Path: file, Err: syscall.EACCES}}, Provider, ""},
		{"a peer", &Error{Kind: Network, What: "cannot be reached", Err: os.NewSyscallError("connect", syscall.EACCES)}, Network, ""},
	} {
		if got := KindOf(c.err); got != c.kind {
			t.Errorf("%s: kind %v, want %v", c.name, got, c.kind)
		}
		switch told := OfDisk(c.err); {
		case c.want == "" && told != c.err:
			t.Errorf("%s: told as %v", c.name, told)
		case c.want != "" && !strings.Contains(told.Error(), c.want):
			t.Errorf("%s: told as\n%v\nwant\n%s", c.name, told, c.want)
		}
	}
}

// TestDiskIsNoRefusal records a package whose file could not be read as nothing: it may be the right one.
func TestDiskIsNoRefusal(t *testing.T) {
	found := refusals(&Error{Kind: Integrity, What: "the artifact cannot be read", Err: &fs.PathError{Op: "read", Path: "a", Err: syscall.EIO}}, func(e *Error) { t.Errorf("recorded: %v", e) })
	if found {
		t.Error("a refusal was found")
	}
}
