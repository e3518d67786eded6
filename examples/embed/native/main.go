// Command native is the provider of ../provider as a program in Go.
package main

import (
	"context"
	"slices"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// reverse has one model, which turns a text round.
type reverse struct{}

var model = plugin.Model{ID: "reverse", Name: "Reverse", Capabilities: []string{"text-to-text"}, InputTypes: []string{"text"}, OutputTypes: []string{"text"}}

// Load makes the provider ready; it needs nothing.
func (reverse) Load(context.Context, plugin.Load) (plugin.Description, error) {
	return plugin.Description{ID: "reverse", Name: "Reverse", Type: "local", Capabilities: model.Capabilities, Models: []plugin.Model{model}}, nil
}

// Configure takes settings; there are none.
func (reverse) Configure(context.Context, map[string]any) error { return nil }

// Health tells that it could always work.
func (reverse) Health(context.Context) (plugin.Health, error) {
	return plugin.Health{Available: true}, nil
}

// Models lists the model.
func (reverse) Models(context.Context) ([]plugin.Model, error) { return []plugin.Model{model}, nil }

// Transform turns the text round.
func (reverse) Transform(_ context.Context, request plugin.Request) (plugin.Response, error) {
	if request.Model != "" && request.Model != model.ID {
		return plugin.Response{}, &plugin.CallError{Kind: "MODEL", Message: "no model " + request.Model + "; it has reverse"}
	}
	if len(request.Inputs) == 0 || request.Inputs[0].Type != "text" {
		return plugin.Response{}, &plugin.CallError{Kind: "INPUT", Message: "a text is needed"}
	}
	turned := []rune(request.Inputs[0].Text)
	slices.Reverse(turned)
	return plugin.Response{Outputs: []plugin.Media{plugin.Text(string(turned))}}, nil
}

func main() { plugin.Serve(reverse{}) }
