package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/plugin"
)

// environment is the environment of every process that is measured: a provider's.
func environment() []string { return plugin.Environment(nil, os.LookupEnv) }

// startOnce starts the provider, has it answer once and prints the nanoseconds from the one to the other. It runs in a
// process of its own, as "conduit run" does: nothing is warm that would not be. With kept the kernel holds it to permissions of
// each kind.
func startOnce(ctx context.Context, dir, node string, kept bool) (err error) {
	data, err := os.ReadFile(filepath.Join(dir, installed))
	if err != nil {
		return err
	}
	var in installation
	if err := json.Unmarshal(data, &in); err != nil {
		return err
	}
	spec := plugin.Spec{
		Name: "axios", Node: node, Host: in.Host, Artifact: in.Artifact, Type: "remote", Env: environment(), Dir: filepath.Join(dir, "data"),
		Log: func(r plugin.Record) { fmt.Fprintln(os.Stderr, r.Level, r.Message) },
	}
	if kept {
		if spec.Access, err = permissions(dir); err != nil {
			return err
		}
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

// permissions are those of a provider that states each kind, as "conduit run" would have them enforced.
func permissions(dir string) (*plugin.Access, error) {
	if kernel := landlock.Supported(); !kernel.Ports {
		return nil, fmt.Errorf("this kernel enforces %+v only: that takes Linux 6.7 or newer with Landlock", kernel)
	}
	home, err := os.UserHomeDir()
	return &plugin.Access{
		Read:    []string{filepath.Join(dir, "models")},
		Fixed:   []plugin.FixedPath{{Path: filepath.Join(dir, "pictures"), Write: true}},
		Limits:  plugin.Limits{Programs: []string{"cat", "sh"}, Ports: []uint16{443}},
		Private: []string{home, filepath.Join(dir, "cache")},
		Calls:   filepath.Join(dir, "calls"),
	}, err
}
