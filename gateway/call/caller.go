package call

import (
	"context"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

// Call is a request with its inputs in place. It marshals to JSON and back, for jobs that outlive the gateway's process.
type Call struct {
	Model      string         `json:"model"` // as the client named it
	Capability string         `json:"capability,omitempty"`
	Inputs     []plugin.Media `json:"inputs"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// Caller calls models for all clients of the gateway.
type Caller struct {
	Host      Host
	Catalogue *Catalogue
	Observer  Observer
	Scratch   string // folder for folders of calls

	folders folders
}

// Do calls the model that c names. Output files are in dir. The time limit is ctx's deadline.
func (c *Caller) Do(ctx context.Context, call Call, dir string, progress func(plugin.Progress)) (plugin.Response, error) {
	provider, model, err := c.Catalogue.Find(ctx, call.Model)
	if err != nil {
		return plugin.Response{}, err
	}
	ctx, end := c.Observer.Call(ctx, provider, model, call.Capability)
	response, err := c.Host.Transform(ctx, project.RunRequest{
		Provider: provider, Model: model, Capability: call.Capability, Inputs: call.Inputs, Parameters: call.Parameters, OutputDir: dir, Progress: progress,
	})
	end(err)
	return response, err
}

// WithLimit is ctx with a time limit whose passing is told in the words of the API.
func WithLimit(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, limit, &report.Error{Kind: report.Timeout, What: "it took longer than " + limit.String(),
		Next: `allow more time with "timeout", submit it as a job, or have the gateway started with a longer --timeout`})
}

// Explained is err, or the reason why ctx ended where that is what err is due to.
func Explained(ctx context.Context, err error) error {
	if err == nil || ctx.Err() == nil {
		return err
	}
	if cause := context.Cause(ctx); report.KindOf(cause) == report.Timeout {
		return cause
	}
	return err
}

// storeError explains that the gateway's folder cannot be used.
func storeError(err error) error {
	return &report.Error{Kind: report.Failure, What: "the gateway cannot store a file", Err: err, Next: "have room made in its folder, or name another with conduit serve --data"}
}

// outputError explains that a provider names a file that cannot be read.
func outputError(err error) error {
	return &report.Error{Kind: report.Provider, What: "the provider names an output that cannot be read", Err: err, Next: "tell the provider's author: files have to stay until they are fetched"}
}
