package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long tests wait for what happens by itself: a busy machine fails no test.
const patience = 2 * time.Minute

// killed TEXT COMMAND ARG... starts a command, waits until it writes TEXT to standard error, and kills it with -9.
func killed(ts *testscript.TestScript, _ bool, args []string) {
	stopped(ts, os.Kill, args[0], args[1:])
}

// interrupted CODE TEXT COMMAND ARG... does the same with an interrupt, as Ctrl-C sends it, and checks the exit code.
func interrupted(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := stopped(ts, os.Interrupt, args[1], args[2:]); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// stopped sends signal to a command as soon as it has written text to standard error, and returns its exit code.
func stopped(ts *testscript.TestScript, signal os.Signal, text string, command []string) int {
	return during(ts, signal, text, command, func(int) {})
}

// during does the same and looks first.
func during(ts *testscript.TestScript, signal os.Signal, text string, command []string, look func(pid int)) int {
	c := exec.Command(lookPath(ts, command[0]), command[1:]...)
	c.Dir = ts.MkAbs(".")
	c.Env = environment(ts)
	stderr, err := c.StderrPipe()
	ts.Check(err)
	ts.Check(c.Start())
	seen := false
	for lines := bufio.NewScanner(stderr); !seen && lines.Scan(); {
		ts.Logf("%s", lines.Text())
		seen = strings.Contains(lines.Text(), text)
	}
	if seen {
		look(c.Process.Pid)
	}
	ts.Check(c.Process.Signal(signal))
	rest, _ := io.ReadAll(stderr)
	ts.Logf("%s", rest)
	_ = c.Wait() // the exit code is looked at below
	if !seen {
		ts.Fatalf("%v ended before it wrote %q", command, text)
	}
	return c.ProcessState.ExitCode()
}

// gone WORD waits until no process of this script has WORD in its command line.
func gone(ts *testscript.TestScript, _ bool, args []string) {
	work := ts.Getenv("WORK")
	for end := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var left []string
		for _, p := range processesOf(work) {
			if strings.Contains(p.command, args[0]) {
				left = append(left, p.command)
			}
		}
		if len(left) == 0 {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("still running after %s: %s", patience, strings.Join(left, ", "))
		}
	}
}

// killOrphans kills the processes that a script left and returns their command lines. Those of the git host, whose client
// is gone, need a moment to end.
func killOrphans(dir string) []string {
	for end := time.Now().Add(patience / 4); len(processesOf(dir)) > 0 && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
	}
	var left []string
	for _, p := range processesOf(dir) {
		left = append(left, p.command)
		if process, err := os.FindProcess(p.pid); err == nil {
			_ = process.Kill()
		}
	}
	return left
}

type process struct {
	pid     int
	command string
}

// processesOf lists the processes whose environment or command line names dir. Elsewhere than on Linux it finds none.
func processesOf(dir string) []process {
	var out []process
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		command, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline"))
		if len(command) == 0 { // a zombie that its parent has not waited for yet
			continue
		}
		if strings.Contains(string(environ), dir) || strings.Contains(string(command), dir) {
			out = append(out, process{pid, strings.ReplaceAll(strings.TrimRight(string(command), "\x00"), "\x00", " ")})
		}
	}
	return out
}
