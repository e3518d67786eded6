package service

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"
)

// helperVariable makes the test binary a second process that brings up the spec it holds, or takes it down, to be killed meanwhile.
const helperVariable = "SERVICE_TEST_UP"

type errand struct {
	Options Options
	Spec    Spec
	Down    bool
}

func helper() {
	var e errand
	if err := json.Unmarshal([]byte(os.Getenv(helperVariable)), &e); err != nil {
		panic(err)
	}
	m, err := New(e.Options)
	if err != nil {
		panic(err)
	}
	if e.Down {
		err = m.Down(context.Background(), e.Spec.Project, nil)
	} else {
		_, err = m.Up(context.Background(), e.Spec)
	}
	if err != nil {
		panic(err)
	}
}

// testKilled kills the process that brings a service up, at several moments, and wants down to find all that is left, and
// the next up to succeed.
func testKilled(t *testing.T, driver string) {
	spec := pack(t, nil)
	spec.Env = map[string]string{"CHILD": map[string]string{Process: "yes"}[driver]}
	m := manager(t, driver, spec)
	if err := m.Prepare(context.Background(), spec); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(errand{Options: Options{Driver: driver, State: m.process.state}, Spec: spec})
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range []time.Duration{20, 60, 120, 250, 500, 2000} {
		killedAfter(t, after*time.Millisecond, data)
		nothingAfterDown(t, m, spec)
	}
	up(t, m, spec)
}

// killedAfter runs an errand in a process of its own and kills it some time later with -9.
func killedAfter(t *testing.T, after time.Duration, errand []byte) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperVariable+"="+string(errand))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(after)
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
}
