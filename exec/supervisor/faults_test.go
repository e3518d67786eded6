package supervisor_test

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
	"github.com/MediaConduit/conduit/report"
)

// engine is the Docker engine, asked by its own command line: what conduit says of it proves nothing.
type engine struct {
	t    *testing.T
	host string // DOCKER_HOST; "" for the usual one
}

func (e engine) docker(args ...string) string {
	e.t.Helper()
	out, err := e.try(args...)
	if err != nil {
		e.t.Fatal(err)
	}
	return out
}

func (e engine) try(args ...string) (string, error) {
	c := exec.Command("docker", args...)
	if e.host != "" {
		c.Env = append(os.Environ(), "DOCKER_HOST="+e.host)
	}
	var stderr strings.Builder
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		err = fmt.Errorf("docker %s: %w %s", strings.Join(args, " "), err, stderr.String())
	}
	return strings.TrimSpace(string(out)), err
}

// container is what the engine says of one.
type container struct {
	ID           string `json:"Id"`
	RestartCount int
	State        struct {
		Status    string
		OOMKilled bool
		ExitCode  int
		StartedAt time.Time
	}
}

// containers are all of a project, running or not.
func (e engine) containers(project string) []container {
	e.t.Helper()
	for {
		ids := strings.Fields(e.docker("ps", "-aq", "--filter", "label=mediaconduit.project="+project))
		if len(ids) == 0 {
			return nil
		}
		out, err := e.try(append([]string{"inspect"}, ids...)...)
		if err != nil && strings.Contains(err.Error(), "No such object") {
			continue // it went away between the two questions
		}
		var all []container
		if err == nil {
			err = json.Unmarshal([]byte(out), &all)
		}
		if err != nil {
			e.t.Fatal(err)
		}
		return all
	}
}

// one is the project's container, which must be the only one and in the given state.
func (e engine) one(project, status string) container {
	e.t.Helper()
	all := e.containers(project)
	if len(all) != 1 || all[0].State.Status != status {
		e.t.Fatalf("not one container that is %s: %+v", status, all)
	}
	return all[0]
}

// empty wants nothing of the project, volumes apart.
func (e engine) empty(project string) {
	e.t.Helper()
	filter := "label=mediaconduit.project=" + project
	if left := e.containers(project); len(left) > 0 {
		e.t.Errorf("containers are left: %+v", left)
	}
	if left := e.docker("network", "ls", "-q", "--filter", filter); left != "" {
		e.t.Errorf("networks are left: %s", left)
	}
}

// TestContainerEnds kills a container, and has another want more memory than it may have. Each is started again, the same
// one, and the history says what happened.
func TestContainerEnds(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(t *testing.T, e engine, id, address string)
		says string
	}{
		"killed": {func(t *testing.T, e engine, id, _ string) { e.docker("kill", id) }, "137"},
		"out of memory": {func(t *testing.T, e engine, id, address string) {
			if _, _, err := get(address + "/eat"); err == nil {
				t.Error("it survived")
			}
		}, "it wanted more memory than it may have (24 MiB)"},
	} {
		t.Run(name, func(t *testing.T) {
			w, e := newWorld(t, service.Docker), engine{t: t}
			svc := w.add("app", nil)
			w.compose(svc, "services:\n  app:\n    build: .\n    ports: [\"80:80\"]\n    mem_limit: 24m\n")
			s, stop := w.start(supervisor.Options{})
			w.runs(s, "app")
			before, address := e.one(w.project, "running"), w.status("app").Address()
			test.end(t, e, before.ID, address)
			w.eventually("it is started again", func() bool {
				st := state(s, "app")
				return st.Restarts == 1 && st.State == supervisor.Running
			})
			after := e.one(w.project, "running")
			if after.ID != before.ID || !after.State.StartedAt.After(before.State.StartedAt) {
				t.Errorf("before %+v, after %+v", before, after)
			}
			deaths := e.docker("events", "--since", before.State.StartedAt.Format(time.RFC3339Nano), "--until", after.State.StartedAt.Format(time.RFC3339Nano),
				"--filter", "container="+before.ID, "--format", "{{.Action}}")
			if strings.Count(deaths, "die") != 1 || strings.Contains(deaths, "oom") != (name == "out of memory") {
				t.Errorf("the engine says:\n%s", deaths)
			}
			if failures := w.manager.Failures(w.project, "app"); len(failures) != 1 || !strings.Contains(failures[0].Text, test.says) {
				t.Errorf("%+v", failures)
			}
			if err := stop(); err != nil {
				t.Error(err)
			}
			e.one(w.project, "exited")
		})
	}
}

