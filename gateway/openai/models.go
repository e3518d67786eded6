package openai

import (
	"net/http"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/project"
)

// Model is a model as the API's clients read it. Capabilities and what follows are ours.
type Model struct {
	ID           string         `json:"id"` // NAME/MODEL
	Object       string         `json:"object"`
	Created      int64          `json:"created"`
	OwnedBy      string         `json:"owned_by"` // the provider's name
	Capabilities []string       `json:"capabilities,omitempty"`
	Pricing      map[string]any `json:"pricing,omitempty"`
}

// Models answers GET /v1/models.
func (a *API) Models(w http.ResponseWriter, r *http.Request) error {
	models, err := a.Caller.Catalogue.Models(r.Context(), "")
	if err != nil {
		return err
	}
	out := []Model{}
	for _, m := range models {
		out = append(out, modelOf(m))
	}
	return answer(w, map[string]any{"object": "list", "data": out})
}

// Model answers GET /v1/models/{model...}.
func (a *API) Model(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("model")
	models, err := a.Caller.Catalogue.Models(r.Context(), "")
	if err != nil {
		return err
	}
	for _, m := range models {
		if modelOf(m).ID == name {
			return answer(w, modelOf(m))
		}
	}
	return failure.NotFound("there is no model "+name, "name one of GET /v1/models")
}

func modelOf(m project.Model) Model {
	return Model{ID: m.Provider + "/" + m.ID, Object: "model", OwnedBy: m.Provider, Capabilities: m.Capabilities, Pricing: m.Pricing}
}
