package supervisor_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/networktest"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
	"github.com/MediaConduit/conduit/report"
)

// dockerd is a Docker engine of a test's own, which can be stopped without harm to others.
type dockerd struct {
	t    *testing.T
	args []string
	cmd  *exec.Cmd
	log  string
	engine
}

// needRoot skips, but not in CI, where no engine can be started.
func needRoot(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("/usr/sbin/dockerd"); os.Getuid() != 0 || err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("a Docker engine of the test's own takes root and Debian's docker.io")
		}
		t.Skip("a Docker engine of the test's own takes root and Debian's docker.io")
	}
}

// newDockerd starts one and has this process use it.
func newDockerd(t *testing.T) *dockerd {
	t.Helper()
	// Not t.TempDir, whose long names are too long for a socket.
	dir, err := os.MkdirTemp("", "conduit-dockerd")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	d := &dockerd{t: t, log: filepath.Join(dir, "log"), engine: engine{t, "unix://" + filepath.Join(dir, "docker.sock")}}
	d.args = []string{"/usr/sbin/dockerd", "--data-root", filepath.Join(dir, "data"), "--exec-root", filepath.Join(dir, "exec"), "--pidfile", filepath.Join(dir, "pid"),
		"--host", d.host, "--iptables=false", "--ip6tables=false"}
	d.start()
	t.Cleanup(func() {
		if d.cmd != nil {
			d.stop(syscall.SIGTERM)
		}
		// What a killed engine has left.
		for _, mount := range mounts(dir) {
			_ = syscall.Unmount(mount, syscall.MNT_DETACH)
		}
	})
	t.Setenv("DOCKER_HOST", d.host)
	return d
}

// start starts the engine and waits until it answers.
func (d *dockerd) start() {
	d.t.Helper()
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer log.Close()
	d.cmd = exec.Command(d.args[0], d.args[1:]...)
	d.cmd.Stdout, d.cmd.Stderr = log, log
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c := exec.Command("docker", "version")
		c.Env = append(os.Environ(), "DOCKER_HOST="+d.host)
		if c.Run() == nil {
			return
		}
		if time.Now().After(end) {
			text, _ := os.ReadFile(d.log)
			d.t.Fatalf("dockerd does not answer:\n%s", text)
		}
	}
}

// stop sends the engine a signal and waits for its end.
func (d *dockerd) stop(sig syscall.Signal) {
	d.t.Helper()
	if err := d.cmd.Process.Signal(sig); err != nil {
		d.t.Error(err)
	}
	_ = d.cmd.Wait() // killed, it does not end well
	d.cmd = nil
	// Its containerd dies with it. Until somebody collects that, a dockerd takes it for one that runs, by its process ID.
	_ = os.Remove(filepath.Join(filepath.Dir(d.log), "exec", "containerd", "containerd.pid"))
}

// mounts are what is mounted below a folder, the deepest first.
func mounts(dir string) []string {
	data, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return nil
	}
	var found []string
	for line := range strings.Lines(string(data)) {
		if fields := strings.Fields(line); strings.HasPrefix(fields[4], dir+"/") {
			found = append([]string{fields[4]}, found...)
		}
	}
	return found
}

// away is how long the engine is gone. No assertion depends on it.
const away = 10 * time.Second

