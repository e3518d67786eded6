package gateway_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// host is a project's providers as tests want them.
type host struct {
	mu     sync.Mutex
	asked  int // for models
	calls  []project.RunRequest
	models map[string][]plugin.Model
	answer func(ctx context.Context, req project.RunRequest) (plugin.Response, error)
}

func (h *host) Providers() []string { return slices.Sorted(maps.Keys(h.models)) }

func (h *host) Models(_ context.Context, capability string) ([]project.Model, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	var out []project.Model
	for _, name := range h.Providers() {
		for _, m := range h.models[name] {
			if capability == "" || slices.Contains(m.Capabilities, capability) {
				out = append(out, project.Model{Provider: name, Model: m})
			}
		}
	}
	return out, nil
}

func (h *host) Health(_ context.Context, provider string) (plugin.Health, error) {
	if provider == "ill" {
		return plugin.Health{}, &report.Error{Kind: report.Provider, What: "it cannot tell its health", Retryable: true}
	}
	return plugin.Health{Available: true, Message: "well"}, nil
}

func (h *host) Transform(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
	h.mu.Lock()
	h.calls = append(h.calls, req)
	h.mu.Unlock()
	return h.answer(ctx, req)
}

func (h *host) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.calls)
}

func (h *host) last(t *testing.T) project.RunRequest {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.calls) == 0 {
		t.Fatal("nothing was called")
	}
	return h.calls[len(h.calls)-1]
}

// studio answers as the models of [newHost] do.
func studio(ctx context.Context, req project.RunRequest) (plugin.Response, error) {
	if req.Progress == nil {
		req.Progress = func(plugin.Progress) {}
	}
	text := ""
	if len(req.Inputs) > 0 {
		text = req.Inputs[0].Text
	}
	switch req.Model {
	case "echo", "":
		return plugin.Response{Outputs: []plugin.Media{plugin.Text("text " + text)}, Metadata: map[string]any{"usage": map[string]any{"promptTokens": 3.0, "completionTokens": 4.0}}}, nil
	case "tell":
		for _, piece := range []string{"once ", "upon "} {
			req.Progress(plugin.Progress{Fraction: -1, Partial: piece})
		}
		req.Progress(plugin.Progress{Fraction: 0.5, Message: "half"})
		return plugin.Response{Outputs: []plugin.Media{plugin.Text("once upon a time")}}, nil
	case "draw":
		return plugin.Response{Outputs: []plugin.Media{{Type: "image", MIME: "image/png", Data: []byte("\x89PNG drawn: " + text)}}}, nil
	case "large":
		path := filepath.Join(req.OutputDir, "large.png")
		if err := os.WriteFile(path, bytes.Repeat([]byte("large"), plugin.MaxInline), 0o600); err != nil {
			return plugin.Response{}, err
		}
		return plugin.Response{Outputs: []plugin.Media{{Type: "image", MIME: "image/png", Path: path}}}, nil
	case "say":
		return plugin.Response{Outputs: []plugin.Media{{Type: "audio", MIME: "audio/mpeg", Data: []byte("ID3 " + text)}}}, nil
	case "hear":
		data, err := content(req.Inputs[0])
		return plugin.Response{Outputs: []plugin.Media{{Type: "text", Text: fmt.Sprintf("heard %d bytes", len(data)), Metadata: map[string]any{
			"language": "en", "segments": []any{map[string]any{"start": 0.0, "end": 61.5, "text": " heard "}}}}}}, err
	case "wait":
		<-ctx.Done()
		return plugin.Response{}, ctx.Err()
	case "panic":
		panic("it fell over")
	case "crash":
		return plugin.Response{}, &report.Error{Kind: report.Provider, Where: "provider studio", What: "it was ended by a signal", Next: "conduit logs studio", Retryable: true}
	case "refuse":
		return plugin.Response{}, &report.Error{Kind: report.Provider, What: "its model failed", Err: &plugin.CallError{Kind: "INPUT", Message: "too long"}}
	}
	return plugin.Response{}, errors.New("no model " + req.Model)
}

func content(m plugin.Media) ([]byte, error) {
	if m.Path != "" {
		return os.ReadFile(m.Path)
	}
	return m.Data, nil
}

func newHost() *host {
	model := func(id, capability string) plugin.Model {
		from, to, _ := strings.Cut(capability, "-to-")
		return plugin.Model{ID: id, Name: id, Capabilities: []string{capability}, InputTypes: []string{from}, OutputTypes: []string{to}}
	}
	return &host{answer: studio, models: map[string][]plugin.Model{
		"ill":    {model("echo", "text-to-text")},
		"studio": {model("echo", "text-to-text"), model("tell", "text-to-text"), model("draw", "text-to-image"), model("large", "text-to-image"), model("say", "text-to-audio"), model("hear", "audio-to-text"), model("wait", "text-to-text")},
	}}
}

// served is a gateway that is served.
type served struct {
	t    *testing.T
	host *host
	url  string
	dir  string
}

// serve serves a gateway until the test ends.
func serve(t *testing.T, change func(*gateway.Options)) *served {
	t.Helper()
	s := &served{t: t, host: newHost(), dir: t.TempDir()}
	opts := gateway.Options{Host: s.host, Dir: s.dir, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	if change != nil {
		change(&opts)
	}
	g, err := gateway.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	l, err := gateway.Listen(t.Context(), "conduit serve", "127.0.0.1:0", opts.Tokens)
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		err := <-done
		if opts.Drain != 0 && report.KindOf(err) == report.Timeout { // what does not end was told to
			err = nil
		}
		if err := errors.Join(err, g.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// answer is a response with its body.
type answer struct {
	*http.Response
	body []byte
}

// ask makes a request: header are names and values in turn.
func (s *served) ask(method, path, body string, header ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		conforms(s.t, method, path, resp.StatusCode, data)
	}
	return answer{resp, data}
}

// want checks a response's status and that its body has texts.
func (a answer) want(t *testing.T, status int, texts ...string) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("status %d, want %d: %s", a.StatusCode, status, a.body)
	}
	for _, text := range texts {
		if !bytes.Contains(a.body, []byte(text)) {
			t.Errorf("%q is not in\n%s", text, a.body)
		}
	}
	return a
}

// read reads a body's JSON into v.
func (a answer) read(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}
