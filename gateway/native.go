package gateway

import (
	"net/http"
	"slices"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/project"
)

// listProviders answers GET /api/v1/providers.
func (g *Gateway) listProviders(w http.ResponseWriter, _ *http.Request) error {
	type provider struct {
		Name string `json:"name"`
	}
	out := []provider{}
	for _, name := range g.opts.Host.Providers() {
		out = append(out, provider{name})
	}
	writeJSON(w, http.StatusOK, map[string]any{"providers": out})
	return nil
}

// providerHealth answers GET /api/v1/providers/{name}/health. A provider that cannot do work is no error of the request.
func (g *Gateway) providerHealth(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if !slices.Contains(g.opts.Host.Providers(), name) {
		return failure.NotFound("there is no provider "+name, "name one of GET /api/v1/providers")
	}
	health, err := g.opts.Host.Health(r.Context(), name)
	if err != nil {
		return err
	}
	writeJSON(w, http.StatusOK, health)
	return nil
}

// listModels answers GET /api/v1/models.
func (g *Gateway) listModels(w http.ResponseWriter, r *http.Request) error {
	models, err := g.caller.Catalogue.Models(r.Context(), r.URL.Query().Get("capability"))
	if err != nil {
		return err
	}
	if models == nil {
		models = []project.Model{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"models": models})
	return nil
}

// serviceState is a service as clients see it.
type serviceState struct {
	Name    string `json:"name"`
	Running bool   `json:"running"`
	Health  string `json:"health,omitempty"`
	State   string `json:"state,omitempty"`
	Address string `json:"address,omitempty"`
	Image   string `json:"image,omitempty"`
	Version string `json:"version,omitempty"`
}

// listServices answers GET /api/v1/services.
func (g *Gateway) listServices(w http.ResponseWriter, r *http.Request) error {
	out := []serviceState{}
	if g.opts.Services != nil {
		all, err := g.opts.Services(r.Context())
		if err != nil {
			return err
		}
		for _, s := range all {
			out = append(out, stateOf(s))
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"services": out})
	return nil
}

func stateOf(s service.Status) serviceState {
	return serviceState{Name: s.Name, Running: s.Running, Health: s.Health, State: s.State, Address: s.Address(), Image: s.Image, Version: s.Version}
}
