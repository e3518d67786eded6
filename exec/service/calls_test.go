package service

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"strings"
	"sync"
	"testing"
)

// countCalls puts a proxy before the Docker engine and returns the requests that have gone through since the last call.
func countCalls(t *testing.T) func() []string {
	t.Helper()
	d := &dockerDriver{}
	if _, err := d.connect(context.Background()); err != nil {
		t.Fatal(err)
	}
	host := d.cli.DockerEndpoint().Host
	d.close()
	network, address, _ := strings.Cut(host, "://")
	var mu sync.Mutex
	var calls []string
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", "docker"
			mu.Lock()
			defer mu.Unlock()
			calls = append(calls, r.In.Method+" "+r.In.URL.Path)
		},
		FlushInterval: -1,
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, address)
		}},
	}
	server := httptest.NewServer(proxy)
	t.Cleanup(server.Close)
	t.Setenv("DOCKER_HOST", "tcp://"+server.Listener.Addr().String())
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := calls
		calls = nil
		return out
	}
}

// TestOneCall lists services in one call to the engine, besides the one that asks for its version, however many run.
func TestOneCall(t *testing.T) {
	needEngine(t)
	first := pack(t, nil)
	calls := countCalls(t)
	m := manager(t, Auto, first)
	list := func(want int) []string {
		calls()
		all, err := m.List(context.Background(), first.Project)
		if err != nil || len(all) != want {
			t.Fatalf("%d services, want %d: %v", len(all), want, err)
		}
		for _, s := range all {
			if s.Health != Healthy || s.Started.IsZero() || s.Address() == "" || s.Image == "" && s.Driver == Docker {
				t.Errorf("%+v", s)
			}
		}
		return calls()
	}
	up(t, m, first)
	one := list(1)
	var group sync.WaitGroup
	for i := range 20 {
		spec := first
		spec.Name = fmt.Sprintf("other%d", i)
		spec.Driver = []string{Docker, Process, Process, Process, Process}[i%5]
		group.Go(func() {
			if _, err := m.Up(context.Background(), spec); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	all := list(21)
	if len(one) != 2 || len(all) != len(one) {
		t.Errorf("calls for one service: %q; for 21: %q", one, all)
	}
}

func TestRunningFor(t *testing.T) {
	for text, want := range map[string]string{
		"Up Less than a second":           "0s",
		"Up 1 second":                     "1s",
		"Up 59 seconds (healthy)":         "59s",
		"Up About a minute":               "1m0s",
		"Up 3 minutes (health: starting)": "3m0s",
		"Up About an hour":                "1h0m0s",
		"Up 47 hours":                     "47h0m0s",
		"Up 2 weeks":                      "336h0m0s",
	} {
		if got, ok := runningFor(text); !ok || got.String() != want {
			t.Errorf("%s: %s %v", text, got, ok)
		}
	}
	for _, text := range []string{"Exited (0) 3 seconds ago", "Up", "Created", "Restarting (1) 5 seconds ago"} {
		if got, ok := runningFor(text); ok {
			t.Errorf("%s: %s", text, got)
		}
	}
}
