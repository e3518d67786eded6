//go:build unix && !linux

package plugin

import "syscall"

// attributes puts the process at the head of its own group. There is no signal at the parent's death here: hosts watch
// their parent themselves.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// awaitExit does nothing: waiting without reaping is not portable, and Wait follows at once.
func awaitExit(int) {}
