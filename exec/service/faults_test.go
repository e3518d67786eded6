package service

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// containers are all of a project, as the engine has them.
func containers(t *testing.T, m *Manager, project string) []container.Summary {
	t.Helper()
	engine, err := m.docker.engine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	list, err := engine.ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: ofProject(project)})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// TestImageMissing removes the image of a service from the engine: nothing is started, and the remedy brings it back.
func TestImageMissing(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"unique": t.TempDir()})
	m := manager(t, Docker, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	pl, err := compose(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	engine, err := m.docker.engine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.ImageRemove(context.Background(), pl.project.Services["app"].Image, client.ImageRemoveOptions{}); err != nil {
		t.Fatal(err)
	}
	_, err = m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "service app is not prepared", "conduit/app-app:", "next: conduit sync")
	empty(t, m, spec.Project)
	up(t, m, spec)
}

// TestBuildSays shows what a program said that the build ran, and how it ended.
func TestBuildSays(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"Dockerfile": "FROM scratch\nCOPY server /server\nENV EXIT=\"model.h: no such header\"\nRUN [\"/server\"]\nENTRYPOINT [\"/server\"]\n"})
	m := manager(t, Docker, spec)
	t.Cleanup(func() { forgetBuild(t, "EXIT=model.h: no such header") })
	err := m.Prepare(context.Background(), spec)
	wantError(t, err, report.Service, "the image of service app does not build", "model.h: no such header", "hello on standard output", "code: 3", "next: mend the package's Dockerfile")
	if code := report.KindOf(err).ExitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
	_, err = m.Up(context.Background(), spec)
	wantError(t, err, report.Service, "service app is not prepared")
	empty(t, m, spec.Project)
}

