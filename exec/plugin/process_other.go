//go:build unix && !linux

package plugin

import (
	"os/exec"
	"syscall"
)

// attributes puts the process at the head of its own group. There is no signal at the parent's death here: hosts watch
// their parent themselves.
func attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

// wait waits for the end of the process and calls ended. Waiting without reaping is not portable; the group's id stays
// the group's as long as it has members, and without members there is nothing to end.
func wait(cmd *exec.Cmd, ended func()) {
	_ = cmd.Wait()
	ended()
}
