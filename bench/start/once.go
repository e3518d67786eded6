package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
)

// environment is the environment of every process that is measured: a provider's.
func environment() []string { return plugin.Environment(nil, os.LookupEnv) }

// startOnce starts the provider, has it answer once and prints the nanoseconds from the one to the other. It runs in a
// process of its own, as "conduit run" does: nothing is warm that would not be.
func startOnce(ctx context.Context, dir string) (err error) {
	data, err := os.ReadFile(filepath.Join(dir, installed))
	if err != nil {
		return err
	}
	var in installation
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	spec := plugin.Spec{
		Name: "axios", Host: in.Host, Artifact: in.Artifact, Type: "remote", Env: environment(), Dir: filepath.Join(dir, "data"),
		Log: func(r plugin.Record) { fmt.Fprintln(os.Stderr, r.Level, r.Message) },
	}
	began := time.Now()
	p, err := plugin.Start(ctx, spec, nil)
	if err != nil {
		return err
	}
	defer p.Close()
	answer, err := p.Transform(ctx, plugin.Request{Model: "address", Inputs: []plugin.Media{plugin.Text("moo")}})
	took := time.Since(began)
	if err != nil {
		return err
	}
	want := axiosVersion() + " https://api.example.com/say?text=moo"
	if len(answer.Outputs) != 1 || strings.TrimSpace(answer.Outputs[0].Text) != want {
		return fmt.Errorf("the provider answered %+v, want %q", answer.Outputs, want)
	}
	fmt.Println(took.Nanoseconds())
	return nil
}
