package project

import (
	"testing"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
)

// TestSupervised lays what a supervisor knows over what a driver sees.
func TestSupervised(t *testing.T) {
	driver, err := service.New(service.Options{State: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	seen := []service.Status{
		{Name: "calm", Running: true, State: "running", Health: service.Healthy},
		{Name: "dead", State: "exited", Health: service.NoHealth, Problem: "its process has ended"},
		{Name: "sick", Running: true, State: "running", Health: service.Starting},
		{Name: "sleeper", State: "exited", Health: service.NoHealth},
	}
	states := []supervisor.State{
		{Name: "calm", State: supervisor.Running, Health: service.Healthy, Held: 20001},
		{Name: "dead", State: supervisor.Failed, Reason: "it was started again 8 times", Restarts: 8},
		{Name: "gone", State: supervisor.Stopped},
		{Name: "new", State: supervisor.Waiting, Reason: "no engine"},
		{Name: "sick", State: supervisor.Running, Health: service.Unhealthy, Reason: "503"},
		{Name: "sleeper", State: supervisor.Idle, Held: 20002},
	}
	want := []service.Status{
		{Name: "calm", State: "running", Health: service.Healthy, Held: 20001},
		{Name: "dead", State: "failed", Health: service.NoHealth, Problem: "it was started again 8 times", Restarts: 8},
		{Name: "new", State: "waiting", Health: service.NoHealth, Problem: "no engine"},
		{Name: "sick", State: "running", Health: service.Unhealthy, Problem: "503"},
		{Name: "sleeper", State: "idle", Health: service.NoHealth, Held: 20002},
	}
	got := supervised(seen, states, driver, "project")
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i, w := range want {
		g := got[i]
		if g.Name != w.Name || g.State != w.State || g.Health != w.Health || g.Problem != w.Problem || g.Held != w.Held || g.Restarts != w.Restarts {
			t.Errorf("%+v, want %+v", g, w)
		}
	}
	if got[0].Address() != "http://127.0.0.1:20001" {
		t.Error(got[0].Address())
	}
}
