//go:build unix

package project

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"
)

// ofAnother reports whether a file belongs to neither this user nor root. Under sudo, who called it counts as this user.
func ofAnother(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		return false
	}
	caller, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	return int(stat.Uid) != os.Getuid() && (os.Getuid() != 0 || err != nil || int(stat.Uid) != caller)
}
