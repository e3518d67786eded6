//go:build unix

package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
)

// chaos stands before a host and spoils some of its answers. What it does depends on the seed, the round and the request
// alone, not on the order in which requests come.
type chaos struct {
	host   string // of the host, "http://…"
	seed   uint64
	server *httptest.Server

	mu     sync.Mutex
	round  int
	rate   float64        // of answers that are spoilt
	asked  map[string]int // how often in this round, by request
	known  sync.Map       // answers by request: git starts programs for each
	spoilt atomic.Int64
}

func newChaos(t *testing.T, host string, seed uint64) *chaos {
	c := &chaos{host: host, seed: seed, asked: map[string]int{}}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// start begins a round in which about rate of all answers are spoilt.
func (c *chaos) start(round int, rate float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round, c.rate = round, rate
	clear(c.asked)
}

// draw returns the random numbers for a request, and whether its answer is spoilt.
func (c *chaos) draw(r *http.Request) (*rand.Rand, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what := r.Method + " " + r.URL.Path
	c.asked[what]++
	h := fnv.New64a()
	fmt.Fprintln(h, c.round, what, c.asked[what])
	rnd := rand.New(rand.NewPCG(c.seed, h.Sum64()))
	return rnd, rnd.Float64() < c.rate
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rnd, bad := c.draw(r)
	if bad {
		c.spoilt.Add(1)
	}
	kind := rnd.IntN(8)
	if bad && kind < 3 {
		status := []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests}[kind]
		http.Error(w, "chaos", status)
		return
	}
	if bad && kind == 3 {
		reset(w)
		return
	}
	header, status, body, err := c.forward(r)
	if err != nil {
		reset(w)
		return
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if bad && len(body) > 0 {
		at := rnd.IntN(len(body))
		switch kind {
		case 4: // cut, and the connection with it
			w.WriteHeader(status)
			_, _ = w.Write(body[:at])
			panic(http.ErrAbortHandler)
		case 5: // cut, and nobody says so
			body = body[:at]
			w.Header().Set("Content-Length", strconv.Itoa(at))
		case 6:
			body[at] ^= 1 << rnd.IntN(8)
		case 7:
			time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// answered is what a host answered.
type answered struct {
	header http.Header
	status int
	body   []byte
}

// forward is the host's own answer. A host that nobody publishes at has one for each request.
func (c *chaos) forward(r *http.Request) (http.Header, int, []byte, error) {
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, 0, nil, err
	}
	key := fmt.Sprint(r.Method, r.URL.RequestURI(), r.Header, string(sent))
	if a, ok := c.known.Load(key); ok {
		return a.(answered).header, a.(answered).status, bytes.Clone(a.(answered).body), nil
	}
	q, err := http.NewRequestWithContext(r.Context(), r.Method, c.host+r.URL.RequestURI(), bytes.NewReader(sent))
	if err != nil {
		return nil, 0, nil, err
	}
	q.Header = r.Header.Clone()
	answer, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		return nil, 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil {
		c.known.Store(key, answered{answer.Header, answer.StatusCode, bytes.Clone(body)})
	}
	return answer.Header, answer.StatusCode, body, err
}

// reset closes the connection as a host that crashed does.
func reset(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// chaosSyncs is how many syncs TestChaos makes.
const chaosSyncs = 500

// chaosExits are the exit codes that docs promise for what a network can do: 4 for other bytes, 6 for none, and 1 where a list of
// refs, over which git has no sum, lacks what is locked.
var chaosExits = []int{0, 1, 4, 6}

// TestChaos syncs with empty and half-filled caches while the git host and the registry answer late, in part, wrongly, with
// errors or not at all. A sync that succeeds leaves what one without faults leaves; one that fails says so with a documented exit
// code; whatever is in the cache afterwards is whole; and without faults the same command succeeds. CONDUIT_CHAOS_SEED chooses
// other faults.
func TestChaos(t *testing.T) {
	t.Parallel()
	git, npm := disturbed(t)
	seed := seedOf(t, "CONDUIT_CHAOS_SEED", 1) // the same in every run, so that a change is to blame for what fails; make fuzz takes others

	const workers = 10 // most of them wait for their next attempt
	var group sync.WaitGroup
	var exits [7]atomic.Int64
	var spoilt atomic.Int64
	for i := range workers {
		m := newMachine(t, git, npm)
		hosts := []*chaos{newChaos(t, git.URL, seed+uint64(i)), newChaos(t, npm.URL(), seed+uint64(i))}
		config := filepath.Join(filepath.Dir(m.project), "gitconfig")
		if err := os.WriteFile(config, []byte(strings.ReplaceAll(git.GitConfig(), git.URL, hosts[0].server.URL)), 0o666); err != nil {
			t.Fatal(err)
		}
		m.env = append(m.env, "npm_config_registry="+hosts[1].server.URL+"/")
		group.Go(func() {
			m.suffer(hosts, chaosSyncs/workers, rand.New(rand.NewPCG(seed, uint64(i))), func(exit int) { exits[exit].Add(1) })
			for _, h := range hosts {
				spoilt.Add(h.spoilt.Load())
			}
		})
	}
	group.Wait()
	t.Logf("%d answers were spoilt; %d syncs succeeded, %d failed with exit code 4, %d with 6, %d with 1", spoilt.Load(), exits[0].Load(), exits[4].Load(), exits[6].Load(), exits[1].Load())
	if t.Failed() {
		return
	}
	if exits[0].Load() < chaosSyncs/10 || exits[4].Load()+exits[6].Load() < chaosSyncs/20 {
		t.Error("these are no faults that some syncs survive and others do not")
	}
}

// suffer makes n syncs, each against hosts that spoil another part of their answers.
func (m *machine) suffer(hosts []*chaos, n int, rnd *rand.Rand, count func(exit int)) {
	for _, h := range hosts {
		h.start(-1, 0)
	}
	if _, ok := m.conduit("lock"); !ok {
		return
	}
	m.cold()
	if _, ok := m.conduit("sync", "--locked"); !ok {
		return
	}
	whole := needed(m.content())
	for i := range n {
		m.forget(rnd)
		for _, h := range hosts {
			h.start(i, []float64{0.05, 0.2, 0.6}[rnd.IntN(3)])
		}
		out, err := m.command("sync", "--locked").CombinedOutput()
		exit := 0
		if e, ok := err.(*exec.ExitError); ok {
			exit = e.ExitCode()
		} else if err != nil {
			m.t.Error(err)
			return
		}
		if !slices.Contains(chaosExits, exit) || exit != 0 && !bytes.Contains(out, []byte("next: ")) {
			m.t.Errorf("round %d: exit code %d\n%s", i, exit, out)
			return
		}
		count(exit)
		if !m.intact(i, exit, whole, out) {
			return
		}
	}
	for _, h := range hosts {
		h.start(n, 0)
	}
	// What is built needs its sources no more, so that the same files as at first are there only after a sync from nothing.
	if out, ok := m.conduit("sync", "--locked"); !ok || !m.intact(n, 0, whole, []byte(out)) {
		return
	}
	m.cold()
	m.recovers(whole, "without faults")
}

// forget leaves the cache as it is, empties it, or takes one kind of entries out of it.
func (m *machine) forget(rnd *rand.Rand) {
	m.t.Helper()
	kinds := []string{"module", "library", "artifact", "meta"}
	switch i := rnd.IntN(2 * len(kinds)); {
	case i < len(kinds):
		for _, dir := range []string{filepath.Join("record", kinds[i]), kinds[i]} {
			if err := cache.RemoveAll(filepath.Join(m.cache, dir)); err != nil {
				m.t.Error(err)
			}
		}
	default:
		m.cold()
	}
}

// intact checks what a sync left: nothing that is damaged, and all of it where the sync succeeded.
func (m *machine) intact(round, exit int, whole []string, out []byte) bool {
	m.t.Helper()
	c, err := cache.Open(m.cache)
	if err != nil {
		m.t.Error(err)
		return false
	}
	if err := c.Verify(m.t.Context()); err != nil {
		m.t.Errorf("round %d, exit code %d: %v\n%s", round, exit, err, out)
		return false
	}
	if exit != 0 {
		return true
	}
	got := needed(m.content())
	for _, path := range whole {
		if strings.HasPrefix(path, "artifact") && !slices.Contains(got, path) {
			m.t.Errorf("round %d: the cache lacks %s\n%s", round, path, out)
			return false
		}
	}
	if round%5 > 0 { // the rest of verify --deep compares the cache with the lock, as the sync has
		return true
	}
	if _, ok := m.conduit("verify", "--deep"); !ok {
		m.t.Errorf("round %d\n%s", round, out)
		return false
	}
	return true
}
