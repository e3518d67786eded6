package supervisor_test

import (
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
)

// wire is a way to the Docker engine that can be cut.
type wire struct {
	address string // of the wire
	to      string // socket of the engine

	mu       sync.Mutex
	listener net.Listener
	conns    []net.Conn
}

// newWire lays a wire and has this process use it.
func newWire(t *testing.T) *wire {
	t.Helper()
	out, err := exec.Command("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}").Output()
	host := strings.TrimSpace(string(out))
	if env := os.Getenv("DOCKER_HOST"); env != "" {
		host, err = env, nil
	}
	socket, isSocket := strings.CutPrefix(host, "unix://")
	if err != nil || !isSocket || exec.Command("docker", "version").Run() != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Docker engine answers at a socket (%s, %v)", host, err)
		}
		t.Skip("no Docker engine: testdata/docker.sh starts one")
	}
	l := listenLow(t) // it is listened on again later
	l.Close()
	w := &wire{address: l.Addr().String(), to: socket}
	w.mend(t)
	t.Cleanup(w.cut)
	t.Setenv("DOCKER_HOST", "tcp://"+w.address)
	return w
}

func (w *wire) mend(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp4", w.address)
	if err != nil {
		t.Fatal(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener, w.address = l, l.Addr().String()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			engine, err := net.Dial("unix", w.to)
			if err != nil {
				c.Close()
				continue
			}
			w.mu.Lock()
			w.conns = append(w.conns, c, engine)
			w.mu.Unlock()
			go func() { defer engine.Close(); _, _ = io.Copy(engine, c) }()
			go func() { defer c.Close(); _, _ = io.Copy(c, engine) }()
		}
	}()
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.listener.Close()
	for _, c := range w.conns {
		c.Close()
	}
	w.conns = nil
}

// TestEngineGone loses the engine, and the container meanwhile. When the engine is back the service is started again, in
// one container, and never as a process.
func TestEngineGone(t *testing.T) {
	line := newWire(t)
	w := newWorld(t, service.Auto)
	w.add("app", nil)
	s, stop := w.start(supervisor.Options{})
	w.runs(s, "app")
	before := w.status("app")
	line.cut()
	w.eventually("the loss is noticed", func() bool { return strings.Contains(w.said(), "the engine does not answer any more") })
	e := engine{t, "unix://" + line.to}
	e.docker("kill", before.ID)
	if st := state(s, "app"); st.Restarts != 0 || st.State != supervisor.Running {
		t.Errorf("without an engine: %+v", st)
	}
	line.mend(t)
	w.eventually("it is started again", func() bool {
		st := state(s, "app")
		return st.Restarts == 1 && st.State == supervisor.Running
	})
	if now := w.status("app"); now.Driver != service.Docker || now.Health != service.Healthy {
		t.Errorf("%+v", now)
	}
	e.one(w.project, "running")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	e.one(w.project, "exited")
}

// TestUnhealthy shows a service that stops answering, with its history, and leaves it alone.
func TestUnhealthy(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, w *world) {
		svc := w.add("app", nil)
		svc.Spec.Service.Health.Interval, svc.Spec.Service.Health.Retries = "20ms", 3
		s, _ := w.start(supervisor.Options{})
		w.runs(s, "app")
		before := w.status("app")
		post(t, before.Address()+"/sick")
		w.eventually("it is unhealthy", func() bool { return state(s, "app").Health == service.Unhealthy })
		if why := state(s, "app").Reason; !strings.Contains(why, "500") || !strings.Contains(why, "out of memory") {
			t.Error(why)
		}
		failures := w.manager.Failures(w.project, "app")
		if len(failures) != 1 || failures[0].Count < 3 || !strings.Contains(failures[0].Text, "out of memory") {
			t.Errorf("%+v", failures)
		}
		if _, _, err := get(before.Address() + "/sick"); err != nil {
			t.Fatal(err)
		}
		w.eventually("it is healthy again", func() bool { return state(s, "app").Health == service.Healthy })
		if now := w.status("app"); now.ID != before.ID || state(s, "app").Restarts != 0 {
			t.Errorf("it was restarted: %+v", now)
		}
	})
}

// TestSidecar starts a container again that stands beside the one that providers talk to.
func TestSidecar(t *testing.T) {
	t.Parallel()
	w := newWorld(t, service.Docker)
	svc := w.add("app", nil)
	w.compose(svc, "services:\n  app:\n    build: .\n    ports: [\"80:80\"]\n  beside:\n    build: .\n")
	s, _ := w.start(supervisor.Options{})
	w.runs(s, "app")
	main := w.status("app")
	beside := func() string {
		out, err := exec.Command("docker", "ps", "-q", "--no-trunc", "--filter", "label=mediaconduit.project="+w.project, "--filter", "label=com.docker.compose.service=beside").Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	if out, err := exec.Command("docker", "kill", beside()).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	w.eventually("it runs again", func() bool {
		return state(s, "app").Restarts == 1 && state(s, "app").State == supervisor.Running && beside() != ""
	})
	if now := w.status("app"); now.Ports[0] != main.Ports[0] {
		t.Errorf("the main container was started anew: %+v", now)
	}
}
