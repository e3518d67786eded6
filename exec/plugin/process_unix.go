//go:build unix

package plugin

import (
	"os"
	"strconv"
	"syscall"
)

// killGroup ends the process and all that it started and that stayed in its group.
func killGroup(p *os.Process) {
	_ = syscall.Kill(-p.Pid, syscall.SIGKILL)
}

// signalOf names the signal that ended the process, "" if it exited by itself.
func signalOf(state *os.ProcessState) string {
	status, ok := state.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() {
		return ""
	}
	return "signal " + strconv.Itoa(int(status.Signal())) + " (" + status.Signal().String() + ")"
}
