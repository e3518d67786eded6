package landlock

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// system is what a shell needs.
var system = []Rule{
	{"/usr", Read | Run}, {"/bin", Read | Run}, {"/lib", Read | Run}, {"/lib64", Read | Run}, {"/etc", Read}, {"/proc", Read}, {"/nix/store", Read | Run},
	{"/dev/null", Read | Write}, {"/not/there", Read},
}

// sh runs a script of the shell under the rules, and returns what it wrote and how it ended.
func sh(t *testing.T, rules Rules, script string, args ...string) (string, error) {
	t.Helper()
	rules.Files = append(rules.Files, system...)
	var out bytes.Buffer
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, "sh"}, args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = &out, &out, "/"
	if err := rules.Start(cmd); err != nil {
		if !Supported().Files && errors.Is(err, errors.ErrUnsupported) {
			t.Log("this kernel has no Landlock: nothing is started")
			return "", err
		}
		t.Fatal(err)
	}
	err := cmd.Wait()
	return out.String(), err
}

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSupported: tests of what the kernel refuses have nothing to look at where it cannot refuse it. Under CI it can.
func TestSupported(t *testing.T) {
	t.Parallel()
	got := Supported()
	all := Support{Version: got.Version, Files: true, Truncate: true, Ports: true, Devices: true, Signals: true}
	if os.Getenv("CI") != "" && got != all {
		t.Fatalf("this kernel enforces %+v only; under CI it has to be Linux 6.12 or newer with Landlock", got)
	}
}

// TestFiles: what has a rule can be used as the rule says, everything else not at all.
func TestFiles(t *testing.T) {
	t.Parallel()
	if !Supported().Files {
		return
	}
	const denied = "Permission denied"
	for name, c := range map[string]struct {
		access Access
		script string
		want   string // in its output
		fails  bool
	}{
		"nothing":               {0, `cat "$1/file"`, denied, true},
		"list nothing":          {0, `ls "$1"`, denied, true},
		"read":                  {Read, `cat "$1/file" && ls "$1"`, "text", false},
		"read, not write":       {Read, `echo more >> "$1/file"`, denied, true},
		"read, not make":        {Read, `: > "$1/new"`, denied, true},
		"read, not remove":      {Read, `rm -f "$1/file"`, denied, true},
		"read, not run":         {Read, `"$1/program"`, denied, true},
		"run":                   {Read | Run, `"$1/program"`, "ran", false},
		"write, not read":       {Write, `cat "$1/file"`, denied, true},
		"write":                 {Read | Write, `echo more >> "$1/file" && mv "$1/file" "$1/sub/file" && cat "$1/sub/file" && rm "$1/sub/file" && mkdir "$1/d" && ln -s / "$1/d/l"`, "more", false},
		"out of it by a link":   {Read | Write, `ln -s "$1/../other" "$1/l"; cat "$1/l"`, denied, true},
		"out of it by a name":   {Read | Write, `ln "$1/../other" "$1/l"`, "ln: ", true},
		"inherited by children": {Read, `sh -c 'sh -c "cat \"\$0\"" "$0"' "$1/../other"`, denied, true},
		"no device files":       {Read | Write, `mknod "$1/null" c 1 3`, "ot permitted", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "dir")
			if err := os.MkdirAll(filepath.Join(dir, "sub"), 0o700); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "file"), "text")
			write(t, filepath.Join(dir, "..", "other"), "secret")
			program := write(t, filepath.Join(dir, "program"), "#!/bin/sh\necho ran\n")
			if err := os.Chmod(program, 0o700); err != nil {
				t.Fatal(err)
			}
			if c.script == `mknod "$1/null" c 1 3` { // refused by Landlock where the user could, by the system where not
				c.want = ""
			}
			out, err := sh(t, Rules{Files: []Rule{{dir, c.access}}}, c.script, dir)
			if (err != nil) != c.fails || !strings.Contains(out, c.want) || strings.Contains(out, "secret") {
				t.Errorf("%v, says %q, want %q", err, out, c.want)
			}
		})
	}
}

