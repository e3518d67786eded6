package service

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// zombie is SZOMB of <sys/proc.h>: ended, and not collected yet.
const zombie = 5

// birth identifies the process that has pid now.
func birth(pid int) (string, error) {
	p, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil {
		return "", err
	}
	if int(p.Proc.P_pid) != pid || p.Proc.P_stat == zombie {
		return "", os.ErrProcessDone
	}
	t := p.Proc.P_starttime
	return fmt.Sprintf("%d.%06d", t.Sec, t.Usec), nil
}

// members are the processes in the group of the instance's first process, as long as that one lives and is still the same.
func (in *instance) members() []int {
	if !in.alive() {
		return nil
	}
	all, err := unix.SysctlKinfoProcSlice("kern.proc.pgrp", in.PID)
	if err != nil {
		return []int{in.PID}
	}
	var pids []int
	for _, p := range all {
		if p.Proc.P_stat != zombie {
			pids = append(pids, int(p.Proc.P_pid))
		}
	}
	return pids
}
