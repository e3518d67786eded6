package service

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// collecting are the processes that this one has started and not collected yet, by instance folder and birth.
var collecting sync.Map // string to chan struct{}

func (in *instance) identity() string { return in.dir + " " + in.Birth }
func (in *instance) exitFile() string { return filepath.Join(in.dir, "exit") }

// collect waits for the process, in the background, and writes down how it ended. A process that outlives conduit is
// collected by the system, and nobody learns its exit code.
func (in *instance) collect(cmd *exec.Cmd) {
	identity, path := in.identity(), in.exitFile()
	done := make(chan struct{})
	collecting.Store(identity, done)
	go func() {
		defer close(done)
		defer collecting.Delete(identity)
		_ = cmd.Wait() // its state says more than the error
		_ = os.WriteFile(path, []byte(identity+"\n"+cmd.ProcessState.String()), 0o600)
	}()
}

// collectMost bounds the wait for the exit code of a process that is seen to have ended.
const collectMost = time.Second

// exit is how the process ended, as " with exit status 3"; "" where nobody knows.
func (in *instance) exit() string {
	if done, ok := collecting.Load(in.identity()); ok {
		select {
		case <-done.(chan struct{}):
		case <-time.After(collectMost):
		}
	}
	data, err := os.ReadFile(in.exitFile())
	if err != nil {
		return ""
	}
	of, how, ok := strings.Cut(string(data), "\n")
	if !ok || of != in.identity() {
		return ""
	}
	return " with " + how
}
