package service

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// server is the static program that all tests run, built once.
var server = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conduit-service-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "server")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "./testdata/server")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	if os.Getenv(helperVariable) != "" {
		helper()
		return
	}
	// Most tests wait for an engine or for a program, and not for a processor.
	_ = flag.Set("test.parallel", "6")
	os.Setenv("MY_SECRET_TOKEN", "hunter2") // no service may see it
	code := m.Run()
	if path, err := server(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

const plainCompose = `
services:
  app:
    build: .
    ports:
      - "${APP_HOST_PORT:-80}:80"
`

// pack writes a service package and returns its spec in a project of the test's own. Files replace or add to the plain
// package's.
func pack(t *testing.T, files map[string]string) Spec {
	t.Helper()
	bin, err := server()
	if err != nil {
		t.Fatal(err)
	}
	spec := sketch(t, files)
	// A link and no copy: a program that was being written while another test started a process is busy, and does not start.
	if err := os.Link(bin, filepath.Join(spec.Dir, "server")); err != nil {
		t.Fatal(err)
	}
	spec.Sum = "" // of what is there, each time
	return spec
}

// sketch is pack for what starts nothing: its package has no program.
func sketch(t *testing.T, files map[string]string) Spec {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{
		"docker-compose.yml": plainCompose,
		"Dockerfile":         "FROM scratch\nCOPY server /server\nENTRYPOINT [\"/server\"]\n",
	}
	for name, text := range files {
		all[name] = text
	}
	for name, text := range all {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return Spec{
		Project: ProjectID(t.TempDir()), Name: "app", Source: "github:acme/app", Version: "v1.0.0", Dir: dir, Sum: "h1:sketch",
		Service: &manifest.Service{
			ID: "app", ServiceName: "app", Ports: []int{80}, Health: manifest.Health{Path: "/health"},
			Process: &manifest.Process{Command: []string{"./server"}},
		},
	}
}

// manager returns a driver with a state folder of the test's own that stops the specs' services at the end.
func manager(t *testing.T, driver string, specs ...Spec) *Manager {
	t.Helper()
	if driver == Docker {
		needEngine(t)
	}
	m, err := New(Options{Driver: driver, State: t.TempDir(), Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, s := range specs {
			if err := m.Down(context.Background(), s.Project, nil); err != nil {
				t.Error(err)
			}
			if driver == Docker {
				empty(t, m, s.Project)
			}
		}
		m.Close()
	})
	return m
}

// needEngine fails without a Docker engine, or skips where nobody said that there is one.
func needEngine(t *testing.T) {
	t.Helper()
	d := &dockerDriver{}
	err := d.Ping(context.Background())
	d.close()
	if err == nil {
		return
	}
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip("no Docker engine: testdata/docker.sh starts one")
}

// empty asserts from the engine that nothing of the project is left, and removes its volumes.
func empty(t *testing.T, m *Manager, project string) {
	t.Helper()
	ctx := context.Background()
	engine, err := m.docker.engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	containers, err := engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ofProject(project)})
	if err != nil || len(containers.Items) > 0 {
		t.Errorf("containers are left: %v %v", containers.Items, err)
	}
	networks, err := engine.NetworkList(ctx, client.NetworkListOptions{Filters: ofProject(project)})
	if err != nil || len(networks.Items) > 0 {
		t.Errorf("networks are left: %v %v", networks.Items, err)
	}
	volumes, err := engine.VolumeList(ctx, client.VolumeListOptions{Filters: ofProject(project)})
	if err != nil {
		t.Error(err)
	}
	for _, v := range volumes.Items {
		if _, err := engine.VolumeRemove(ctx, v.Name, client.VolumeRemoveOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// up prepares and starts a service and fails the test when it does not come up.
func up(t *testing.T, d Driver, spec Spec) Status {
	t.Helper()
	if err := d.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	s, err := d.Up(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	if !s.Running || s.Health != Healthy || s.Address() == "" {
		t.Fatalf("up returned %+v", s)
	}
	return s
}

func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: %s: %s %v", url, resp.Status, body, err)
	}
	return string(body)
}

func environ(t *testing.T, s Status) []string {
	t.Helper()
	var env []string
	if err := json.Unmarshal([]byte(get(t, s.Address()+"/env")), &env); err != nil {
		t.Fatal(err)
	}
	return env
}

// wantError asserts the kind of an error and what a user reads in it.
func wantError(t *testing.T, err error, kind report.Kind, texts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := report.KindOf(err); got != kind {
		t.Errorf("kind %v, want %v: %v", got, kind, err)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q:\n%v", text, err)
		}
	}
	var e *report.Error
	if !errors.As(err, &e) || e.Next == "" {
		t.Errorf("the error says no remedy:\n%v", err)
	}
}
