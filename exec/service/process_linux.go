package service

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
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
		env, err := environment(e.Name(), s)
		if err == nil && bytes.Contains(append([]byte{0}, env...), mark) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// environment reads that of a process. While the kernel is putting a program in place of the one that forked it, there is
// none to be seen.
func environment(pid string, s procStat) ([]byte, error) {
	path := filepath.Join("/proc", pid, "environ")
	for end := time.Now().Add(execMost); ; time.Sleep(time.Millisecond) {
		env, err := os.ReadFile(path)
		if err != nil || len(env) > 0 || !young(s) || time.Now().After(end) {
			return env, err
		}
	}
}

const execMost = 200 * time.Millisecond // how long that may take

// young tells a process that was forked in the last second. Most without an environment are old, and the kernel's own.
func young(s procStat) bool {
	data, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return false
	}
	var up float64
	if _, err := fmt.Sscan(string(data), &up); err != nil {
		return false
	}
	start, err := strconv.ParseFloat(s.start, 64)
	return err == nil && up-start/100 < 1 // USER_HZ is 100 (proc_pid_stat(5))
}
