//go:build unix

package service

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// detach gives the process a session of its own: it outlives conduit and does not hear the terminal's signals.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// signal asks processes to end, or ends them.
func (in *instance) signal(pids []int, force bool) {
	sig := unix.SignalNum(in.Signal)
	if sig == 0 {
		sig = syscall.SIGTERM
	}
	if force {
		sig = syscall.SIGKILL
	}
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig)
	}
}
