package gateway

import (
	_ "embed"
	"io"
	"net/http"
)

// healthz answers GET /healthz: the process serves.
func (g *Gateway) healthz(w http.ResponseWriter, _ *http.Request) error {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	return nil
}

// readyz answers GET /readyz: it takes work, and can store it.
func (g *Gateway) readyz(w http.ResponseWriter, _ *http.Request) error {
	if g.draining.Load() {
		return stopping()
	}
	if err := g.jobs.Check(); err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
	return nil
}

// metrics answers GET /metrics.
func (g *Gateway) metrics(w http.ResponseWriter, r *http.Request) error {
	g.telemetry.Metrics().ServeHTTP(w, r)
	return nil
}

//go:embed openapi.json
var document string

// document answers GET /openapi.json: a description of all routes, in OpenAPI 3.1.
func (g *Gateway) document(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "application/json")
	_, err := io.WriteString(w, document)
	return err
}
