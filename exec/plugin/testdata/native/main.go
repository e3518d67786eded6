// Command native is a provider in Go, for the tests of package plugin.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
)

type shouter struct {
	load  plugin.Load
	loud  string
	model plugin.Model
}

func (s *shouter) Load(_ context.Context, load plugin.Load) (plugin.Description, error) {
	fmt.Println("printed to stdout")
	fmt.Fprintln(os.Stderr, "printed to stderr")
	s.load = load
	s.model = plugin.Model{ID: "shout", Name: "Shout", Capabilities: []string{"text-to-text"}, Parameters: map[string]any{"times": 1}}
	if load.Name == "refuses" {
		return plugin.Description{}, errors.New("refuses to be loaded")
	}
	return plugin.Description{ID: "shouter", Name: "Shouter", Type: "local", Capabilities: []string{"text-to-text"}, Models: []plugin.Model{s.model}}, nil
}

func (s *shouter) Configure(_ context.Context, config map[string]any) error {
	s.loud, _ = config["loud"].(string)
	return nil
}

func (s *shouter) Health(context.Context) (plugin.Health, error) {
	return plugin.Health{Available: true, Details: map[string]any{"loud": s.loud}}, nil
}

func (s *shouter) Models(context.Context) ([]plugin.Model, error) {
	return []plugin.Model{s.model}, nil
}

func (s *shouter) Transform(ctx context.Context, request plugin.Request) (plugin.Response, error) {
	request.Progress(plugin.Progress{Fraction: 0.5, Message: "half"})
	switch request.Model {
	case "", "shout":
		return plugin.Response{Outputs: []plugin.Media{plugin.Text(strings.ToUpper(request.Inputs[0].Text) + s.loud)}}, nil
	case "pid":
		child := exec.Command("sleep", "300")
		if err := child.Start(); err != nil {
			return plugin.Response{}, err
		}
		return plugin.Response{Outputs: []plugin.Media{plugin.Text(fmt.Sprint(os.Getpid(), child.Process.Pid))}}, nil
	case "panic":
		panic("shouted too loud")
	case "never":
		<-ctx.Done()
		return plugin.Response{}, ctx.Err()
	case "service":
		info, err := s.load.Host.Start(ctx, s.load.Default)
		if err != nil {
			return plugin.Response{}, err
		}
		return plugin.Response{Outputs: []plugin.Media{plugin.Text(fmt.Sprint(info.Ports))}}, nil
	}
	return plugin.Response{}, &plugin.CallError{Kind: "MODEL", Message: "no model " + request.Model}
}

func main() {
	plugin.Serve(&shouter{})
}
