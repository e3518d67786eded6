package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

const token = "planted-token-0123456789"

func TestTokens(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Tokens = []string{token, "the-next-token-0123456789"} })
	for _, route := range gateway.Patterns() {
		method, path, _ := strings.Cut(route, " ")
		got := s.ask(method, strings.NewReplacer("{name}", "studio", "{id}", "job_1", "{number}", "0", "{model...}", "a").Replace(path), "")
		open := path == "/healthz" || path == "/readyz" || path == "/openapi.json" || path == "/files/{name}"
		if (got.StatusCode != 401) != open || !open && got.Header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s without a token: %d %s", route, got.StatusCode, got.body)
		}
	}
	for header, want := range map[string]int{"Bearer " + token: 200, "Bearer the-next-token-0123456789": 200, "Bearer " + token + "x": 401, "Bearer ": 401, token: 401, "Basic " + token: 401} {
		s.ask("GET", "/api/v1/providers", "", "Authorization", header).want(t, want)
	}
}

func TestListen(t *testing.T) {
	t.Parallel()
	if _, err := gateway.Listen(t.Context(), "conduit serve", "0.0.0.0:0", nil); report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "--token-file token") {
		t.Errorf("got %v", err)
	}
	l, err := gateway.Listen(t.Context(), "conduit serve", "0.0.0.0:0", []string{token})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := gateway.CheckTokens([]string{"secret"}); report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "openssl rand -hex 32") {
		t.Errorf("got %v", err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) {
		o.Origins, o.Names = []string{"https://mine.example"}, []string{"box.internal"}
	})
	port := s.url[strings.LastIndex(s.url, ":"):]
	for host, want := range map[string]int{"evil.example" + port: 403, "localhost" + port: 200, "studio.localhost" + port: 200, "127.0.0.1": 200, "[::1]" + port: 200, "box.internal": 200, "LOCALHOST.": 200, "169.254.169.254": 403} {
		s.ask("GET", "/api/v1/providers", "", "Host", host).want(t, want)
	}
	s.ask("GET", "/api/v1/providers", "", "Host", "evil.example").want(t, 403, "--allow-host evil.example")
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"moo"}`, "Origin", "https://evil.example").want(t, 403, "--cors https://evil.example")
	s.ask("GET", "/api/v1/providers", "", "Sec-Fetch-Site", "cross-site").want(t, 403)
	s.ask("GET", "/api/v1/providers", "", "Origin", s.url).want(t, 200)
	if got := s.ask("GET", "/api/v1/providers", "", "Origin", "https://mine.example").want(t, 200); got.Header.Get("Access-Control-Allow-Origin") != "https://mine.example" {
		t.Errorf("got %v", got.Header)
	}
	if got := s.ask("OPTIONS", "/api/v1/transform", "", "Origin", "https://mine.example", "Access-Control-Request-Method", "POST").want(t, 204); !strings.Contains(got.Header.Get("Access-Control-Allow-Headers"), "Authorization") {
		t.Errorf("got %v", got.Header)
	}
	s.ask("OPTIONS", "/api/v1/transform", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST").want(t, 403)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.MaxBody, o.Concurrency = 1<<20, 2 })
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"`+strings.Repeat("a", 1<<20)+`"}`).want(t, 413, "--max-body", `"kind":"too-large"`)
	begun := make(chan struct{}, 2)
	end := make(chan struct{})
	s.host.answer = func(ctx context.Context, _ project.RunRequest) (plugin.Response, error) {
		begun <- struct{}{}
		<-end
		return plugin.Response{Outputs: []plugin.Media{plugin.Text("done")}}, nil
	}
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"moo"}`).want(t, 200) })
	}
	<-begun
	<-begun
	if got := s.ask("POST", "/v1/chat/completions", `{}`).want(t, 429, `"type":"rate_limit_error"`, "--concurrency"); got.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %s", got.Header.Get("Retry-After"))
	}
	s.ask("GET", "/api/v1/providers", "").want(t, 200)
	close(end)
	group.Wait()
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"moo"}`).want(t, 200)
}

// TestGone: a client that goes away cancels its call.
func TestGone(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	begun, cancelled := make(chan struct{}), make(chan struct{})
	s.host.answer = func(ctx context.Context, _ project.RunRequest) (plugin.Response, error) {
		close(begun)
		<-ctx.Done()
		close(cancelled)
		return plugin.Response{}, ctx.Err()
	}
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, "POST", s.url+"/api/v1/transform", strings.NewReader(`{"model":"studio/echo","text":"moo"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	go func() {
		<-begun
		cancel()
	}()
	if resp, err := http.DefaultClient.Do(r); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		t.Error("it was answered")
	}
	<-cancelled
}

// kept is a log that tests read.
type kept struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (k *kept) Write(data []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.Write(data)
}

func (k *kept) String() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.text.String()
}

// TestTelemetry: metrics, spans and the log tell of requests and calls, and nothing of what is in them.
func TestTelemetry(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	log := &kept{}
	s := serve(t, func(o *gateway.Options) {
		o.Traces = trace.NewTracerProvider(trace.WithSyncer(spans))
		o.Log, o.Tokens = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), []string{token}
	})
	auth := []string{"Authorization", "Bearer " + token, "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "X-Request-Id", "mine"}
	s.ask("POST", "/api/v1/transform", `{"model":"studio/echo","text":"planted-prompt"}`, auth...).want(t, 200)
	s.ask("POST", "/api/v1/transform", `{"model":"studio/crash","text":"planted-prompt"}`, auth...).want(t, 502)
	metrics := s.ask("GET", "/metrics", "", auth...).want(t, 200,
		`conduit_http_requests_total{code="200",route="POST /api/v1/transform"} 1`, `conduit_calls_total{outcome="ok",provider="studio"} 1`,
		`conduit_calls_total{outcome="provider",provider="studio"} 1`, `conduit_calls_in_flight{provider="studio"} 0`, "conduit_jobs_waiting 0", "go_goroutines")
	var told strings.Builder
	told.Write(metrics.body)
	told.WriteString(log.String())
	found := map[string]bool{}
	for _, span := range spans.GetSpans() {
		found[span.Name] = true
		if span.SpanContext.TraceID().String() != "0af7651916cd43dd8448eb211c80319c" {
			t.Errorf("%s is of the trace %s", span.Name, span.SpanContext.TraceID())
		}
		for _, a := range span.Attributes {
			told.WriteString(a.Value.String())
		}
		told.WriteString(span.Status.Description)
	}
	if !found["call studio"] || !found["POST /api/v1/transform"] {
		t.Errorf("spans: %v", found)
	}
	for _, want := range []string{`"request":"mine"`, `"route":"POST /api/v1/transform","status":502`, `"retryable":true`, `"trace":"0af7651916cd43dd8448eb211c80319c"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%s is not in\n%s", want, log.String())
		}
	}
	for _, secret := range []string{token, "planted-prompt"} {
		if strings.Contains(told.String(), secret) {
			t.Errorf("%s is told", secret)
		}
	}
}

// TestSlowBody: a request whose body does not come is answered, and holds nothing.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := serve(t, func(o *gateway.Options) { o.Timeout = 20 * time.Millisecond })
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "POST /api/v1/transform HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != 504 || !strings.Contains(string(body), "did not arrive in time") {
		t.Errorf("%v: %d %s", err, resp.StatusCode, body)
	}
}
