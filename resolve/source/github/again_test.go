package github

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		statuses []int // of the answers; 0 drops the connection
		after    string
		want     int // the status that counts
		waits    int
	}{
		"at once":           {[]int{200}, "", 200, 0},
		"busy":              {[]int{503, 429, 200}, "", 200, 2},
		"dropped":           {[]int{0, 200}, "", 200, 1},
		"broken for good":   {[]int{500, 502, 504, 200}, "", 504, 2},
		"asks for patience": {[]int{429, 200}, "7", 200, 1},
		"asks for too much": {[]int{429, 200}, "86400", 429, 0},
		"refused":           {[]int{403, 200}, "", 403, 0},
	} {
		t.Run(name, func(t *testing.T) {
			// What a dropped connection was sent happens before the next request
			// for the client, but not for the memory model.
			var mu sync.Mutex
			var bodies []string
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				mu.Lock()
				defer mu.Unlock()
				bodies = append(bodies, string(body))
				status := tt.statuses[len(bodies)-1]
				if status == 0 {
					panic(http.ErrAbortHandler)
				}
				w.Header().Set("Retry-After", tt.after)
				w.WriteHeader(status)
			}))
			defer server.Close()
			var waits []time.Duration
			client := &http.Client{Transport: &again{next: &http.Transport{DisableKeepAlives: true}, wait: func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			}}}
			res, err := client.Post(server.URL, "text/plain", strings.NewReader("wants"))
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			if res.StatusCode != tt.want || len(waits) != tt.waits || len(bodies) != tt.waits+1 {
				t.Errorf("status %d after %v, %d requests", res.StatusCode, waits, len(bodies))
			}
			for _, b := range bodies {
				if b != "wants" {
					t.Errorf("a request had the body %q", b)
				}
			}
			if tt.after == "7" && waits[0] != 7*time.Second {
				t.Errorf("waited %v", waits)
			}
		})
	}
}

// GitHub says 403 where others say 429; an hour is too long to wait for. The host is told who asks.
func TestRateLimit(t *testing.T) {
	var agent atomic.Value
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agent.Store(r.UserAgent())
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	client := &http.Client{Transport: &again{next: http.DefaultTransport, wait: func(context.Context, time.Duration) error {
		t.Error("it waits")
		return nil
	}}}
	res, err := client.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if a, _ := agent.Load().(string); res.StatusCode != http.StatusTooManyRequests || !strings.HasPrefix(a, "git/2.0 (conduit/") {
		t.Errorf("status %d for %q", res.StatusCode, a)
	}
}
