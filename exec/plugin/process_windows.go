package plugin

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// attributes gives the process its own group, so that a Ctrl-C in the console reaches conduit only.
func attributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// wait waits for the end of the process and calls ended.
func wait(cmd *exec.Cmd, ended func()) {
	_ = cmd.Wait()
	ended()
}

// killGroup ends the process and all that it started. Windows keeps no groups to signal; taskkill walks the tree.
func killGroup(p *os.Process) {
	_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(p.Pid)).Run()
	_ = p.Kill()
}

// signalOf returns "": there are no signals.
func signalOf(*os.ProcessState) string { return "" }