// forgetBuild removes the container of a build's step that failed, which the engine's classic builder keeps for whoever wants
// to look into it; a variable tells it from others.
func forgetBuild(t *testing.T, variable string) {
	t.Helper()
	d := &dockerDriver{}
	defer d.close()
	all, err := d.engine(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	list, err := all.ContainerList(context.Background(), client.ContainerListOptions{All: true, Filters: make(client.Filters).Add("status", "exited")})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list.Items {
		if r, err := all.ContainerInspect(context.Background(), c.ID, client.ContainerInspectOptions{}); err == nil && contains(r.Container.Config.Env, variable) {
			if _, err := all.ContainerRemove(context.Background(), c.ID, client.ContainerRemoveOptions{Force: true}); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestPortTaken says who has a fixed port: a process of this machine, or a container, of another project too.
func TestPortTaken(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := l.Addr().(*net.TCPAddr).Port
	first, second := pack(t, nil), pack(t, nil)
	m := manager(t, Docker, first, second)
	for _, driver := range []string{Docker, Process} {
		spec := second
		spec.Driver, spec.Port = driver, port
		if err := m.Prepare(ctx, spec); err != nil {
			t.Fatal(err)
		}
		_, err := m.Up(ctx, spec)
		wantError(t, err, report.Service, "service app cannot have port "+strconv.Itoa(port), "remove port = "+strconv.Itoa(port))
		if runtime.GOOS == "linux" {
			pid := strconv.Itoa(os.Getpid())
			wantError(t, err, report.Service, "process "+pid+" (", "kill "+pid)
		}
		for _, c := range containers(t, m, second.Project) {
			if c.State == container.StateRunning {
				t.Errorf("%s runs", c.ID)
			}
		}
		if err := m.Down(ctx, second.Project, nil); err != nil {
			t.Fatal(err)
		}
	}
	has := up(t, m, first)
	for _, driver := range []string{Docker, Process} {
		spec := second
		spec.Driver, spec.Port = driver, has.Ports[0].Host
		_, err := m.Up(ctx, spec)
		wantError(t, err, report.Service, "container "+has.ContainerName+", which is service app of project "+first.Project, "docker stop "+has.ContainerName)
	}
	get(t, has.Address()+"/health")
	out, err := exec.Command("docker", "stop", "-t", "1", has.ContainerName).CombinedOutput() // the remedy
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	spec := second
	spec.Port = has.Ports[0].Host
	if s := up(t, m, spec); s.Ports[0].Host != spec.Port {
		t.Errorf("%+v", s)
	}
}

// TestDownKilled kills the conduit that takes a service down, at several moments. The next down removes all that is left.
func TestDownKilled(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			spec := pack(t, nil)
			spec.Env = map[string]string{"CHILD": map[string]string{Process: "yes"}[driver]}
			m := manager(t, driver, spec)
			data, err := json.Marshal(errand{Options: Options{Driver: driver, State: m.process.state}, Spec: spec, Down: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, after := range []time.Duration{50, 120, 200, 400} {
				up(t, m, spec)
				killedAfter(t, after*time.Millisecond, data)
				nothingAfterDown(t, m, spec)
			}
			up(t, m, spec)
		})
	}
}

// nothingAfterDown takes the service down and wants nothing of it left, as the engine and the system see it.
func nothingAfterDown(t *testing.T, m *Manager, spec Spec) {
	t.Helper()
	if err := m.Down(context.Background(), spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	if m.driver == Docker {
		empty(t, m, spec.Project)
	}
	if list, err := m.List(context.Background(), spec.Project); err != nil || len(list) > 0 {
		t.Errorf("left: %+v %v", list, err)
	}
	if left := m.process.instance(spec.Project, spec.Name).members(); len(left) > 0 {
		t.Errorf("processes are left: %v", left)
	}
}

// TestUpAndDownAtOnce has conduits start, restart and remove one service at the same time. None fails but for another's
// down, and the last down removes all.
func TestUpAndDownAtOnce(t *testing.T) {
	t.Parallel()
	for _, driver := range []string{Docker, Process} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			spec := pack(t, nil)
			m := manager(t, driver, spec)
			if err := m.Prepare(ctx, spec); err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			for i := range 6 {
				wg.Go(func() {
					other, err := New(Options{Driver: driver, State: m.process.state, Timeout: time.Minute})
					if err != nil {
						t.Error(err)
						return
					}
					defer other.Close()
					switch i % 3 {
					case 0:
						_, err = other.Up(ctx, spec)
					case 1:
						_, err = other.Restart(ctx, spec)
					case 2:
						if err := other.Down(ctx, spec.Project, nil); err != nil {
							t.Error(err)
						}
					}
					if err != nil && report.KindOf(err) != report.Service {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			up(t, m, spec)
			if driver == Docker {
				if all := containers(t, m, spec.Project); len(all) != 1 || all[0].State != container.StateRunning {
					t.Errorf("%+v", all)
				}
			}
			nothingAfterDown(t, m, spec)
		})
	}
}

// TestClock has state that was written when the machine's clock was far ahead or behind, as a battery that fails or a
// restored machine leaves it. The clock of a test's machine cannot be set without harm to others; within one process pauses
// and deadlines are of the monotonic clock, which no jump moves. So this is all that a jump can reach: times in files.
func TestClock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	for name, wrong := range map[string]time.Time{"ahead": time.Now().AddDate(60, 0, 0), "behind": time.Unix(0, 0)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := pack(t, nil)
			docker := spec
			docker.Name, docker.Driver = "docker", Docker
			m := manager(t, Process, spec)
			needEngine(t)
			s, d := up(t, m, spec), up(t, m, docker)

			in := m.process.instance(spec.Project, spec.Name)
			in.load()
			in.Started = wrong
			if err := in.save(); err != nil {
				t.Fatal(err)
			}
			m.Note(spec.Project, spec.Name, "before")
			past, err := json.Marshal([]Failure{{Text: "before", First: wrong, Last: wrong, Count: 1}})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(m.history.file(spec.Project, spec.Name), past, 0o600); err != nil {
				t.Fatal(err)
			}
			// A conduit was killed in the middle of a start, then.
			c, err := m.docker.claim(ctx, composeName(docker.Project, docker.Name))
			if err != nil {
				t.Fatal(err)
			}
			if err := c.begin(); err != nil {
				t.Fatal(err)
			}
			c.release()
			err = filepath.WalkDir(m.process.state, func(path string, _ os.DirEntry, err error) error {
				if err == nil {
					err = os.Chtimes(path, wrong, wrong)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}

			if again := up(t, m, spec); again.ID != s.ID {
				t.Errorf("not adopted: %+v, then %+v", s, again)
			}
			if again := up(t, m, docker); again.ID != d.ID {
				t.Errorf("not adopted: %+v, then %+v", d, again)
			}
			if exists(c.note) {
				t.Error("the note is left")
			}
			m.Note(spec.Project, spec.Name, "after")
			if all := m.Failures(spec.Project, spec.Name); len(all) != 2 || all[1].Text != "after" {
				t.Errorf("%+v", all)
			}
			if log := logOf(t, m, spec, 1); log == "" {
				t.Error("no log")
			}
			// Unhealthy or not is a matter of the probe, and of time only while it starts.
			list, err := m.List(ctx, spec.Project)
			if err != nil || len(list) != 2 || list[0].Health != Healthy || list[1].Health != Healthy {
				t.Errorf("%+v %v", list, err)
			}
			if restarted, err := m.Restart(ctx, spec); err != nil || restarted.Health != Healthy || time.Since(restarted.Started) > time.Hour {
				t.Errorf("%+v %v", restarted, err)
			}
			nothingAfterDown(t, m, spec)
			empty(t, m, spec.Project)
		})
	}
}

// TestInterruptedCreate interrupts starts at many moments, and takes down right after: the engine goes on with what it was
// asked to make when who asked has gone, and that must not be missed.
func TestInterruptedCreate(t *testing.T) {
	t.Parallel()
	spec := pack(t, nil)
	m := manager(t, Docker, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	for i := range 12 {
		ctx, cancel := context.WithCancel(context.Background())
		var events atomic.Int64
		counting := report.To(ctx, func(report.Event) {
			if events.Add(1) == int64(i+1) {
				cancel()
			}
		})
		_, _ = m.Up(counting, spec) // whether it was interrupted or not
		cancel()
		nothingAfterDown(t, m, spec)
	}
}
