package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// asked is what the gateway answered, as far as tests under load look at it.
type asked struct {
	status  int
	ID      string
	State   string
	Outputs []struct{ Text string }
	Error   *struct {
		What      string
		Retryable bool
	}
}

// caller asks the gateway from many goroutines at once, which must not end the script themselves.
type caller struct {
	url    string
	client *http.Client
}

func newCaller(ts *testscript.TestScript, connections int) *caller {
	transport := &http.Transport{MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections}
	ts.Defer(transport.CloseIdleConnections)
	return &caller{ts.Getenv("GATEWAY"), &http.Client{Transport: transport, Timeout: patience}}
}

func (c *caller) text(method, path, body string) (int, string, error) {
	r, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := c.client.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

func (c *caller) ask(method, path, body string) (asked, error) {
	status, text, err := c.text(method, path, body)
	out := asked{status: status}
	if err == nil {
		err = json.Unmarshal([]byte(text), &out)
	}
	return out, err
}

func (c *caller) call(model string) (asked, error) {
	return c.ask("POST", "/api/v1/transform", fmt.Sprintf(`{"model":%q,"text":"moo"}`, model))
}

// metric is the value of a metric, 0 where there is none yet.
func (c *caller) metric(name string) (float64, error) {
	_, text, err := c.text("GET", "/metrics", "")
	if err != nil {
		return 0, err
	}
	for _, line := range strings.Split(text, "\n") {
		if value, ok := strings.CutPrefix(line, name+" "); ok {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, nil
}

// eventually waits until is holds.
func eventually(ts *testscript.TestScript, what string, is func() (bool, error)) {
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		ok, err := is()
		ts.Check(err)
		if ok {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("never: %s", what)
		}
	}
}

// crashgateway N submits jobs from many clients until N are accepted, kills the gateway in the middle of it, starts it again and
// waits until every accepted job has succeeded.
func crashGateway(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	c := newCaller(ts, 16)
	var mu sync.Mutex
	var accepted []string
	enough := make(chan struct{})
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			for {
				job, err := c.ask("POST", "/api/v1/jobs", `{"model":"studio/slow","text":"moo"}`)
				if err != nil || job.status != http.StatusAccepted { // it was killed
					return
				}
				mu.Lock()
				accepted = append(accepted, job.ID)
				if len(accepted) == want {
					close(enough)
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(patience):
		ts.Fatalf("too few jobs are accepted")
	}
	gatewayCommand(ts, false, []string{"kill"})
	group.Wait()
	startGateway(ts, []string{"serve", "--jobs", "32"})
	c = newCaller(ts, 16)
	for _, id := range accepted {
		eventually(ts, "job "+id+" succeeds", func() (bool, error) {
			job, err := c.ask("GET", "/api/v1/jobs/"+id, "")
			if err == nil && job.status != 200 {
				err = fmt.Errorf("an accepted job is lost: %s", id)
			}
			if job.Error != nil {
				err = errors.New(job.Error.What)
			}
			return job.State == "succeeded", err
		})
	}
	c.client.CloseIdleConnections()
	ts.Logf("%d accepted jobs survived", len(accepted))
}

// crashprovider kills a provider while it is called from many clients: its calls fail as retryable, further ones succeed, and
// another provider's calls notice nothing.
func crashProvider(ts *testscript.TestScript, _ bool, _ []string) {
	c := newCaller(ts, 64)
	pid := func() int {
		got, err := c.call("studio/pid")
		if err != nil || got.status != 200 {
			return 0
		}
		n, _ := strconv.Atoi(got.Outputs[0].Text) // 0 is no process
		return n
	}
	victim := pid()
	if victim == 0 {
		ts.Fatalf("the provider does not run")
	}
	const flying = 8
	var group, calls sync.WaitGroup
	var stop atomic.Bool
	problems := make(chan error, 1000)
	for range 4 {
		group.Go(func() {
			for !stop.Load() {
				if got, err := c.call("other/echo"); err != nil || got.status != 200 {
					problems <- fmt.Errorf("the other provider: %w %+v", err, got)
				}
			}
		})
		group.Go(func() {
			for !stop.Load() {
				if got, err := c.call("studio/echo"); err != nil || got.status != 200 && (got.Error == nil || !got.Error.Retryable) {
					problems <- fmt.Errorf("further calls: %w %+v", err, got)
				}
			}
		})
	}
	for range flying {
		calls.Go(func() {
			if got, err := c.call("studio/wait"); err != nil || got.Error == nil || !got.Error.Retryable || got.status != 502 && got.status != 503 {
				problems <- fmt.Errorf("calls in flight: %w %+v %+v", err, got, got.Error)
			}
		})
	}
	eventually(ts, "calls are in flight", func() (bool, error) {
		n, err := c.metric(`conduit_calls_in_flight{provider="studio"}`)
		return n >= flying, err
	})
	process, err := os.FindProcess(victim)
	ts.Check(err)
	ts.Check(process.Kill())
	calls.Wait()
	eventually(ts, "the provider runs again", func() (bool, error) { n := pid(); return n != 0 && n != victim, nil })
	stop.Store(true)
	group.Wait()
	c.client.CloseIdleConnections()
	close(problems)
	for problem := range problems {
		ts.Fatalf("%v", problem)
	}
}

// load N makes N calls over 64 connections: none fails, and nothing is left of them in the gateway: no descriptors, no goroutines.
func load(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	const (
		connections = 64
		slack       = 10 // the runtime's own come and go
	)
	round := func(calls int) {
		c := newCaller(ts, connections)
		var next, failed atomic.Int64
		var group sync.WaitGroup
		for range connections {
			group.Go(func() {
				for next.Add(1) <= int64(calls) {
					if got, err := c.call("other/echo"); err != nil || got.status != 200 || got.Outputs[0].Text != "text moo" {
						failed.Add(1)
					}
				}
			})
		}
		group.Wait()
		c.client.CloseIdleConnections()
		if failed.Load() > 0 {
			ts.Fatalf("%d of %d calls failed", failed.Load(), calls)
		}
	}
	// The first round makes what stays: the provider's process and its connection.
	round(connections)
	c := newCaller(ts, 1)
	names := []string{"go_goroutines", "process_open_fds"}
	before := map[string]float64{}
	for _, name := range names {
		before[name], err = c.metric(name)
		ts.Check(err)
	}
	round(n)
	for _, name := range names {
		eventually(ts, fmt.Sprintf("%s is about %g again", name, before[name]), func() (bool, error) {
			now, err := c.metric(name)
			return now <= before[name]+slack, err
		})
	}
}
