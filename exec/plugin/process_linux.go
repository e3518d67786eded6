package plugin

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes puts the process at the head of its own group and lets the kernel end it with its parent, if the parent is a thread that
// stays. SIGTERM and not SIGKILL, so that a host can take its children along; hosts also watch their parent themselves.
func attributes(parentStays bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if parentStays {
		attr.Pdeathsig = syscall.SIGTERM
	}
	return attr
}

// wait waits for the end of the process and calls ended before it is reaped: until then its id names the group and
// nothing else.
func wait(cmd *exec.Cmd, ended func()) {
	for unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil) == unix.EINTR {
	}
	ended()
	_ = cmd.Wait()
}
