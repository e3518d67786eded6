package supervisor_test

import (
	"context"
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

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// server is the static program of exec/service's tests, built once.
var server = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conduit-supervisor-test")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "server")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags=-s -w", "-o", path, "../service/testdata/server")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

func TestMain(m *testing.M) {
	// The tests wait for an engine or for a program, and not for a processor.
	_ = flag.Set("test.parallel", "6")
	code := m.Run()
	if path, err := server(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// drivers are those that every test of supervision runs with.
var drivers = []string{service.Process, service.Docker}

// world is a project with its driver and a state folder of its own.
type world struct {
	t       *testing.T
	driver  string
	manager *service.Manager
	state   string
	project string

	mu       sync.Mutex
	services []*supervisor.Service
	events   []string
}

func newWorld(t *testing.T, driver string) *world {
	t.Helper()
	w := &world{t: t, driver: driver, state: t.TempDir(), project: service.ProjectID(t.TempDir())}
	m, err := service.New(service.Options{Driver: driver, State: w.state, Timeout: 5 * time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	w.manager = m
	if driver == service.Docker {
		if err := m.Ping(context.Background()); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip("no Docker engine: testdata/docker.sh starts one")
		}
	}
	t.Cleanup(func() {
		if err := m.Down(context.Background(), w.project, nil); err != nil {
			t.Error(err)
		}
		m.Close()
	})
	return w
}

// add declares a service.
func (w *world) add(name string, env map[string]string, needs ...string) *supervisor.Service {
	w.t.Helper()
	bin, err := server()
	if err != nil {
		w.t.Fatal(err)
	}
	dir := w.t.TempDir()
	for file, text := range map[string][]byte{
		"docker-compose.yml": []byte("services:\n  app:\n    build: .\n    ports: [\"80:80\"]\n"),
		"Dockerfile":         []byte("FROM scratch\nCOPY server /server\nENTRYPOINT [\"/server\"]\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	// A link and no copy: a program that was being written while another test started a process is busy, and does not start.
	if err := os.Link(bin, filepath.Join(dir, "server")); err != nil {
		w.t.Fatal(err)
	}
	svc := &supervisor.Service{Needs: needs, Spec: service.Spec{
		Project: w.project, Name: name, Source: "github:acme/" + name, Version: "v1.0.0", Dir: dir, Env: env,
		Service: &manifest.Service{
			ID: name, ServiceName: "app", Ports: []int{80}, Health: manifest.Health{Path: "/health"},
			Process: &manifest.Process{Command: []string{"./server"}},
		},
	}}
	if err := w.manager.Prepare(context.Background(), svc.Spec); err != nil {
		w.t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.services = append(w.services, svc)
	return svc
}

func (w *world) load(context.Context) ([]supervisor.Service, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []supervisor.Service
	for _, svc := range w.services {
		all = append(all, *svc)
	}
	return all, nil
}

// quick makes pauses short: no test waits for the real ones.
var quick = supervisor.Backoff{First: time.Millisecond, Most: 20 * time.Millisecond, Steady: time.Hour, Limit: 3}

// start runs a supervisor. The returned function stops it and gives Run's error.
func (w *world) start(opts supervisor.Options) (*supervisor.Supervisor, func() error) {
	w.t.Helper()
	opts.Project, opts.State, opts.Load = w.project, w.state, w.load
	if opts.Driver == nil {
		opts.Driver = w.manager
	}
	if opts.Backoff == (supervisor.Backoff{}) {
		opts.Backoff = quick
	}
	ctx, cancel := context.WithCancel(report.To(context.Background(), w.event))
	s := supervisor.New(opts)
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	w.t.Cleanup(func() { _ = stop() })
	return s, stop
}

func (w *world) event(e report.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.events = append(w.events, string(e.Type)+" "+e.Subject+" "+e.Message)
}

func (w *world) said() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.events, "\n")
}

// eventually waits for a condition.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("never: %s\n%s", what, w.said())
		}
	}
}

// state is what the supervisor says of a service.
func state(s *supervisor.Supervisor, name string) supervisor.State {
	for _, st := range s.States() {
		if st.Name == name {
			return st
		}
	}
	return supervisor.State{}
}

func (w *world) runs(s *supervisor.Supervisor, names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.eventually(name+" runs", func() bool { return state(s, name).State == supervisor.Running })
	}
}

// status is what the driver says of a service.
func (w *world) status(name string) service.Status {
	w.t.Helper()
	all, err := w.manager.List(context.Background(), w.project)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, st := range all {
		if st.Name == name {
			return st
		}
	}
	return service.Status{}
}

func get(url string) (int, string, error) {
	resp, err := http.Get(url)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func post(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Post(url, "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
}
