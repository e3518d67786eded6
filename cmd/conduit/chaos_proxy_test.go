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
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// chaos stands before a host and spoils some of its answers. What it does depends on the seed, the round and the request
// alone, not on the order in which requests come.
type chaos struct {
	host      string // of the host, "http://…"
	seed      uint64
	server    *httptest.Server
	elsewhere [2]string // where package documents say that tarballs are, and where they say it here; no tarballs are here then

	mu     sync.Mutex
	round  int
	rate   float64        // of answers that are spoilt
	chosen bool           // versions are chosen in this round, see believed
	asked  map[string]int // how often in this round, by request
	known  sync.Map       // answers by request: git starts programs for each
	spoilt atomic.Int64
}

func newChaos(t *testing.T, host string, seed uint64) *chaos {
	c := &chaos{host: strings.TrimSuffix(host, "/"), seed: seed, asked: map[string]int{}, round: calm}
	c.server = httptest.NewServer(c)
	t.Cleanup(c.server.Close)
	return c
}

// calm is the round before the first, in which hosts may still change.
const calm = -1

// start begins a round in which about rate of all answers are spoilt, and versions are chosen or not.
func (c *chaos) start(round int, rate float64, chosen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.round, c.rate, c.chosen = round, rate, chosen
	clear(c.asked)
}

// believed tells whether nothing but the connection vouches for the answer: lists of what there is have no sum, so that where
// versions are chosen, a byte in them that was changed past TLS counts. TLS makes of it a connection that ends.
func believed(r *http.Request) bool {
	path := r.URL.Path
	for _, list := range []string{"/info/refs", "/refs.json", "/document.json", "/conduit-mirror.json"} {
		if strings.HasSuffix(path, list) {
			return true
		}
	}
	summed := []string{"/-/", "/git-upload-pack", "/v2/", ".pack", ".tgz", "/lookup/", "/tile/", "/latest", "/api/"}
	for _, part := range summed {
		if strings.Contains(path, part) {
			return false
		}
	}
	return true // a package document
}

// What is done to an answer. A list that is believed is not changed but cut.
const (
	wayReset = 3 + iota // below it: an error status
	wayCut
	wayShort
	wayChanged
	wayLate
	ways
)

// draw returns the random numbers for a request, and what is done to its answer, ways for nothing.
func (c *chaos) draw(r *http.Request) (*rand.Rand, int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	what := r.Method + " " + r.URL.Path
	c.asked[what]++
	h := fnv.New64a()
	fmt.Fprintln(h, c.round, what, c.asked[what])
	rnd := rand.New(rand.NewPCG(c.seed, h.Sum64()))
	if rnd.Float64() >= c.rate {
		return rnd, ways
	}
	way := rnd.IntN(ways)
	if way == wayChanged && c.chosen && believed(r) {
		way = wayCut
	}
	return rnd, way
}

func (c *chaos) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rnd, way := c.draw(r)
	if way < ways {
		c.spoilt.Add(1)
	}
	if way < wayReset {
		status := []int{http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusTooManyRequests}[way]
		http.Error(w, "chaos", status)
		return
	}
	if way == wayReset {
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
	if r.Method != http.MethodHead {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	}
	if len(body) > 0 {
		at := rnd.IntN(len(body))
		switch way {
		case wayCut: // and the connection with it
			w.WriteHeader(status)
			_, _ = w.Write(body[:at])
			panic(http.ErrAbortHandler)
		case wayShort: // and nobody says so
			body = body[:at]
			w.Header().Set("Content-Length", strconv.Itoa(at))
		case wayChanged:
			body[at] ^= 1 << rnd.IntN(8)
		}
	}
	if way == wayLate {
		time.Sleep(time.Duration(rnd.IntN(20)) * time.Millisecond)
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
	c.mu.Lock()
	keep := c.round != calm
	c.mu.Unlock()
	key := fmt.Sprint(r.Method, r.URL.RequestURI(), r.Header, string(sent))
	if a, ok := c.known.Load(key); ok && keep {
		return a.(answered).header, a.(answered).status, bytes.Clone(a.(answered).body), nil
	}
	q, err := http.NewRequestWithContext(r.Context(), r.Method, c.host+r.URL.RequestURI(), bytes.NewReader(sent))
	if err != nil {
		return nil, 0, nil, err
	}
	q.Header = r.Header.Clone()
	if c.elsewhere[0] != "" {
		if strings.HasSuffix(r.URL.Path, ".tgz") {
			return http.Header{"Content-Type": {"application/json"}}, http.StatusNotFound, []byte(`{"error":"Not found"}`), nil
		}
		q.Header.Set("Accept-Encoding", "identity")
	}
	answer, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		return nil, 0, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if c.elsewhere[0] != "" {
		body = bytes.ReplaceAll(body, []byte(c.elsewhere[0]), []byte(c.elsewhere[1]))
	}
	if err == nil && keep {
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
