package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// diskCall is a system call that a faulty disk fails: which of its arguments is a file, and how it can fail.
type diskCall struct {
	name   string
	at     int // the argument with a folder's descriptor, before that with a path; or with a file's descriptor if fd
	fd     bool
	errors []unix.Errno
}

// diskCalls are those that change files, and those that read them.
var diskCalls = map[int32]diskCall{
	unix.SYS_OPENAT:     {name: "openat", errors: []unix.Errno{unix.EIO, unix.EACCES, unix.EMFILE, unix.ENOSPC, unix.EROFS}},
	unix.SYS_MKDIRAT:    {name: "mkdirat", errors: []unix.Errno{unix.EIO, unix.EACCES, unix.ENOSPC, unix.EROFS}},
	unix.SYS_RENAMEAT:   {name: "renameat", at: 2, errors: []unix.Errno{unix.EIO, unix.EACCES, unix.ENOSPC, unix.EROFS}},
	unix.SYS_RENAMEAT2:  {name: "renameat", at: 2, errors: []unix.Errno{unix.EIO, unix.EACCES, unix.ENOSPC, unix.EROFS}},
	unix.SYS_LINKAT:     {name: "linkat", at: 2, errors: []unix.Errno{unix.EIO, unix.EPERM, unix.ENOSPC, unix.EXDEV, unix.EMLINK}},
	unix.SYS_UNLINKAT:   {name: "unlinkat", errors: []unix.Errno{unix.EIO, unix.EACCES, unix.EBUSY, unix.EROFS}},
	unix.SYS_FCHMODAT:   {name: "fchmodat", errors: []unix.Errno{unix.EIO, unix.EPERM, unix.EROFS}},
	unix.SYS_UTIMENSAT:  {name: "utimensat", errors: []unix.Errno{unix.EIO, unix.EPERM, unix.EROFS}},
	unix.SYS_FCHMOD:     {name: "fchmod", fd: true, errors: []unix.Errno{unix.EIO, unix.EPERM}},
	unix.SYS_FSYNC:      {name: "fsync", fd: true, errors: []unix.Errno{unix.EIO, unix.ENOSPC, unix.EDQUOT}},
	unix.SYS_FTRUNCATE:  {name: "ftruncate", fd: true, errors: []unix.Errno{unix.EIO, unix.ENOSPC}},
	unix.SYS_WRITE:      {name: "write", fd: true, errors: []unix.Errno{unix.EIO, unix.ENOSPC, unix.EDQUOT}},
	unix.SYS_PWRITE64:   {name: "write", fd: true, errors: []unix.Errno{unix.EIO, unix.ENOSPC, unix.EDQUOT}},
	unix.SYS_READ:       {name: "read", fd: true, errors: []unix.Errno{unix.EIO}},
	unix.SYS_PREAD64:    {name: "read", fd: true, errors: []unix.Errno{unix.EIO}},
	unix.SYS_GETDENTS64: {name: "getdents64", fd: true, errors: []unix.Errno{unix.EIO}},
	unix.SYS_FLOCK:      {name: "flock", fd: true, errors: []unix.Errno{unix.EIO, unix.ENOLCK}},
}

// faultyDisk decides which calls fail for the files below dir. It decides by the seed, the round, the call, the file and how
// often that was called for before, not by the order of calls, which is another one in each run.
type faultyDisk struct {
	dir  string
	seed uint64

	mu     sync.Mutex
	round  int
	rate   float64 // of calls that fail
	broken bool    // a whole folder fails in one way, always
	called map[string]int
	failed []string // "CALL FILE: ERROR"
}

func (d *faultyDisk) start(round int, rate float64, broken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.round, d.rate, d.broken, d.called, d.failed = round, rate, broken, map[string]int{}, nil
}

// random is what differs from run to run in the names of temporary files.
var random = regexp.MustCompile(`[0-9]{5,}`)

// decide returns the error that a call for path fails with, 0 for none.
func (d *faultyDisk) decide(call diskCall, path string) unix.Errno {
	rel, err := filepath.Rel(d.dir, path)
	first, rest, _ := strings.Cut(rel, "/")
	if err != nil || first != "cache" && first != "state" && first != "project" && first != "tmp" {
		return 0
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	what := call.name + " " + random.ReplaceAllString(rel, "#")
	if d.broken {
		kind, _, _ := strings.Cut(rest, "/")
		what = call.name + " " + first + "/" + random.ReplaceAllString(kind, "#")
	} else {
		d.called[what]++
	}
	h := fnv.New64a()
	fmt.Fprintln(h, d.round, what, d.called[what])
	rnd := rand.New(rand.NewPCG(d.seed, h.Sum64()))
	if rnd.Float64() >= d.rate {
		return 0
	}
	failure := call.errors[rnd.IntN(len(call.errors))]
	d.failed = append(d.failed, fmt.Sprintf("%s %s: %v", call.name, rel, failure))
	return failure
}

// failures lists what failed in this round.
func (d *faultyDisk) failures() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.failed
}

// calledPath is the file that a call is for, as the thread that makes it sees it.
func calledPath(call diskCall, thread uint32, args [6]uint64) string {
	proc := fmt.Sprintf("/proc/%d/", thread)
	folder := int32(args[call.at])
	link := proc + fmt.Sprintf("fd/%d", folder)
	if folder == unix.AT_FDCWD && !call.fd {
		link = proc + "cwd"
	}
	if call.fd {
		path, _ := os.Readlink(link) // none for one that is closed
		return path
	}
	name := readText(int(thread), uintptr(args[call.at+1]))
	if filepath.IsAbs(name) {
		return filepath.Clean(name)
	}
	base, _ := os.Readlink(link)
	return filepath.Join(base, name)
}

// readText reads a text that ends with a zero byte from another process, page by page.
func readText(pid int, at uintptr) string {
	var out []byte
	for len(out) < unix.PathMax {
		part := make([]byte, 4096-at%4096)
		local := []unix.Iovec{{Base: &part[0], Len: uint64(len(part))}}
		n, err := unix.ProcessVMReadv(pid, local, []unix.RemoteIovec{{Base: at, Len: len(part)}}, 0)
		if err != nil {
			break
		}
		if text, _, ended := strings.Cut(string(part[:n]), "\x00"); ended {
			return string(out) + text
		}
		out, at = append(out, part[:n]...), at+uintptr(n)
	}
	return string(out)
}
