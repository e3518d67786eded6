package service

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// TestFixedNames brings up two copies of a compose file that fixes everything that can collide.
func TestFixedNames(t *testing.T) {
	t.Parallel()
	// Whoever listens on port 80 of this machine is no obstacle; if nobody does, we do.
	if l, err := net.Listen("tcp", ":80"); err == nil {
		defer l.Close()
	}
	first := pack(t, map[string]string{"docker-compose.yml": `
version: '3.8'
name: fixed
services:
  app:
    build: .
    container_name: fixed-app
    hostname: fixed
    ports: ["0.0.0.0:80:80", "8000-8001:8000-8001", "53:53/udp"]
    networks:
      net: {ipv4_address: 10.77.0.5}
    volumes: ["data:/data", "shared:/shared"]
    restart: always
networks:
  net:
    name: fixed-network
    ipam: {config: [{subnet: 10.77.0.0/24}]}
volumes:
  data: {name: fixed-data}
  shared: {external: true, name: fixed-shared}
`})
	second := first
	second.Project = ProjectID(t.TempDir())
	m := manager(t, Docker, first, second)
	a, b := up(t, m, first), up(t, m, second)
	for _, s := range []Status{a, b} {
		if s.Ports[0].Container != 80 || len(s.Ports) != 4 {
			t.Errorf("ports %+v", s.Ports)
		}
		if strings.Contains(s.ContainerName, "fixed") || strings.Contains(s.Network, "fixed") || s.ComposeService != "app" {
			t.Errorf("names %+v", s)
		}
		c := inspected(t, m, s.ID)
		for port, bindings := range c.Container.NetworkSettings.Ports {
			for _, b := range bindings {
				if b.HostIP.String() != "127.0.0.1" {
					t.Errorf("%s is published on %s", port, b.HostIP)
				}
			}
		}
		if c.Container.HostConfig.RestartPolicy.Name != "always" {
			t.Errorf("restart policy %v", c.Container.HostConfig.RestartPolicy)
		}
	}
	if a.ID == b.ID || a.Network == b.Network || a.ContainerName == b.ContainerName {
		t.Errorf("not two copies: %+v and %+v", a, b)
	}
}

func inspected(t *testing.T, m *Manager, id string) client.ContainerInspectResult {
	t.Helper()
	engine, err := m.docker.engine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c, err := engine.ContainerInspect(context.Background(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVolume keeps the data of a named volume across down and a new version, and drops anonymous volumes.
func TestVolume(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"docker-compose.yml": plainCompose + `
    volumes: ["data:/data", "/scratch"]
volumes:
  data:
`})
	m := manager(t, Docker, spec)
	s := up(t, m, spec)
	req, _ := http.NewRequest(http.MethodPut, s.Address()+"/file/data/x", nil)
	if resp, err := http.DefaultClient.Do(req); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	loose := anonymousOf(t, m, s.ID)
	if len(loose) != 1 {
		t.Fatalf("anonymous volumes %v", loose)
	}
	if err := m.Down(context.Background(), spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	engine, _ := m.docker.engine(context.Background())
	if _, err := engine.VolumeInspect(context.Background(), loose[0], client.VolumeInspectOptions{}); !isNotFound(err) {
		t.Errorf("the anonymous volume is left: %v", err)
	}
	spec.Version = "v1.1.0"
	if text := get(t, up(t, m, spec).Address()+"/file/data/x"); text != "kept" {
		t.Errorf("data: %q", text)
	}
}

func anonymousOf(t *testing.T, m *Manager, id string) []string {
	t.Helper()
	return anonymous(inspected(t, m, id).Container.Mounts)
}

// TestPackageStaysAsItIs mounts folders of the package: one that exists, read-only, and one that does not.
func TestPackageStaysAsItIs(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{
		"config/a.txt":       "from the package",
		"docker-compose.yml": plainCompose + "    volumes: [\"./config:/config\", \"./models:/models\"]\n",
	})
	m := manager(t, Docker, spec)
	s := up(t, m, spec)
	if text := get(t, s.Address()+"/file/config/a.txt"); text != "from the package" {
		t.Error(text)
	}
	put := func(path string) int {
		req, _ := http.NewRequest(http.MethodPut, s.Address()+"/file"+path, nil)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp.StatusCode
	}
	if put("/config/b.txt") == http.StatusOK {
		t.Error("the service wrote into the package")
	}
	if put("/models/b.txt") != http.StatusOK {
		t.Error("the service cannot write where its package has nothing")
	}
	if exists(filepath.Join(spec.Dir, "models")) || exists(filepath.Join(spec.Dir, "config", "b.txt")) {
		t.Error("the package changed")
	}
}

// TestContainerCheck lets the probe from the host decide where the container's own check cannot run, and not where it can.
func TestContainerCheck(t *testing.T) {
	t.Parallel()
	check := "    healthcheck: {test: %s, interval: 200ms, timeout: 1s, retries: 2, start_period: 0s}\n"
	broken := pack(t, map[string]string{"docker-compose.yml": plainCompose + fmt.Sprintf(check, `["CMD", "curl", "-f", "http://localhost/health"]`)})
	m := manager(t, Docker, broken)
	up(t, m, broken)
	var s Status
	eventually(t, func() bool {
		list, err := m.List(context.Background(), broken.Project)
		if err != nil {
			t.Fatal(err)
		}
		s = list[0]
		return strings.HasPrefix(s.ContainerCheck, Unhealthy)
	})
	if s.Health != Healthy || !strings.Contains(s.ContainerCheck, "curl") {
		t.Errorf("status %+v", s)
	}

	failing := broken
	failing.Project = ProjectID(t.TempDir())
	failing.Dir = pack(t, map[string]string{"docker-compose.yml": plainCompose + fmt.Sprintf(check, `["CMD", "/server"]`) + "    environment: {EXIT: \"${CHECK}\"}\n"}).Dir
	failing.Service = &manifest.Service{ID: "app", ServiceName: "app", Ports: []int{80}}
	m2 := manager(t, Docker, failing)
	if err := m2.Prepare(context.Background(), failing); err != nil {
		t.Fatal(err)
	}
	_, err := m2.Up(context.Background(), failing)
	wantError(t, err, report.Service, "own health check says", "exit code")
}

// TestMultiContainer has a helper container beside the one that providers talk to.
func TestMultiContainer(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"docker-compose.yml": `
services:
  helper:
    build: .
  app:
    build: .
    depends_on: [helper]
    ports: ["80:80"]
`})
	spec.Service.ServiceName = ""
	m := manager(t, Docker, spec)
	s := up(t, m, spec)
	if s.ComposeService != "app" {
		t.Errorf("status %+v", s)
	}
	if log := logOf(t, m, spec, 0); !strings.Contains(log, "helper | hello") || !strings.Contains(log, "app | hello") {
		t.Errorf("log:\n%s", log)
	}
}

