package service

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// TestHistory remembers what went wrong, over conduits, until down.
func TestHistory(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	spec := pack(t, nil)
	spec.Env = map[string]string{"EXIT": "no such model"}
	m := manager(t, Process, spec)
	for range 2 {
		_, err := m.Up(ctx, spec)
		wantError(t, err, report.Service, "exit status 3", "no such model")
	}
	for i := range failuresKept {
		m.Note(spec.Project, "app", "failure "+strconv.Itoa(i)+"\nwith a line")
	}
	m.Note(spec.Project, "app", "failure 9 with a line")
	other, err := New(Options{Driver: Process, State: m.process.state})
	if err != nil {
		t.Fatal(err)
	}
	list, err := other.List(ctx, spec.Project)
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Problem, "exit status 3") {
		t.Fatalf("%+v %v", list, err)
	}
	all := list[0].Failures
	if len(all) != failuresKept || all[0].Text != "failure 0 with a line" || all[len(all)-1].Count != 2 || all[len(all)-1].Last.IsZero() {
		t.Errorf("%+v", all)
	}
	if err := m.Down(ctx, spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	if left := other.Failures(spec.Project, "app"); len(left) > 0 {
		t.Errorf("after down: %+v", left)
	}
}

// TestStopKeeps stops a service, whose logs are then still there, and starts it again.
func TestStopKeeps(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			spec := pack(t, nil)
			m := manager(t, driver, spec)
			first := up(t, m, spec)
			if err := m.Stop(context.Background(), spec.Project, []string{"app"}); err != nil {
				t.Fatal(err)
			}
			list, err := m.Look(context.Background(), spec.Project)
			if err != nil || len(list) != 1 || list[0].Running || list[0].State != "exited" {
				t.Errorf("%+v %v", list, err)
			}
			if log := logOf(t, m, spec, 0); strings.Count(log, "listening on") != 1 {
				t.Errorf("log:\n%s", log)
			}
			again := up(t, m, spec)
			if driver == Docker && again.ID != first.ID {
				t.Error("another container was made")
			}
			if log := logOf(t, m, spec, 0); strings.Count(log, "listening on") != 2 {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// TestSignal asks a process to stop in the way that its package declares, and kills it when its grace is over.
func TestSignal(t *testing.T) {
	t.Parallel()
	for name, process := range map[string]*manifest.Process{
		// SIGABRT: of the signals that end a Go program, one that nohup and background jobs do not hand on as ignored.
		"by its signal": {Command: []string{"./server"}, Signal: "SIGABRT", Env: map[string]string{"IGNORE": "SIGTERM"}, Grace: "1h"},
		"by force":      {Command: []string{"./server"}, Env: map[string]string{"IGNORE": "SIGTERM"}, Grace: "1ms"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := pack(t, nil)
			spec.Service.Process = process
			m := manager(t, Process, spec)
			up(t, m, spec)
			if err := m.Stop(context.Background(), spec.Project, nil); err != nil {
				t.Fatal(err)
			}
			if left := m.process.instance(spec.Project, "app").members(); len(left) > 0 {
				t.Errorf("left: %v", left)
			}
		})
	}
}

// TestRotate keeps a log within its bounds while it is written and followed.
func TestRotate(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	up(t, m, spec)
	in := m.process.instance(spec.Project, spec.Name)
	in.load()
	for range logKept + 2 {
		if err := os.Truncate(in.log(), logMost+1); err != nil {
			t.Fatal(err)
		}
		if err := in.shrink(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(in.log()); err != nil || info.Size() != 0 {
			t.Fatal(info, err)
		}
	}
	found, err := filepath.Glob(in.log() + "*")
	if err != nil || len(found) != logKept+1 {
		t.Errorf("%v %v", found, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	read := make(chan string, 10)
	go func() {
		_ = m.Logs(ctx, spec.Project, spec.Name, LogOptions{Follow: true, New: true}, func(l string) { read <- l })
	}()
	write := func(text string) {
		file, err := os.OpenFile(in.log(), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if _, err := file.WriteString(text + "\n"); err != nil {
			t.Fatal(err)
		}
	}
	for got := ""; got != "before"; {
		write("before") // until the follower is there
		select {
		case got = <-read:
		case <-time.After(10 * time.Millisecond):
		}
	}
	if err := os.Truncate(in.log(), 0); err != nil {
		t.Fatal(err)
	}
	write("after")
	for l := range read {
		if l == "after" {
			return
		}
	}
}
