package plugin

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openFile opens a file for reading and does not wait where it is none.
func openFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &os.PathError{Op: "open", Path: path, Err: unix.EINVAL}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func descriptor(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(int(f.Fd())) }

// placeOf is where an open file is.
func placeOf(f *os.File) (string, error) { return os.Readlink(descriptor(f)) }

// link gives an open file a further name.
func link(f *os.File, path string) error {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return unix.EXDEV
	}
	if err := unix.Linkat(unix.AT_FDCWD, descriptor(f), unix.AT_FDCWD, path, unix.AT_SYMLINK_FOLLOW); err != nil {
		return &os.LinkError{Op: "link", Old: f.Name(), New: path, Err: err}
	}
	return nil
}
