package service

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/cli/cli/config"

	"github.com/MediaConduit/conduit/report"
)

// TestNoEngine chooses the process where no engine answers, and says what to do where there is none either.
func TestNoEngine(t *testing.T) {
	socket := "unix://" + filepath.Join(t.TempDir(), "absent.sock")
	t.Setenv("DOCKER_HOST", socket)
	spec := pack(t, nil)
	m := manager(t, Auto, spec)
	if s := up(t, m, spec); s.Driver != Process {
		t.Errorf("driver %s", s.Driver)
	}
	if list, err := m.List(context.Background(), spec.Project); err != nil || len(list) != 1 {
		t.Error(list, err)
	}
	logOf(t, m, spec, 0)

	spec.Service.Process = nil
	_, err := m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "no Docker engine answers and it has no process command", socket, "DOCKER_HOST", "docker context", "process: {command: […]}")
	if !errors.Is(err, ErrNoEngine) {
		t.Errorf("%v is not ErrNoEngine", err)
	}
	spec.Driver = Process
	err = m.Prepare(context.Background(), spec)
	wantError(t, err, report.Service, "cannot run as a process", `driver = "docker"`)
	spec.Driver = Docker
	_, err = m.Prepared(context.Background(), spec)
	wantError(t, err, report.Service, socket, "start Docker")
	spec.Driver = "podman"
	err = m.Prepare(context.Background(), spec)
	wantError(t, err, report.Usage, `"podman"`, `"auto"`)

	_, err = New(Options{Driver: "vm"})
	wantError(t, err, report.Usage, `"vm"`)
}

// TestNoEngineWarnsOnce says in one line, and once for a command, that the chosen engine is not there, and what mends it.
func TestNoEngineWarnsOnce(t *testing.T) {
	socket := "unix://" + filepath.Join(t.TempDir(), "absent.sock")
	t.Setenv("DOCKER_HOST", socket)
	m, err := New(Options{State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var said []string
	ctx := report.To(context.Background(), func(e report.Event) { said = append(said, e.Message) })
	for range 2 {
		if _, err := m.List(ctx, "nothing"); err != nil {
			t.Fatal(err)
		}
	}
	want := "services in containers are neither seen nor stopped: no Docker engine answers, tried " + socket + " (from DOCKER_HOST); next: " + startEngine
	if len(said) != 1 || said[0] != want {
		t.Errorf("said %q, want %q", said, want)
	}
}

// TestNoContext names a docker context that does not exist.
func TestNoContext(t *testing.T) {
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", "elsewhere")
	m, err := New(Options{Driver: Docker, State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	wantError(t, m.Ping(context.Background()), report.Service, "elsewhere", "docker context use")

	t.Setenv("DOCKER_HOST", "nonsense://x")
	wantError(t, m.Ping(context.Background()), report.Service, "nonsense://x", "DOCKER_HOST")
}

// TestDockerContext reaches the engine through a context of the user's docker config.
func TestDockerContext(t *testing.T) {
	needEngine(t)
	d := &dockerDriver{}
	cli, err := d.connect(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	host := cli.DockerEndpoint().Host
	d.close()
	dir, name := t.TempDir(), "elsewhere"
	digest := sha256.Sum256([]byte(name))
	meta := filepath.Join(dir, "contexts", "meta", hex.EncodeToString(digest[:]))
	if err := os.MkdirAll(meta, 0o755); err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf(`{"Name": %q, "Metadata": {}, "Endpoints": {"docker": {"Host": %q, "SkipTLSVerify": false}}}`, name, host)
	if err := os.WriteFile(filepath.Join(meta, "meta.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	usual := config.Dir() // read from DOCKER_CONFIG once in a process
	config.SetDir(dir)
	t.Cleanup(func() { config.SetDir(usual) })
	t.Setenv("DOCKER_HOST", "")
	t.Setenv("DOCKER_CONTEXT", name)
	defer d.close()
	if err := d.Ping(context.Background()); err != nil {
		t.Error(err)
	}
	if got := d.cli.CurrentContext(); got != name {
		t.Errorf("the engine was reached through context %s", got)
	}
}

// TestDriverChanges stops the instance of the other driver.
func TestDriverChanges(t *testing.T) {
	t.Parallel()
	needEngine(t)
	spec := pack(t, nil)
	m := manager(t, Auto, spec)
	spec.Driver = Process
	p := up(t, m, spec)
	spec.Driver = ""
	c := up(t, m, spec)
	list, err := m.List(context.Background(), spec.Project)
	if err != nil || len(list) != 1 || list[0].Driver != Docker || list[0].ID != c.ID {
		t.Errorf("after %+v: %+v %v", p, list, err)
	}
	spec.Driver = Process
	up(t, m, spec)
	if list, err = m.List(context.Background(), spec.Project); err != nil || len(list) != 1 || list[0].Driver != Process {
		t.Errorf("%+v %v", list, err)
	}
}

// TestNoCompose runs a package that has a process command only.
func TestNoCompose(t *testing.T) {
	spec := pack(t, nil)
	if err := os.Remove(filepath.Join(spec.Dir, "docker-compose.yml")); err != nil {
		t.Fatal(err)
	}
	m := manager(t, Auto, spec)
	if s := up(t, m, spec); s.Driver != Process {
		t.Errorf("driver %s", s.Driver)
	}
}
