package plugin

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// hierarchy is a folder that looks like one of control groups to whoever makes one in it.
func hierarchy(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestNoGroups: where no group can be made, or none that limits anything, nothing is left behind.
func TestNoGroups(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing mounted":     {},
		"no controllers here": {"a/cgroup.controllers": "", "a/cgroup.subtree_control": "", "cgroup.controllers": "", "cgroup.subtree_control": "cpu"},
		"no files in a group": {"a/cgroup.controllers": "pids memory", "a/cgroup.subtree_control": "pids memory"},
	} {
		t.Run(name, func(t *testing.T) {
			root := hierarchy(t, files)
			if g := makeGroup(root, "0::/a\n", 1<<30); g != nil {
				t.Errorf("made %v", g.dirs)
			}
			left, err := filepath.Glob(filepath.Join(root, "*", "conduit-*"))
			if err != nil || len(left) > 0 {
				t.Errorf("left %v, %v", left, err)
			}
		})
	}
}

// TestSweep: the groups of conduits that are gone are removed, those of others stay.
func TestSweep(t *testing.T) {
	parent := t.TempDir()
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	name := func(pid int) string { return filepath.Join(parent, "conduit-"+strconv.Itoa(pid)+"-1") }
	for _, dir := range []string{name(gone.Process.Pid), name(os.Getpid())} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	sweep(parent)
	left, err := os.ReadDir(parent)
	if err != nil || len(left) != 1 || left[0].Name() != filepath.Base(name(os.Getpid())) {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestOutOfMemory(t *testing.T) {
	dir := hierarchy(t, map[string]string{
		"memory.events":      "low 0\nhigh 0\nmax 12\noom 1\noom_kill 1\noom_group_kill 0\n",
		"memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n",
	})
	if !(&cgroup{memory: dir, v2: true}).outOfMemory() || (&cgroup{memory: dir}).outOfMemory() || (&cgroup{}).outOfMemory() {
		t.Error("misread")
	}
}

// TestWatchMemory: without a control group, a process and its children are ended together.
func TestWatchMemory(t *testing.T) {
	t.Parallel()
	child := `const a = Buffer.alloc(200 << 20, 1); setInterval(() => a.length, 1000)`
	cmd := exec.Command("node", "-e", "require('child_process').spawn(process.execPath, ['-e', `"+child+"`])")
	cmd.SysProcAttr = attributes(true)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited, told := make(chan struct{}), false
	watchMemory(cmd.Process.Pid, 220<<20, exited, func() {
		told = true
		killGroup(cmd.Process)
	})
	if !told {
		t.Error("was not told")
	}
	if err := cmd.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	close(exited)
	watchMemory(os.Getpid(), 1<<40, exited, func() { t.Error("told of a process that has ended") })
}

// TestDetached: a child that left the process group ends with the group of control, where there is one.
func TestDetached(t *testing.T) {
	t.Parallel()
	g := confine(0)
	if g == nil {
		t.Log("this user may make no control groups here: a detached child outlives its provider, as docs/security.md says")
		return
	}
	cmd := exec.Command("setsid", "--wait", "sleep", "600")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if err := g.add(cmd.Process.Pid); err != nil {
		t.Fatal(err)
	}
	g.kill()
	if err := cmd.Wait(); err == nil {
		t.Error("it ended by itself")
	}
	g.remove()
	if _, tasks := Enforced(); tasks != g.limitsTasks() {
		t.Errorf("tasks are limited: %t, or %t", tasks, g.limitsTasks())
	}
	for _, dir := range g.(*cgroup).dirs {
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is left: %v", dir, err)
		}
	}
}