// TestFlapping has a service that is healthy and unhealthy in turns. It is shown, and its container left alone.
func TestFlapping(t *testing.T) {
	t.Parallel()
	w, e := newWorld(t, service.Docker), engine{t: t}
	svc := w.add("app", nil)
	svc.Spec.Service.Health.Interval, svc.Spec.Service.Health.Retries = "10ms", 2
	s, _ := w.start(supervisor.Options{})
	w.runs(s, "app")
	before, address := e.one(w.project, "running"), w.status("app").Address()
	const turns = 5
	for range turns {
		post(t, address+"/sick")
		w.eventually("it is unhealthy", func() bool { return state(s, "app").Health == service.Unhealthy })
		if _, _, err := get(address + "/sick"); err != nil {
			t.Fatal(err)
		}
		w.eventually("it is healthy", func() bool { return state(s, "app").Health == service.Healthy })
	}
	w.untouched(e, s, before)
	if failures := w.manager.Failures(w.project, "app"); len(failures) != 1 || failures[0].Count < 2*turns {
		t.Errorf("%+v", failures)
	}
}

// TestHanging has a health endpoint that accepts and never answers.
func TestHanging(t *testing.T) {
	t.Parallel()
	w, e := newWorld(t, service.Docker), engine{t: t}
	svc := w.add("app", nil)
	svc.Spec.Service.Health.Interval, svc.Spec.Service.Health.Timeout, svc.Spec.Service.Health.Retries = "10ms", "50ms", 2
	// A check that cannot run decides nothing, but its start period lets a start take as long as it likes on a busy machine.
	w.compose(svc, "services:\n  app:\n    build: .\n    ports: [\"80:80\"]\n    healthcheck: {test: [CMD, curl], start_period: 10m}\n")
	s, stop := w.start(supervisor.Options{})
	w.runs(s, "app")
	before, address := e.one(w.project, "running"), w.status("app").Address()
	post(t, address+"/stuck")
	w.eventually("it is unhealthy", func() bool { return state(s, "app").Health == service.Unhealthy })
	if why := state(s, "app").Reason; !strings.Contains(why, "no answer within 50ms") {
		t.Error(why)
	}
	if st := w.status("app"); st.Health == service.Healthy || !st.Running || !strings.Contains(st.Problem, "no answer within 50ms") {
		t.Errorf("%+v", st)
	}
	w.untouched(e, s, before)
	if _, _, err := get(address + "/stuck"); err != nil {
		t.Fatal(err)
	}
	w.eventually("it is healthy", func() bool { return state(s, "app").Health == service.Healthy })
	post(t, address+"/stuck")
	if err := stop(); err != nil { // not held up by a probe
		t.Error(err)
	}
	e.one(w.project, "exited")
}

// untouched wants the container to be as it was.
func (w *world) untouched(e engine, s *supervisor.Supervisor, before container) {
	w.t.Helper()
	if now := e.one(w.project, "running"); now != before || state(s, "app").Restarts != 0 {
		w.t.Errorf("before %+v, now %+v", before, now)
	}
}

// compose gives a service another compose file.
func (w *world) compose(svc *supervisor.Service, text string) {
	w.t.Helper()
	if err := os.WriteFile(svc.Spec.Dir+"/docker-compose.yml", []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := w.manager.Prepare(w.t.Context(), svc.Spec); err != nil {
		w.t.Fatal(err)
	}
}

// TestHeldPortTaken says who has the port that is to be held.
func TestHeldPortTaken(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w := newWorld(t, service.Process)
	w.add("app", nil).Spec.Port = l.Addr().(*net.TCPAddr).Port
	err = supervisor.New(supervisor.Options{Project: w.project, State: w.state, Load: w.load, Driver: w.manager, Hold: true}).Run(w.t.Context())
	if report.KindOf(err) != report.Service {
		t.Fatal(err)
	}
	if text := err.Error(); runtime.GOOS == "linux" && (!strings.Contains(text, fmt.Sprintf("process %d (", os.Getpid())) || !strings.Contains(text, fmt.Sprintf("kill %d", os.Getpid()))) {
		t.Error(text)
	}
}
