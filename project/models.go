package project

import (
	"context"
	"errors"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// Model is a model of one of the project's providers.
type Model struct {
	Provider string `json:"provider"` // its name in conduit.toml
	plugin.Model
}

// Models lists what running providers say of their models, having started their services: the named one's, or for "" those of
// all providers. capability ("text-to-image") keeps those that have it, "" all. Of several providers, one that cannot tell
// is a warning, unless none can.
func (p *Project) Models(ctx context.Context, name, capability string) ([]Model, error) {
	names := []string{name}
	if name == "" {
		_, lock, err := p.current(ctx)
		if err != nil {
			return nil, err
		}
		names = providerNames(lock)
	}
	var out []Model
	var failures []error
	for _, each := range names {
		err := p.with(ctx, each, false, func(ctx context.Context, provider *plugin.Provider) error {
			models, err := provider.Models(ctx)
			out = append(out, modelsOf(each, models, capability)...)
			return err
		})
		if err != nil && (len(names) == 1 || ctx.Err() != nil) {
			return nil, err
		}
		if err != nil {
			failures = append(failures, err)
			report.Warn(ctx, each, "", err.Error())
		}
	}
	if len(names) > 0 && len(failures) == len(names) {
		return nil, errors.Join(failures...)
	}
	return out, nil
}

// modelsOf are a provider's models with a capability, all for "", in conduit's words.
func modelsOf(provider string, models []plugin.Model, capability string) []Model {
	var out []Model
	for _, m := range having(models, capability) {
		m.InputTypes, m.OutputTypes = types(m.InputTypes), types(m.OutputTypes)
		out = append(out, Model{Provider: provider, Model: m})
	}
	return out
}
