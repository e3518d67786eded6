package mcp

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
)

// bearer sends a token with each request.
type bearer string

func (b bearer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+string(b))
	return http.DefaultTransport.RoundTrip(r)
}

// serveHTTP serves a stage at an address until stop is called, and hands over how that ended.
func serveHTTP(t *testing.T, h *stage, opts HTTPOptions) (s *Server, address string, stop func(), ended chan error) {
	t.Helper()
	s, err := New(Options{Host: h})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- s.ServeHTTP(ctx, l, opts) }()
	return s, "http://" + l.Addr().String() + Path, stop, ended
}

// TestHTTP: calls by a client with the token; others, and pages of other sites, are refused; a stop lets a call end.
func TestHTTP(t *testing.T) {
	t.Parallel()
	running, release := make(chan struct{}), make(chan struct{})
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: func(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
		if req.Inputs[0].Text == "wait" {
			close(running)
			<-release
		}
		return echo(ctx, req)
	}}
	s, address, stop, ended := serveHTTP(t, h, HTTPOptions{Allowed: Tokens([]string{"a long secret token", "another"})})

	for name, headers := range map[string]map[string]string{
		"no token": {}, "wrong token": {"Authorization": "Bearer wrong"}, "foreign page": {"Authorization": "Bearer another", "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
		"another name": {"Authorization": "Bearer another", "Host": "evil.example"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(`{"jsonrpc":"2.0","id":1,"method":"tools/list"}`))
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range headers {
			r.Header.Set(key, value)
		}
		if host := headers["Host"]; host != "" {
			r.Host = host
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body) // for the message only
		resp.Body.Close()
		want := http.StatusUnauthorized
		if strings.HasPrefix(headers["Authorization"], "Bearer another") {
			want = http.StatusForbidden
		}
		if resp.StatusCode != want || want == http.StatusUnauthorized && !strings.Contains(string(text), "next: have the client send") {
			t.Errorf("%s: %s %s", name, resp.Status, text)
		}
	}

	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(),
		&sdk.StreamableClientTransport{Endpoint: address, HTTPClient: &http.Client{Transport: bearer("another")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, call(t, session, "a_b", map[string]any{"text": "moo"})); !strings.Contains(text, `"text":"moo"`) {
		t.Error(text)
	}
	answered := make(chan string, 1)
	go func() {
		r, err := session.CallTool(context.WithoutCancel(t.Context()), &sdk.CallToolParams{Name: "a_b", Arguments: map[string]any{"text": "wait"}})
		if err != nil || len(r.Content) != 1 {
			answered <- "none"
			return
		}
		answered <- r.Content[0].(*sdk.TextContent).Text
	}()
	<-running
	stop()
	close(release)
	if text := <-answered; !strings.Contains(text, `"text":"wait"`) {
		t.Errorf("the call that ran at the stop answered %s", text)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	_ = session.Close() // the server is gone
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestHTTPStops: a call that does not end by itself is cancelled at the end of the time for it.
func TestHTTPStops(t *testing.T) {
	t.Parallel()
	running := make(chan struct{})
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: func(ctx context.Context, _ project.RunRequest) (plugin.Response, error) {
		close(running)
		<-ctx.Done()
		return plugin.Response{}, ctx.Err()
	}}
	s, address, stop, ended := serveHTTP(t, h, HTTPOptions{Drain: time.Millisecond})
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(),
		&sdk.StreamableClientTransport{Endpoint: address}, nil)
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan bool, 1)
	go func() {
		r, err := session.CallTool(context.WithoutCancel(t.Context()), &sdk.CallToolParams{Name: "a_b", Arguments: map[string]any{"text": "wait"}})
		failed <- err != nil || r.IsError
	}()
	<-running
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if !<-failed {
		t.Error("the call was answered")
	}
	_ = session.Close() // the server is gone
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestStream: what a client writes on one line is answered on one line; the end of its messages ends the server.
func TestStream(t *testing.T) {
	t.Parallel()
	h := &stage{models: []project.Model{model("a", "b", "text", "text")}, do: echo}
	s, err := New(Options{Host: h})
	if err != nil {
		t.Fatal(err)
	}
	in, write := io.Pipe()
	read, out := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- s.ServeStream(t.Context(), in, out)
		_ = out.Close() // so that the client below sees an end in every case
	}()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test", Version: "1"}, nil).Connect(t.Context(), &sdk.IOTransport{Reader: read, Writer: write}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if text := textOf(t, call(t, session, "a_b", map[string]any{"text": "moo"})); !strings.Contains(text, `"text":"moo"`) {
		t.Error(text)
	}
	if err := session.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
