package plugin

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// attributes puts the process at the head of its own group and lets the kernel end it with its parent. SIGTERM and not
// SIGKILL, so that a host can take its children along; hosts also watch their parent themselves.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// awaitExit waits until the process has ended, without reaping it.
func awaitExit(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}
