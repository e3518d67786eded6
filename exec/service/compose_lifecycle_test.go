package service

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// TestReplicas brings back a copy of a service that is gone, and stops with a hook that fails.
func TestReplicas(t *testing.T) {
	t.Parallel()
	spec := pack(t, map[string]string{"docker-compose.yml": plainCompose + `
    scale: 2
    pre_stop: [{command: [/absent]}]
`})
	m := manager(t, Docker, spec)
	ctx := context.Background()
	up(t, m, spec)
	engine, err := m.docker.engine(ctx)
	if err != nil {
		t.Fatal(err)
	}
	copies := func() map[string]bool {
		list, err := m.docker.inspect(ctx, engine, ofProject(spec.Project))
		if err != nil {
			t.Fatal(err)
		}
		ids := map[string]bool{}
		for _, c := range list {
			ids[c.ID] = c.State.Running
		}
		return ids
	}
	first := copies()
	if len(first) != 2 {
		t.Fatalf("copies: %v", first)
	}
	up(t, m, spec)
	if again := copies(); len(again) != 2 || !same(first, again) {
		t.Errorf("what runs was not adopted: %v, then %v", first, again)
	}
	for id := range first {
		if _, err := engine.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true}); err != nil {
			t.Fatal(err)
		}
		break
	}
	up(t, m, spec)
	if again := copies(); len(again) != 2 || same(first, again) {
		t.Errorf("the copy that was removed is not back: %v, then %v", first, again)
	}
	var said []string
	heard := report.To(ctx, func(e report.Event) {
		if e.Type == report.Warning {
			said = append(said, e.Message)
		}
	})
	if err := m.Down(heard, spec.Project, nil); err != nil {
		t.Fatal(err)
	}
	if !has(said, "a pre_stop hook failed", "/absent") {
		t.Errorf("warnings: %q", said)
	}
	empty(t, m, spec.Project)
}

func same(a, b map[string]bool) bool {
	for id := range a {
		if !b[id] {
			return false
		}
	}
	return true
}

// TestProfiles enables the profiles that the settings name, and in any case the service that providers talk to.
func TestProfiles(t *testing.T) {
	text := `
services:
  app: {image: a, profiles: [main]}
  one: {image: a, profiles: [first]}
  two: {image: a, profiles: [second, other]}
`
	for profiles, want := range map[string]string{"": "app", "first": "app one", " second , first": "app one two"} {
		spec := sketch(t, map[string]string{"docker-compose.yml": text})
		spec.Env = map[string]string{"COMPOSE_PROFILES": profiles}
		pl, err := compose(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(pl.project.ServiceNames(), " "); got != want || pl.main != "app" {
			t.Errorf("%q: %s, of which %s", profiles, got, pl.main)
		}
	}
}

// TestPatience has a container's labels say how long its start may take, by the longer of both health checks: until then it
// is starting and not unhealthy.
func TestPatience(t *testing.T) {
	for declared, want := range map[string]time.Duration{"": 5*time.Minute + 4*20*time.Second, "20m": 20 * time.Minute} {
		spec := sketch(t, map[string]string{"docker-compose.yml": plainCompose + "    healthcheck: {test: [CMD, /server], interval: 10s, timeout: 10s, retries: 3, start_period: 5m}\n"})
		spec.Service.Health.Start = declared
		pl, err := compose(context.Background(), spec)
		if err != nil {
			t.Fatal(err)
		}
		var r record
		if err := json.Unmarshal([]byte(pl.project.Services["app"].Labels[labelRecord]), &r); err != nil || r.Patience != want {
			t.Errorf("%q: %s, want %s (%v)", declared, r.Patience, want, err)
		}
	}
}

// TestRawFormat reads lines of an env file as they stand.
func TestRawFormat(t *testing.T) {
	vars := map[string]string{}
	known := func(name string) (string, bool) { return "known", name == "KNOWN" }
	text := "\ufeffA=1\r\n# comment\n\n  B = \"2\" # all of it\nKNOWN\nUNKNOWN\nC=\n"
	err := readRaw(strings.NewReader(text), "x.env", vars, known)
	wantError(t, failed(context.Background(), err, "x", "", "y"), report.Service, `x.env:4: "B " is no name of a variable`)
	if err := readRaw(strings.NewReader(strings.Replace(text, "B =", "B=", 1)), "x.env", vars, known); err != nil {
		t.Fatal(err)
	}
	if got := words(vars, nil); got != `{"A":"1","B":" \"2\" # all of it","C":"","KNOWN":"known"}` {
		t.Error(got)
	}
	if err := readRaw(bytes.NewReader(bytes.Repeat([]byte("x"), 2<<20)), "x.env", vars, nil); err == nil {
		t.Error("a line without an end was read")
	}
}
