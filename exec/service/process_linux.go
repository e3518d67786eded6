package service

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// bootID tells one run of the machine from the next: process start times are counted from boot.
var bootID = sync.OnceValue(func() string {
	data, _ := os.ReadFile("/proc/sys/kernel/random/boot_id")
	return strings.TrimSpace(string(data))
})

// procStat is what /proc/PID/stat (proc_pid_stat(5)) says about a process.
type procStat struct {
	state          string
	group, session int
	start          string // clock ticks after boot
}

func stat(pid int) (procStat, error) {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return procStat{}, err
	}
	// The name may contain anything, parentheses and spaces too; it ends at the last parenthesis.
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	if len(fields) < 20 {
		return procStat{}, os.ErrNotExist
	}
	group, _ := strconv.Atoi(fields[2])
	session, _ := strconv.Atoi(fields[3])
	return procStat{state: fields[0], group: group, session: session, start: fields[19]}, nil
}

// birth identifies the process that has pid now. A process that has ended and that nobody collected yet does not count.
func birth(pid int) (string, error) {
	s, err := stat(pid)
	if err != nil {
		return "", err
	}
	if s.state == "Z" || s.state == "X" {
		return "", os.ErrProcessDone
	}
	return bootID() + " " + s.start, nil
}

// members are the living processes of the instance: those with its marker in their environment, and the session of its
// first process as long as that one lives and is still the same.
func (in *instance) members() []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	mark := []byte("\x00" + marker + "=" + in.dir + "\x00")
	leader := in.alive()
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		s, err := stat(pid)
		if err != nil || s.state == "Z" || s.state == "X" {
			continue
		}
		if leader && (s.session == in.PID || s.group == in.PID) {
			pids = append(pids, pid)
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err == nil && bytes.Contains(append([]byte{0}, env...), mark) {
			pids = append(pids, pid)
		}
	}
	return pids
}
