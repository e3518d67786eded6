package telemetry_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/gateway/telemetry"
	"github.com/MediaConduit/conduit/report"
)

// TestOpenTraces: spans arrive at a collector that the environment names, and without one none are made.
func TestOpenTraces(t *testing.T) {
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "")
	if traces, shut, err := telemetry.OpenTraces(t.Context(), "1.2.3"); traces != nil || err != nil || shut(t.Context()) != nil {
		t.Errorf("got %v, %v", traces, err)
	}
	var mu sync.Mutex
	var got bytes.Buffer
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		got.WriteString(r.URL.Path)
		_, _ = io.Copy(&got, r.Body) // what is missing is looked for below
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	traces, shut, err := telemetry.OpenTraces(t.Context(), "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	_, end := telemetry.New(traces).Call(t.Context(), "studio", "echo", "text-to-text")
	end(&report.Error{Kind: report.Provider, What: "planted-words"})
	if err := shut(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, want := range []string{"/v1/traces", "call studio", "conduit.model", "echo", "1.2.3", "provider"} {
		if !bytes.Contains(got.Bytes(), []byte(want)) {
			t.Errorf("%q did not arrive", want)
		}
	}
	if bytes.Contains(got.Bytes(), []byte("planted-words")) {
		t.Error("the words of an error arrived")
	}
}