// TestEngineStops stops the engine, as systemctl stop does and with -9, while one project is idle and two others start; with
// -9 also while one is taken down. Afterwards each has what it should, and nothing twice. (Debian's dockerd 20.10 does not
// start again when it was stopped in the very moment in which it removed a network: a stop would let a down come that far.)
func TestEngineStops(t *testing.T) {
	if !networktest.Inside() {
		t.Parallel()
	}
	for name, signal := range map[string]syscall.Signal{"stopped": syscall.SIGTERM, "killed": syscall.SIGKILL} {
		t.Run(name, func(t *testing.T) {
			needRoot(t)
			if !networktest.Inside() {
				t.Parallel()
			}
			if !networktest.Own(t) {
				return
			}
			d := newDockerd(t)
			idle := newWorld(t, service.Docker)
			idle.add("app", nil)
			// An engine that stops refuses what it is asked in ways of its own: nothing is given up for that.
			patient := supervisor.Backoff{First: time.Millisecond, Most: 200 * time.Millisecond, Steady: time.Hour, Limit: 10000}
			idling, stopIdle := idle.start(supervisor.Options{Backoff: patient})
			idle.runs(idling, "app")
			before := d.one(idle.project, "running")

			down := newWorld(t, service.Docker)
			ctx := report.To(context.Background(), down.event)
			if _, err := down.manager.Up(ctx, down.add("app", map[string]string{"IGNORE": "SIGTERM"}).Spec); err != nil {
				t.Fatal(err)
			}

			// These two become healthy when the engine is back, not before.
			late := filepath.Join(t.TempDir(), "late")
			watched, plain := newWorld(t, service.Docker), newWorld(t, service.Docker)
			for _, w := range []*world{watched, plain} {
				svc := w.add("app", map[string]string{"LATE": late})
				svc.Spec.Source = "file:" + svc.Spec.Dir // it mounts a folder that is not its own
				w.compose(svc, "services:\n  app:\n    build: .\n    restart: always\n    ports: [\"80:80\"]\n    volumes: [\""+filepath.Dir(late)+":"+filepath.Dir(late)+"\"]\n")
			}
			watching, stopWatched := watched.start(supervisor.Options{Backoff: patient})
			var wait sync.WaitGroup
			var upErr, downErr error
			wait.Go(func() { _, upErr = plain.manager.Up(ctx, plain.services[0].Spec) })
			for _, w := range []*world{watched, plain} {
				w.eventually("its container runs", func() bool {
					all := d.containers(w.project)
					return len(all) == 1 && all[0].State.Status == "running"
				})
			}
			if signal == syscall.SIGKILL {
				wait.Go(func() { downErr = down.manager.Down(ctx, down.project, nil) })
				down.eventually("it is being stopped", func() bool { return strings.Contains(down.said(), "start app stopping") })
			}

			d.stop(signal)
			time.Sleep(away)
			if err := os.WriteFile(late, nil, 0o644); err != nil {
				t.Fatal(err)
			}
			d.start()
			wait.Wait()

			// Those that are supervised need nobody.
			for w, s := range map[*world]*supervisor.Supervisor{idle: idling, watched: watching} {
				w.eventually("it runs again", func() bool {
					all := d.containers(w.project)
					return len(all) == 1 && all[0].State.Status == "running" && state(s, "app").State == supervisor.Running
				})
			}
			if after := d.one(idle.project, "running"); after.ID != before.ID {
				t.Errorf("before %+v, after %+v", before, after)
			}
			// Of the others, each has waited for the engine, or says what happened, and then the same again works.
			if upErr != nil {
				t.Log(upErr)
				if _, err := plain.manager.Up(ctx, plain.services[0].Spec); err != nil || report.KindOf(upErr) != report.Service {
					t.Error(err)
				}
			}
			d.one(plain.project, "running")
			if code, _, err := get(plain.status("app").Address() + "/health"); code != 200 {
				t.Error(code, err)
			}
			if downErr != nil || signal != syscall.SIGKILL {
				t.Log(downErr)
				if err := down.manager.Down(ctx, down.project, nil); err != nil || downErr != nil && report.KindOf(downErr) != report.Service {
					t.Error(err)
				}
			}
			d.empty(down.project)

			for w, stop := range map[*world]func() error{idle: stopIdle, watched: stopWatched} {
				if err := stop(); err != nil {
					t.Error(err)
				}
				d.one(w.project, "exited")
			}
			for _, w := range []*world{idle, watched, plain} {
				if err := w.manager.Down(ctx, w.project, nil); err != nil {
					t.Error(err)
				}
				d.empty(w.project)
			}
		})
	}
}
