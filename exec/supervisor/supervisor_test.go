package supervisor_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
	"github.com/MediaConduit/conduit/report"
)

func eachDriver(t *testing.T, test func(*testing.T, *world)) {
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) { t.Parallel(); test(t, newWorld(t, driver)) })
	}
}

// kill ends an instance as a crash does.
func (w *world) kill(name string) {
	w.t.Helper()
	st := w.status(name)
	if w.driver == service.Docker {
		if out, err := exec.Command("docker", "kill", st.ID).CombinedOutput(); err != nil {
			w.t.Fatalf("%v: %s", err, out)
		}
		return
	}
	pid, err := strconv.Atoi(st.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// TestLife starts services in order, restarts one that is killed, and stops all in reverse order.
func TestLife(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, w *world) {
		w.add("front", nil, "back")
		w.add("back", nil)
		var mu sync.Mutex
		logs := map[string]bool{}
		s, stop := w.start(supervisor.Options{Log: func(name, line string) {
			mu.Lock()
			defer mu.Unlock()
			logs[name+": "+line] = true
		}})
		w.runs(s, "front", "back")
		if said := w.said(); strings.Index(said, "done back ready") > strings.Index(said, "start front starting") {
			t.Errorf("front did not wait for back:\n%s", said)
		}
		w.eventually("its log is shown", func() bool {
			mu.Lock()
			defer mu.Unlock()
			return logs["front: hello on standard output"] && logs["back: hello on standard error"]
		})
		before := w.status("back")
		w.kill("back")
		w.eventually("back is started again", func() bool {
			st := state(s, "back")
			return st.Restarts == 1 && st.State == supervisor.Running
		})
		if now := w.status("back"); now.Health != service.Healthy || !now.Started.After(before.Started) || len(now.Failures) != 1 || !strings.Contains(now.Failures[0].Text, "killed") && !strings.Contains(now.Failures[0].Text, "137") {
			t.Errorf("%+v", now)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if said := w.said(); strings.LastIndex(said, "done front stopped") > strings.LastIndex(said, "start back stopping") {
			t.Errorf("back was stopped before front:\n%s", said)
		}
		for _, name := range []string{"front", "back"} {
			if st := w.status(name); st.Running {
				t.Errorf("%s runs after the end", name)
			}
		}
	})
}

// TestAdopts keeps what runs from an equal specification, and replaces what does not.
func TestAdopts(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, w *world) {
		same := w.add("same", nil)
		other := w.add("other", nil)
		started := map[string]string{}
		for _, svc := range w.services {
			st, err := w.manager.Up(context.Background(), svc.Spec)
			if err != nil {
				t.Fatal(err)
			}
			started[svc.Spec.Name] = st.Started.String() + st.Address()
		}
		other.Spec.Env = map[string]string{"CHANGED": "yes"}
		s, _ := w.start(supervisor.Options{})
		w.runs(s, "same", "other")
		st, err := w.manager.Up(context.Background(), same.Spec)
		if err != nil || st.Started.String()+st.Address() != started["same"] {
			t.Errorf("it was started anew: %+v %v", st, err)
		}
		if _, env, err := get(w.status("other").Address() + "/env"); err != nil || !strings.Contains(env, "CHANGED=yes") {
			t.Errorf("it was not replaced: %s %v", env, err)
		}
	})
}

// TestFails gives a service up that ends again and again, says why, and tries again when told to.
func TestFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t, service.Process)
	bad := w.add("bad", map[string]string{"EXIT": "no such model"})
	w.add("needy", nil, "bad")
	w.add("good", nil)
	s, stop := w.start(supervisor.Options{Hold: true})
	w.runs(s, "good")
	w.eventually("bad has failed", func() bool { return state(s, "bad").State == supervisor.Failed })
	st := state(s, "bad")
	if st.Restarts != quick.Limit || !strings.Contains(st.Reason, "started again 3 times") || !strings.Contains(st.Reason, "exit status 3") || !strings.Contains(st.Reason, "no such model") {
		t.Errorf("%+v", st)
	}
	w.eventually("needy has failed", func() bool { return state(s, "needy").State == supervisor.Failed })
	if why := state(s, "needy").Reason; !strings.Contains(why, "needs service bad") {
		t.Error(why)
	}
	if code, text, err := get(fmt.Sprintf("http://127.0.0.1:%d/", st.Held)); err != nil || code != http.StatusServiceUnavailable || !strings.Contains(text, "has failed") {
		t.Error(code, text, err)
	}
	w.mu.Lock()
	bad.Spec.Env = nil
	w.mu.Unlock()
	c := supervisor.Find(w.state, w.project)
	if err := c.Restart(context.Background(), []string{"bad", "needy"}); err != nil {
		t.Fatal(err)
	}
	w.runs(s, "bad", "needy")
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// TestAllFail ends the supervisor with the reason.
func TestAllFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, service.Process)
	w.add("bad", map[string]string{"EXIT": "no such model"})
	opts := supervisor.Options{Project: w.project, State: w.state, Load: w.load, Driver: w.manager, Backoff: quick}
	err := supervisor.New(opts).Run(context.Background())
	if report.KindOf(err) != report.Service || !strings.Contains(err.Error(), "no such model") || !strings.Contains(err.Error(), "conduit restart bad") {
		t.Error(err)
	}
}

// TestSecond refuses a second supervisor and names the first.
func TestSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, service.Process)
	w.add("app", nil)
	s, stop := w.start(supervisor.Options{})
	w.runs(s, "app")
	err := supervisor.New(supervisor.Options{Project: w.project, State: w.state, Load: w.load, Driver: w.manager}).Run(context.Background())
	for _, text := range []string{"another conduit supervises this project", fmt.Sprintf("process %d", os.Getpid()), fmt.Sprintf("kill %d", os.Getpid()), "conduit up -d"} {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("no %q in: %v", text, err)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if c := supervisor.Find(w.state, w.project); c != nil {
		t.Error("one was found that has ended")
	}
}

// TestOrders starts, stops and restarts services on behalf of another conduit, and ends when all were stopped.
func TestOrders(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	eachDriver(t, func(t *testing.T, w *world) {
		w.add("one", nil)
		w.add("two", nil)
		s, stop := w.start(supervisor.Options{Names: []string{"one"}})
		w.runs(s, "one")
		c := supervisor.Find(w.state, w.project)
		if c == nil || c.PID() != os.Getpid() {
			t.Fatal("it is not found")
		}
		if w.status("two").Running {
			t.Error("two was not asked for")
		}
		if err := c.Start(ctx, []string{"two"}); err != nil {
			t.Fatal(err)
		}
		w.runs(s, "two")
		first := w.status("one")
		if err := c.Start(ctx, nil); err != nil || w.status("one").ID != first.ID {
			t.Errorf("a start of what runs: %v", err)
		}
		if err := c.Stop(ctx, []string{"one"}); err != nil || w.status("one").Running || state(s, "one").State != supervisor.Stopped {
			t.Errorf("%v %+v", err, state(s, "one"))
		}
		if err := c.Restart(ctx, []string{"one"}); err != nil || !w.status("one").Running {
			t.Error(err)
		}
		states, err := c.States(ctx)
		if err != nil || len(states) != 2 || states[0].State != supervisor.Running || states[0].Restarts != 1 {
			t.Errorf("%+v %v", states, err)
		}
		if err := c.Stop(ctx, nil); err != nil {
			t.Fatal(err)
		}
		w.eventually("the supervisor ends", func() bool { return supervisor.Find(w.state, w.project) == nil })
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}
