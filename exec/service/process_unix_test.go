//go:build unix

package service

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestSession gives the process a session of its own, so that the terminal's signals do not reach it.
func TestSession(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	pid, _ := strconv.Atoi(up(t, m, spec).ID)
	group, err := syscall.Getpgid(pid)
	if err != nil || group != pid {
		t.Errorf("process %d is in group %d: %v", pid, group, err)
	}
}

// TestEndCollects waits until conduit has collected the process that it stopped: until then that one counts as alive.
func TestEndCollects(t *testing.T) {
	t.Parallel()
	in := &instance{PID: 1<<22 + 1, Birth: "here 1", dir: t.TempDir()} // an ID that no process has on Linux (proc(5), pid_max)
	done := make(chan struct{})
	collecting.Store(in.identity(), done)
	defer collecting.Delete(in.identity())
	go func() {
		time.Sleep(100 * time.Millisecond)
		close(done)
	}()
	if err := in.end(context.Background()); err != nil || in.alive() {
		t.Errorf("alive after its end: %v %v", in.alive(), err)
	}
}
