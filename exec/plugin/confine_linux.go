package plugin

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// cgroupRoot is where the kernel's control groups are mounted.
const cgroupRoot = "/sys/fs/cgroup"

// cgroupNames makes the names of control groups unique in this process.
var cgroupNames atomic.Int64

// cgroup is a control group of our own in each hierarchy that lets us make one: one in version 2, one for each controller in
// version 1 (https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1).
type cgroup struct {
	dirs   []string // the groups
	memory string   // the one that limits memory, "" for none
	v2     bool     // memory is of version 2
	tasks  bool     // the number of tasks is limited
}

// confine makes control groups for a process that may have so many bytes of memory, 0 for any number. It returns nil where the
// kernel does not let this user make any. Which limits it has is for the hierarchies to say.
func confine(memory int64) confined {
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	if g := makeGroup(cgroupRoot, string(own), memory); g != nil {
		return g
	}
	return nil
}

// makeGroup is [confine] for hierarchies mounted below root, of which own (as in /proc/self/cgroup) names our place in each.
func makeGroup(root, own string, memory int64) *cgroup {
	g := &cgroup{}
	name := fmt.Sprintf("conduit-%d-%d", os.Getpid(), cgroupNames.Add(1))
	for line := range strings.Lines(own) {
		fields := strings.SplitN(strings.TrimSpace(line), ":", 3)
		if len(fields) != 3 {
			continue
		}
		if fields[1] == "" {
			for _, base := range []string{root, filepath.Join(root, "unified")} {
				g.unified(filepath.Join(base, fields[2]), name, memory)
			}
			continue
		}
		for controller := range strings.SplitSeq(fields[1], ",") {
			g.controller(controller, filepath.Join(root, fields[1], fields[2]), name, memory)
		}
	}
	if len(g.dirs) == 0 {
		return nil
	}
	return g
}

// unified makes the group of version 2: below our own, or beside it where ours holds processes and thus no groups with limits.
func (g *cgroup) unified(own, name string, memory int64) {
	for _, parent := range []string{own, filepath.Dir(own)} {
		if _, err := os.Stat(filepath.Join(parent, "cgroup.controllers")); err != nil {
			return
		}
		_ = write(parent, "cgroup.subtree_control", "+memory +pids +cpu") // may be so already, and may be others' to say
		enabled, err := os.ReadFile(filepath.Join(parent, "cgroup.subtree_control"))
		has := func(controller string) bool { return bytes.Contains(enabled, []byte(controller)) }
		if err != nil || !has("pids") {
			continue
		}
		sweep(parent)
		dir := filepath.Join(parent, name)
		if os.Mkdir(dir, 0o755) != nil {
			continue
		}
		err = write(dir, "pids.max", strconv.Itoa(mostTasks))
		if memory > 0 && has("memory") {
			err = errors.Join(err, write(dir, "memory.max", strconv.FormatInt(memory, 10)))
			_ = write(dir, "memory.swap.max", "0") // not there without swap
			_ = write(dir, "memory.oom.group", "1")
		}
		if has("cpu") {
			_ = write(dir, "cpu.weight", strconv.Itoa(cpuWeight))
		}
		if err != nil {
			_ = os.Remove(dir)
			continue
		}
		g.dirs, g.tasks = append(g.dirs, dir), true
		if memory > 0 && has("memory") {
			g.memory, g.v2 = dir, true
		}
		return
	}
}

// controller makes the group of one controller of version 1.
func (g *cgroup) controller(controller, parent, name string, memory int64) {
	var files [][2]string
	switch {
	case controller == "pids":
		files = [][2]string{{"pids.max", strconv.Itoa(mostTasks)}}
	case controller == "cpu":
		files = [][2]string{{"cpu.shares", strconv.Itoa(cpuWeight * 1024 / 100)}}
	case controller == "memory" && memory > 0:
		files = [][2]string{{"memory.limit_in_bytes", strconv.FormatInt(memory, 10)}}
	default:
		return
	}
	if _, err := os.Stat(filepath.Join(parent, "cgroup.procs")); err != nil {
		return
	}
	sweep(parent)
	dir := filepath.Join(parent, name)
	if os.Mkdir(dir, 0o755) != nil {
		return
	}
	for _, f := range files {
		if write(dir, f[0], f[1]) != nil {
			_ = os.Remove(dir)
			return
		}
	}
	g.tasks = g.tasks || controller == "pids"
	if controller == "memory" {
		_ = write(dir, "memory.memsw.limit_in_bytes", strconv.FormatInt(memory, 10)) // not there where swap is not counted
		g.memory = dir
	}
	g.dirs = append(g.dirs, dir)
}

// write writes to a file of a control group, which is there: these file systems make none.
func write(dir, name, value string) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(value)
	return errors.Join(err, f.Close())
}

// sweep removes the groups of conduits that were killed. The kernel keeps those in which something runs.
func sweep(parent string) {
	left, err := filepath.Glob(filepath.Join(parent, "conduit-*-*"))
	if err != nil {
		return
	}
	for _, dir := range left {
		pid, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "conduit-"), "-")
		if _, err := os.Stat("/proc/" + pid); errors.Is(err, fs.ErrNotExist) {
			_ = os.Remove(dir)
		}
	}
}

// limitsMemory implements [confined].
func (g *cgroup) limitsMemory() bool { return g.memory != "" }

// limitsTasks implements [confined].
func (g *cgroup) limitsTasks() bool { return g.tasks }

// add implements [confined].
func (g *cgroup) add(pid int) error {
	var failures []error
	for _, dir := range g.dirs {
		failures = append(failures, write(dir, "cgroup.procs", strconv.Itoa(pid)))
	}
	return errors.Join(failures...)
}

// kill implements [confined].
func (g *cgroup) kill() {
	for _, dir := range g.dirs {
		if write(dir, "cgroup.kill", "1") == nil { // version 2, from Linux 5.14 on
			continue
		}
		for range mostTasks { // one that forks while we read is seen in the next round
			pids := members(dir)
			if len(pids) == 0 {
				break
			}
			for _, pid := range pids {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	}
}

// members are the processes of a group.
func members(dir string) []int {
	data, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if err != nil {
		return nil
	}
	var out []int
	for word := range strings.FieldsSeq(string(data)) {
		if pid, err := strconv.Atoi(word); err == nil && pid > 0 {
			out = append(out, pid)
		}
	}
	return out
}

// outOfMemory implements [confined].
func (g *cgroup) outOfMemory() bool {
	if g.memory == "" {
		return false
	}
	name := "memory.oom_control"
	if g.v2 {
		name = "memory.events"
	}
	data, err := os.ReadFile(filepath.Join(g.memory, name))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(data)) {
		if count, ok := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); ok && count != "0" {
			return true
		}
	}
	return false
}

// removeTries and removePause bound how long the kernel may take until the last process has left a group.
const (
	removeTries = 50
	removePause = 10 * time.Millisecond
)

// remove implements [confined]. A group that cannot be removed yet is by the next provider that starts.
func (g *cgroup) remove() {
	for _, dir := range g.dirs {
		for range removeTries {
			if err := os.Remove(dir); !errors.Is(err, syscall.EBUSY) {
				break
			}
			time.Sleep(removePause)
		}
	}
}
