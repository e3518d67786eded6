//go:build unix && !linux && !darwin

package service

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// birth identifies the process that has pid now, by what ps(1) says of its start.
func birth(pid int) (string, error) {
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "", syscall.ESRCH
	}
	return strings.TrimSpace(string(out)), nil
}

// members is the process group of the instance's first process, as long as that one lives and is still the same.
func (in *instance) members() []int {
	if in.alive() {
		return []int{-in.PID} // kill(2): a negative ID is the group
	}
	return nil
}
