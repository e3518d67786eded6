package main

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

func init() {
	commands["second"] = second
	commands["fingerprint"] = fingerprint
}

// secondUser is another user of the machine, nobody's.
const secondUser = 65534

// second CODE COMMAND ARG... runs a command as another user, in a copy of the working folder of that user's own with that user's own home,
// and with the script's cache. It must end with that exit code. Its output goes to the file second.txt. It needs root.
func second(ts *testscript.TestScript, _ bool, args []string) {
	work := ts.Getenv("WORK")
	for _, dir := range []string{filepath.Dir(work), work} { // temporary folders are for their owner alone
		ts.Check(os.Chmod(dir, 0o755))
	}
	own := filepath.Join(work, "second")
	if _, err := os.Stat(own); os.IsNotExist(err) {
		for _, dir := range []string{"home", "state", "tmp", "bin"} {
			ts.Check(os.MkdirAll(filepath.Join(own, dir), 0o755))
		}
		ts.Check(os.CopyFS(filepath.Join(own, "project"), os.DirFS(ts.MkAbs("."))))
		// By another process: what this one has open for writing, a test beside may hand on to a process that it is starting, and
		// a file that is open for writing is not executed.
		copied := filepath.Join(own, "bin", "conduit")
		ts.Check(exec.Command("cp", "--dereference", lookPath(ts, "conduit"), copied).Run())
		ts.Defer(func() { _ = os.Remove(copied) }) // it may be this test, which knows the planted secrets
		ts.Check(filepath.WalkDir(own, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, secondUser, secondUser)
		}))
	}
	path := filepath.Join(own, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH")
	program := filepath.Join(own, "bin", args[1])
	if !isFile(program) {
		found, err := exec.LookPath(args[1])
		ts.Check(err)
		program = found
	}
	c := exec.Command(program, args[2:]...)
	c.Dir = filepath.Join(own, "project")
	c.Env = append(environment(ts), "PATH="+path, "HOME="+filepath.Join(own, "home"), "CONDUIT_STATE="+filepath.Join(own, "state"), "TMPDIR="+filepath.Join(own, "tmp"))
	c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: secondUser, Gid: secondUser}}
	out, err := c.CombinedOutput()
	if c.ProcessState == nil {
		ts.Check(err)
	}
	ts.Check(os.WriteFile(ts.MkAbs("second.txt"), out, 0o666))
	if got := fmt.Sprint(c.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("exit code %s, want %s:\n%s", got, args[0], out)
	}
}

// fingerprint DIR VARIABLE sets a variable to a hash over all that is in a folder: names, rights, owners, times, content.
func fingerprint(ts *testscript.TestScript, _ bool, args []string) {
	h := sha256.New()
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		stat := info.Sys().(*syscall.Stat_t)
		fmt.Fprintln(h, path, info.Mode(), stat.Uid, stat.Gid, info.ModTime().UnixNano())
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			fmt.Fprintln(h, sha256.Sum256(data))
		}
		return nil
	}))
	ts.Setenv(args[1], fmt.Sprintf("%x", h.Sum(nil)))
}
