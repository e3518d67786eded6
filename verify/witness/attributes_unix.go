//go:build linux || darwin

package witness

import (
	"io/fs"
	"os"
	"syscall"
)

// attributesOf returns what the system says of a file. It reports false for one that belongs to neither this user nor root: its owner may
// have it open, and change it by mapped memory without a new change time.
func attributesOf(info fs.FileInfo) (attributes, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid != 0 && int(stat.Uid) != os.Getuid() {
		return attributes{}, false
	}
	return attributes{changed: changeTime(stat), inode: stat.Ino, device: uint64(stat.Dev)}, true
}

// own reports whether a record is a file that this user alone can write.
func own(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && info.Mode().IsRegular() && int(stat.Uid) == os.Getuid() && info.Mode().Perm()&0o022 == 0
}