// TestNotPrepared refuses to build anything in up.
func TestNotPrepared(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"unique": t.TempDir()})
	m := manager(t, Docker, spec)
	if ok, err := m.Prepared(context.Background(), spec); ok || err != nil {
		t.Fatal(ok, err)
	}
	_, err := m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "service app is not prepared", "next: conduit sync")
}

// TestOneBuild builds an image once for all projects and all settings that do not touch the build.
func TestOneBuild(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"unique": t.TempDir()})
	m := manager(t, Docker, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	other := spec
	other.Project, other.Name, other.Env = "other-0123456789", "app-v1", map[string]string{"A": "b"}
	other.Dir = t.TempDir()
	if err := os.CopyFS(other.Dir, os.DirFS(spec.Dir)); err != nil {
		t.Fatal(err)
	}
	if ok, err := m.Prepared(context.Background(), other); !ok || err != nil {
		t.Error(ok, err)
	}
}

// TestBuildFails shows what the builder said.
func TestBuildFails(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY absent /absent\n"})
	m := manager(t, Docker, spec)
	err := m.Prepare(context.Background(), spec)
	wantError(t, err, report.Service, "the image of service app does not build", "absent", "Dockerfile")
}

// TestPullFails names the image; no registry answers in tests.
func TestPullFails(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"docker-compose.yml": "services:\n  app:\n    image: localhost:1/absent:latest\n    ports: [\"80\"]\n"})
	m := manager(t, Docker, spec)
	err := m.Prepare(context.Background(), spec)
	wantError(t, err, report.Network, "cannot pull localhost:1/absent:latest", "conduit sync")
}

// TestSilence runs a build and a start without a byte on the terminal, and with events.
func TestSilence(t *testing.T) {
	spec := pack(t, map[string]string{"unique": t.TempDir(), "docker-compose.yml": "version: '2'\n" + plainCompose})
	m := manager(t, Docker, spec)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = w, w
	var mu sync.Mutex
	var events []report.Event
	ctx := report.To(context.Background(), func(e report.Event) {
		mu.Lock()
		defer mu.Unlock()
		events = append(events, e)
	})
	err = m.Prepare(ctx, spec)
	if err == nil {
		_, err = m.Up(ctx, spec)
	}
	if derr := m.Down(ctx, spec.Project, nil); err == nil {
		err = derr
	}
	os.Stdout, os.Stderr = stdout, stderr
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 4096)
	if n, _ := r.Read(buf); n > 0 {
		t.Errorf("something wrote to the terminal: %s", buf[:n])
	}
	mu.Lock()
	defer mu.Unlock()
	steps := map[string]bool{}
	for _, e := range events {
		steps[e.Step+" "+string(e.Type)] = true
		if e.Subject != "app" {
			t.Errorf("event %+v", e)
		}
	}
	for _, want := range []string{"build start", "build done", "service start", "service done", "build detail"} {
		if !steps[want] {
			t.Errorf("no %s event in %v", want, steps)
		}
	}
}