// TestFile: a rule may be of a file, of a link to one, and of one that is not there.
func TestFile(t *testing.T) {
	t.Parallel()
	if !Supported().Files {
		return
	}
	dir := t.TempDir()
	file := write(t, filepath.Join(dir, "file"), "text")
	write(t, filepath.Join(dir, "other"), "secret")
	if err := os.Symlink(file, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	out, err := sh(t, Rules{Files: []Rule{{filepath.Join(dir, "link"), Read | Write | Run | Device}}}, `cat "$1/file" "$1/link"; cat "$1/other"`, dir)
	if err == nil || !strings.HasPrefix(out, "texttext") || strings.Contains(out, "secret") {
		t.Errorf("%v: %q", err, out)
	}
}

// TestProcesses: a program can neither end nor look into another, nor into the one that started it by any of its threads.
func TestProcesses(t *testing.T) {
	t.Parallel()
	if !Supported().Files {
		return
	}
	other := exec.Command("sleep", "600")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	out, _ := sh(t, Rules{}, `cat "/proc/$1/environ" "/proc/$1/mem" 2>&1 >/dev/null; for t in /proc/$2/task/*; do cat "$t/environ" && echo "seen by $t"; done 2>/dev/null`,
		strconv.Itoa(other.Process.Pid), strconv.Itoa(os.Getpid()))
	if strings.Count(out, "Permission denied") != 2 || strings.Contains(out, "seen by") {
		t.Errorf("it sees others: %q", out)
	}
	out, err := sh(t, Rules{}, `kill -9 "$1"`, strconv.Itoa(other.Process.Pid))
	if Supported().Signals && (err == nil || other.Process.Signal(syscall.Signal(0)) != nil) {
		t.Errorf("it ends others: %v, %q", err, out)
	}
	if out, err := sh(t, Rules{}, `sleep 600 & kill -9 $!; wait $! || echo ended`); err != nil || !strings.Contains(out, "ended") {
		t.Errorf("it cannot end its own: %v, %q", err, out)
	}
}

// TestCaller: many starts at once leave every thread of this process as it was, and each has its own rules.
//
// It runs before the others: threads on their way to a start are restricted.
func TestCaller(t *testing.T) {
	if !Supported().Files {
		return
	}
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "own"), strconv.Itoa(i))
			if out, err := sh(t, Rules{Files: []Rule{{dir, Read}}}, `cat "$1/own"`, dir); err != nil || out != strconv.Itoa(i) {
				t.Errorf("%d: %v, %q", i, err, out)
			}
		})
	}
	wg.Wait()
	tasks, err := filepath.Glob("/proc/self/task/*/status")
	if err != nil || len(tasks) == 0 {
		t.Fatal(tasks, err)
	}
	for _, task := range tasks {
		status, err := os.ReadFile(task)
		if errors.Is(err, unix.ESRCH) || errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil || !strings.Contains(string(status), "NoNewPrivs:\t0") {
			t.Errorf("%s is restricted: %v", task, err)
		}
	}
}

// TestNotStarted: a program that is not there is an error, and no thread is left behind.
func TestNotStarted(t *testing.T) {
	t.Parallel()
	err := Rules{Files: system}.Start(exec.Command("/not/there"))
	if !errors.Is(err, os.ErrNotExist) && Supported().Files {
		t.Errorf("error %v", err)
	}
	if !Supported().Files && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("without Landlock: %v", err)
	}
}

// TestPorts: a port that is not in the list cannot be connected to, and none be listened on; without a list all can.
func TestPorts(t *testing.T) {
	t.Parallel()
	if !Supported().Ports {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := uint16(l.Addr().(*net.TCPAddr).Port)
	for name, c := range map[string]struct {
		ports []uint16
		fails bool
	}{"no list": {nil, false}, "in the list": {[]uint16{port}, false}, "not in the list": {[]uint16{1}, true}, "an empty list": {[]uint16{}, true}} {
		out, err := sh(t, Rules{Ports: c.ports}, `exec bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"' "$1"`, strconv.Itoa(int(port)))
		if (err != nil) != c.fails {
			t.Errorf("%s: %v, %q", name, err, out)
		}
	}
}

// TestFixed: of a path that a symbolic link is part of, nothing is given.
func TestFixed(t *testing.T) {
	t.Parallel()
	if !Supported().Files {
		return
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"real", "other"} {
		if err := os.MkdirAll(filepath.Join(dir, name, "sub"), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name, "sub", "file"), name)
	}
	for link, to := range map[string]string{"link": "other", "real/within": "../other/sub", "filelink": "other/sub/file"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"real": "real", "real/sub": "real", "real/sub/file": "real", // themselves
		"link": "", "link/sub": "", "real/within": "", "real/within/file": "", "filelink": "", "missing": "",
	} {
		rules := Rules{Fixed: []Rule{{filepath.Join(dir, path), Read}}}
		out, _ := sh(t, rules, `for d in real other; do cat "$1/$d/sub/file"; done 2>/dev/null`, dir)
		if out != want {
			t.Errorf("%s: reads %q, want %q", path, out, want)
		}
	}
}
