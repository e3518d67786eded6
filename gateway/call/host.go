package call

import (
	"context"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
)

// Host runs a project's providers; *[project.Host] is one. Methods may be called concurrently.
type Host interface {
	// Providers are the names of the providers, sorted.
	Providers() []string
	// Models lists the models of all providers that have a capability, "" for all. A provider that cannot tell is left out,
	// unless none can.
	Models(ctx context.Context, capability string) ([]project.Model, error)
	// Health asks a provider whether it could do work now.
	Health(ctx context.Context, provider string) (plugin.Health, error)
	// Transform calls a model.
	Transform(ctx context.Context, req project.RunRequest) (plugin.Response, error)
}

// Observer is told what is called.
type Observer interface {
	// Call is told that a call begins; the function that it returns is told how it ended. The context goes to the call.
	Call(ctx context.Context, provider, model, capability string) (context.Context, func(error))
}
