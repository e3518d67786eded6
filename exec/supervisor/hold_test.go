package supervisor_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
)

// load is traffic through a held address.
type load struct {
	t      *testing.T
	url    string
	client *http.Client
	prefix string
	next   atomic.Int32
	done   atomic.Int32
}

func newLoad(t *testing.T, port int, prefix string) *load {
	tr := &http.Transport{MaxIdleConnsPerHost: 100}
	t.Cleanup(tr.CloseIdleConnections)
	return &load{t: t, url: fmt.Sprintf("http://127.0.0.1:%d/answer/", port), client: &http.Client{Transport: tr}, prefix: prefix}
}

// send makes requests at many at a time, by the methods in turn, until there were so many in all; each must be answered,
// with its own name.
func (l *load) send(requests, clients int32, methods ...string) {
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for {
				n := l.next.Add(1)
				if n > requests {
					return
				}
				id := fmt.Sprintf("%s%d", l.prefix, n)
				req, _ := http.NewRequest(methods[int(n)%len(methods)], l.url+id, nil)
				resp, err := l.client.Do(req)
				if err != nil {
					l.t.Errorf("request %s was lost: %v", id, err)
					continue
				}
				text, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil || resp.StatusCode != http.StatusOK || string(text) != id {
					l.t.Errorf("request %s: %s: %s %v", id, resp.Status, text, err)
				}
				l.done.Add(1)
			}
		})
	}
	group.Wait()
}

// answered counts how often the instances of a service have handled each request.
func (w *world) answered(name string) map[string]int {
	w.t.Helper()
	counts := map[string]int{}
	count := func(line string) {
		if id, ok := strings.CutPrefix(line, "answered "); ok {
			counts[id]++
		}
	}
	if w.driver == service.Docker {
		if err := w.manager.Logs(context.Background(), w.project, name, service.LogOptions{}, count); err != nil {
			w.t.Fatal(err)
		}
		return counts
	}
	found, err := filepath.Glob(filepath.Join(w.state, "services", "*", name, "data", "answered"))
	if err != nil || len(found) != 1 {
		w.t.Fatal(found, err)
	}
	file, err := os.Open(found[0])
	if err != nil {
		w.t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		count(lines.Text())
	}
	return counts
}

// TestHold sends 10,000 requests at 50 at a time through a held address while the service is restarted five times: every
// one is answered, and handled once. Then the service sleeps and wakes under load, and the same holds.
func TestHold(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		svc := w.add("app", nil)
		svc.Idle = 300 * time.Millisecond
		s, stop := w.start(supervisor.Options{Hold: true})
		w.runs(s, "app")
		const requests, clients, restarts = 10_000, 50, 5
		traffic := newLoad(t, state(s, "app").Held, "r")
		c := supervisor.Find(w.state, w.project)
		var group sync.WaitGroup
		group.Go(func() { traffic.send(requests, clients, "GET", "POST") })
		seen := map[string]bool{}
		for i := range int32(restarts) {
			w.eventually("more requests are answered", func() bool { return traffic.done.Load() >= (i+1)*requests/(restarts+2) })
			if err := c.Restart(ctx, []string{"app"}); err != nil {
				t.Fatal(err)
			}
			seen[w.status("app").Address()] = true
		}
		group.Wait()
		if st := state(s, "app"); st.Restarts != restarts || len(seen) < 2 {
			t.Errorf("%+v, at %v", st, seen)
		}
		for round := range 3 {
			w.eventually("it sleeps", func() bool { return state(s, "app").State == supervisor.Idle && !w.status("app").Running })
			newLoad(t, state(s, "app").Held, fmt.Sprintf("s%d-", round)).send(clients, clients, "GET", "POST")
		}
		counts := w.answered("app")
		for _, phase := range []struct {
			prefix string
			n      int
		}{{"r", requests}, {"s0-", clients}, {"s1-", clients}, {"s2-", clients}} {
			for i := 1; i <= phase.n; i++ {
				if id := fmt.Sprintf("%s%d", phase.prefix, i); counts[id] != 1 {
					t.Errorf("request %s was handled %d times", id, counts[id])
				}
			}
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}

// TestCrash kills the service while idempotent requests are under way: all are answered.
func TestCrash(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, w *world) {
		w.add("app", nil)
		s, _ := w.start(supervisor.Options{Hold: true, Backoff: supervisor.Backoff{First: time.Millisecond, Most: time.Millisecond, Limit: 1000}})
		w.runs(s, "app")
		const requests, kills = 3_000, 3
		traffic := newLoad(t, state(s, "app").Held, "k")
		var group sync.WaitGroup
		group.Go(func() { traffic.send(requests, 20, "GET", "PUT", "DELETE") })
		for i := range kills {
			w.eventually("more requests are answered", func() bool { return int(traffic.done.Load()) >= (i+1)*requests/(kills+2) })
			w.runs(s, "app")
			w.kill("app")
			w.eventually("it is started again", func() bool { return state(s, "app").Restarts > i })
		}
		group.Wait()
	})
}

// listenLow listens on a port that neither systems give to connections nor conduit holds: when it is closed, the port stays free.
func listenLow(t *testing.T) net.Listener {
	t.Helper()
	for {
		l, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(10_000)))
		if err == nil {
			return l
		}
	}
}

// TestSameAddress keeps a service's address from one supervisor to the next, and uses a fixed port as one.
func TestSameAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, service.Process)
	w.add("app", nil)
	fixed := w.add("fixed", nil)
	l := listenLow(t)
	fixed.Spec.Port = l.Addr().(*net.TCPAddr).Port
	l.Close()
	ports := map[int]bool{}
	for range 2 {
		s, stop := w.start(supervisor.Options{Hold: true})
		w.runs(s, "app", "fixed")
		ports[state(s, "app").Held] = true
		if held := state(s, "fixed").Held; held != fixed.Spec.Port || w.status("fixed").Ports[0].Host == held {
			t.Errorf("the port that is fixed is %d, held is %d", fixed.Spec.Port, held)
		}
		if code, _, err := get(fmt.Sprintf("http://127.0.0.1:%d/health", state(s, "app").Held)); err != nil || code != http.StatusOK {
			t.Error(code, err)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	}
	if len(ports) != 1 {
		t.Errorf("the held port moved: %v", ports)
	}
}
