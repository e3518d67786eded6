package service

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// collecting are the processes that this one has started and not collected yet, by instance folder and birth.
var collecting sync.Map // string to chan struct{}

func (in *instance) identity() string { return in.dir + " " + in.Birth }
func (in *instance) exitFile() string { return filepath.Join(in.dir, "exit") }

// children are the processes that a driver has started itself.
type children struct {
	mu     sync.Mutex
	living map[string]*instance // by identity
	change chan struct{}        // told when one starts or ends
}

// changed returns the channel that is told; whoever asks first gets the news.
func (c *children) changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told()
}

// told is the channel; mu is held.
func (c *children) told() chan struct{} {
	if c.change == nil {
		c.change = make(chan struct{}, 1)
	}
	return c.change
}

// note adds or, for nil, removes one that lives.
func (c *children) note(identity string, in *instance) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.living == nil {
		c.living = map[string]*instance{}
	}
	if in == nil {
		delete(c.living, identity)
	} else {
		c.living[identity] = in
	}
	select {
	case c.told() <- struct{}{}:
	default:
	}
}

// all are those that live.
func (c *children) all() []*instance {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Values(c.living))
}

// collect waits for the process, in the background, and writes down how it ended. A process that outlives conduit is
// collected by the system, and nobody learns its exit code.
func (c *children) collect(in *instance, cmd *exec.Cmd) {
	identity, path := in.identity(), in.exitFile()
	known := *in
	done := make(chan struct{})
	collecting.Store(identity, done)
	c.note(identity, &known)
	go func() {
		defer c.note(identity, nil)
		defer close(done)
		defer collecting.Delete(identity)
		_ = cmd.Wait() // its state says more than the error
		_ = os.WriteFile(path, []byte(identity+"\n"+cmd.ProcessState.String()), 0o600)
	}()
}

// collected returns when the ended process is collected. Until then it counts as alive here, and its exit file may be
// written yet.
func (in *instance) collected() {
	if done, ours := collecting.Load(in.identity()); ours {
		<-done.(chan struct{})
	}
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
