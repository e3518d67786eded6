//go:build unix

package service

import (
	"strconv"
	"syscall"
	"testing"
)

// TestSession gives the process a session of its own, so that the terminal's signals do not reach it.
func TestSession(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	pid, _ := strconv.Atoi(up(t, m, spec).ID)
	group, err := syscall.Getpgid(pid)
	if err != nil || group != pid {
		t.Errorf("process %d is in group %d: %v", pid, group, err)
	}
}
