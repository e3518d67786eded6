package service

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
)

func TestProgramMissing(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	spec.Service.Process.Command = []string{"bin/absent"}
	wantError(t, m.Prepare(context.Background(), spec), report.Service, filepath.Join(spec.Dir, "bin", "absent"), "build it as the package's README says")
	spec.Service.Process.Command = []string{"no-such-program-anywhere"}
	wantError(t, m.Prepare(context.Background(), spec), report.Service, "not in PATH", "install no-such-program-anywhere")
	spec.Service.Process.Command = []string{"../../bin/sh"}
	wantError(t, m.Prepare(context.Background(), spec), report.Policy, "outside of the package")
}

func TestProcessEnvironment(t *testing.T) {
	t.Setenv("SSH_AUTH_SOCK", "/tmp/agent")
	spec := pack(t, nil)
	spec.Service.Process.Env = map[string]string{"MODE": "process", "USER_WINS": "no"}
	spec.Env = map[string]string{"USER_WINS": "yes", "PORT": "1"}
	m := manager(t, Process, spec)
	s := up(t, m, spec)
	env := map[string]string{}
	for _, e := range environ(t, s) {
		k, v, _ := strings.Cut(e, "=")
		env[k] = v
	}
	if env["PORT"] != strconv.Itoa(s.Ports[0].Host) || env["HOST"] != "127.0.0.1" || env["MODE"] != "process" || env["USER_WINS"] != "yes" {
		t.Errorf("environment %v", env)
	}
	if _, leaked := env["SSH_AUTH_SOCK"]; leaked {
		t.Error("the user's environment leaked")
	}
	data := filepath.Join(env["STATE_DIR"], "kept")
	if err := os.WriteFile(data, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Down(context.Background(), spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	if !exists(data) {
		t.Error("down removed the service's data")
	}
}

// TestRecycledPID does not touch a process that has the ID of one that has ended.
func TestRecycledPID(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	up(t, m, spec)
	in := m.process.instance(spec.Project, spec.Name)
	in.load()
	stranger := in.PID
	in.Birth = "another boot 1"
	in.dir += "-other"
	if err := os.MkdirAll(in.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := in.save(); err != nil {
		t.Fatal(err)
	}
	if in.alive() || len(in.members()) > 0 {
		t.Fatal("a stranger was taken for the service")
	}
	if err := in.end(context.Background()); err != nil {
		t.Fatal(err)
	}
	if _, err := birth(stranger); err != nil {
		t.Errorf("the stranger was killed: %v", err)
	}
}

// TestFollow reads on until the service stops.
func TestFollow(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Process, spec)
	up(t, m, spec)
	var got []string
	done := make(chan error, 1)
	started := make(chan struct{}, 10)
	go func() {
		done <- m.Logs(context.Background(), spec.Project, spec.Name, LogOptions{Tail: 1, Follow: true}, func(l string) {
			got = append(got, l)
			started <- struct{}{}
		})
	}()
	<-started
	if err := m.Down(context.Background(), spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil || len(got) != 1 || !strings.Contains(got[0], "listening") {
			t.Error(got, err)
		}
	case <-time.After(time.Minute):
		t.Fatal("follow goes on after down")
	}
}
