package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// diskRemedies are what a file system fails with that says nothing about what stands in the file, and what to do about each.
var diskRemedies = map[syscall.Errno]string{
	syscall.EIO:    "check the disk that holds %s, then run the command again",
	syscall.ENOSPC: "free some space on the disk that holds %s, then run the command again",
	syscall.EDQUOT: "free some space on the disk that holds %s, then run the command again",
	syscall.EROFS:  "make the file system that holds %s writable, then run the command again",
	syscall.EBUSY:  "end what uses %s, then run the command again",
	syscall.ENOLCK: "let the file system that holds %s have locks, then run the command again",
	syscall.EMFILE: "let a process have more files open (ulimit -n), then run the command again",
	syscall.ENFILE: "let processes have more files open (sysctl fs.file-max), then run the command again",
	syscall.EACCES: "make %s readable and writable for this user, then run the command again",
	syscall.EPERM:  "make %s readable and writable for this user, then run the command again",
}

// diskFault is a failure of the file system: of operation op on path.
type diskFault struct {
	op, path string
	errno    syscall.Errno
}

// faultOf finds the failure of a file system that err comes of. Where several errors are joined, one that is a refusal by itself
// counts, and no fault is found.
func faultOf(err error) (f diskFault, ok bool) {
	switch x := err.(type) {
	case nil:
		return f, false
	case *fs.PathError:
		f = diskFault{op: x.Op, path: x.Path}
	case *os.LinkError:
		f = diskFault{op: x.Op, path: x.New}
	case interface{ Unwrap() []error }:
		for _, each := range x.Unwrap() {
			if found, is := faultOf(each); is && !ok {
				f, ok = found, true
			} else if kind := ownKind(each); !is && (kind == Integrity || kind == Policy) {
				return diskFault{}, false
			}
		}
		return f, ok
	default:
		return faultOf(errors.Unwrap(err))
	}
	if f.op == "fork/exec" || !errors.As(err, &f.errno) { // a program that is none is not the disk's fault
		return diskFault{}, false
	}
	_, ok = diskRemedies[f.errno]
	return f, ok
}

// OfDisk is the error to tell where err comes of a file system that fails: of kind [Failure], with the file and a remedy, whatever
// was being done. It says nothing then about a package, a lock or a peer. An error that knows better what to do is returned as it is,
// and so is one of another cause.
func OfDisk(err error) error {
	f, ok := faultOf(err)
	var told *Error
	if !ok || ownKind(err) == Policy {
		return err
	}
	if errors.As(err, &told) && ownKind(err) == Failure && told.Next != "" && (filepath.IsAbs(f.path) || told.Where != "") {
		return err
	}
	path := f.path
	for at := err; !filepath.IsAbs(path) && errors.As(at, &told); at = told.Err {
		if filepath.IsAbs(told.Where) {
			path = told.Where
		}
	}
	next := diskRemedies[f.errno]
	if strings.Contains(next, "%s") {
		next = fmt.Sprintf(next, path)
	}
	return &Error{What: "the file system fails", Where: path, Why: f.op + ": " + f.errno.Error(), Next: next, Err: err}
}
