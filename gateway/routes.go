package gateway

import (
	"net/http"

	"github.com/MediaConduit/conduit/gateway/call"
)

// handler answers a request, or returns the error that is to be told.
type handler func(http.ResponseWriter, *http.Request) error

// route is a method and a path with what answers it.
type route struct {
	pattern string // as http.ServeMux has it: "GET /api/v1/jobs/{id}"
	serve   handler
	counted bool // it calls a model while the client waits, and so counts among the calls at once
}

// routes are all that the gateway answers.
func (g *Gateway) routes() []route {
	return []route{
		{"GET /api/v1/providers", g.listProviders, false},
		{"GET /api/v1/providers/{name}/health", g.providerHealth, false},
		{"GET /api/v1/models", g.listModels, false},
		{"GET /api/v1/services", g.listServices, false},
		{"POST /api/v1/transform", g.transform, true},
		{"POST /api/v1/jobs", g.submitJob, false},
		{"GET /api/v1/jobs", g.listJobs, false},
		{"GET /api/v1/jobs/{id}", g.readJob, false},
		{"DELETE /api/v1/jobs/{id}", g.removeJob, false},
		{"POST /api/v1/jobs/{id}/cancel", g.cancelJob, false},
		{"GET /api/v1/jobs/{id}/events", g.jobEvents, false},
		{"GET /api/v1/jobs/{id}/outputs/{number}", g.jobOutput, false},
		{"GET " + call.FilesPath + "{name}", g.readFile, false},
		{"GET /v1/models", g.openai.Models, false},
		{"GET /v1/models/{model...}", g.openai.Model, false},
		{"POST /v1/chat/completions", g.openai.Chat, true},
		{"POST /v1/images/generations", g.openai.Images, true},
		{"POST /v1/audio/speech", g.openai.Speech, true},
		{"POST /v1/audio/transcriptions", g.openai.Transcriptions, true},
		{"POST /v1/audio/translations", g.openai.Translations, true},
		{"GET /healthz", g.healthz, false},
		{"GET /readyz", g.readyz, false},
		{"GET /metrics", g.metrics, false},
		{"GET /openapi.json", g.document, false},
	}
}

// open are the routes that need no token: they tell nothing of the project, or have names that nobody can guess.
var open = map[string]bool{"GET /healthz": true, "GET /readyz": true, "GET /openapi.json": true, "GET " + call.FilesPath + "{name}": true}
