package project

import (
	"context"
	"errors"
	"os"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/lockfile"
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
		err := p.with(ctx, RunRequest{Provider: each}, func(ctx context.Context, provider *plugin.Provider) error {
			models, err := provider.Models(ctx)
			if err == nil && len(models) == 0 {
				m, lock, err := p.current(ctx)
				if err != nil {
					return err
				}
				set, _, err := p.providerSettings(m, lock, each)
				if err != nil {
					return err
				}
				warnNoModels(ctx, each, set)
			}
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

// warnNoModels tells why a provider may list no models: those that find theirs out by an API need a key first.
func warnNoModels(ctx context.Context, provider string, set lockfile.Entry) {
	for _, name := range set.Pass {
		if value, ok := os.LookupEnv(name); !ok || value == "" {
			report.Warn(ctx, provider, "", "it lists no models, and "+name+" is not set: export "+name+"=…")
			return
		}
	}
	report.Warn(ctx, provider, "", "it lists no models: it may want a key or other settings; conduit logs "+provider+" shows what it wrote")
}
