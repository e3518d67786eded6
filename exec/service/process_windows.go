package service

import (
	"os/exec"
	"strconv"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach gives the process no console and a group of its own, so that it outlives conduit's.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS, HideWindow: true}
}

// birth identifies the process that has pid now by the time of its creation.
func birth(pid int) (string, error) {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION|windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return "", err
	}
	defer windows.CloseHandle(h)
	if event, _ := windows.WaitForSingleObject(h, 0); event == windows.WAIT_OBJECT_0 {
		return "", syscall.ESRCH
	}
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(h, &created, &exited, &kernel, &user); err != nil {
		return "", err
	}
	return strconv.FormatInt(created.Nanoseconds(), 10), nil
}

// members is the instance's first process, as long as it lives and is still the same; taskkill knows its children.
func (in *instance) members() []int {
	if in.alive() {
		return []int{in.PID}
	}
	return nil
}

// signal asks the process tree to end, or ends it. A process without a window cannot be asked, and is ended.
func (in *instance) signal(pids []int, force bool) {
	for _, pid := range pids {
		arg := []string{"/T", "/PID", strconv.Itoa(pid)}
		if !force && exec.Command("taskkill", arg...).Run() == nil {
			continue
		}
		_ = exec.Command("taskkill", append(arg, "/F")...).Run()
	}
}
