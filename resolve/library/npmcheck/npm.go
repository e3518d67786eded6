package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// installed is one entry of npm's lock file.
type installed struct {
	Name         string            `json:"name"` // only where it differs from the folder's
	Version      string            `json:"version"`
	InBundle     bool              `json:"inBundle"`
	Dependencies map[string]string `json:"dependencies"`
	Optional     map[string]string `json:"optionalDependencies"`
	Peers        map[string]string `json:"peerDependencies"`
	PeersMeta    map[string]struct {
		Optional bool `json:"optional"`
	} `json:"peerDependenciesMeta"`
}

// npmTree is what npm would install, by location: "node_modules/a/node_modules/b". The root's location is "".
type npmTree map[string]installed

// npmInstall lets npm choose what w needs, as of the date. Nothing is downloaded but package documents.
func npmInstall(ctx context.Context, o options, w wanted) (npmTree, error) {
	dir, err := os.MkdirTemp("", "npmcheck-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	root, err := json.Marshal(map[string]any{"name": "npmcheck", "version": "1.0.0", "private": true, "dependencies": map[string]string{w.name: w.spec}})
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), root, 0o666); err != nil {
		return nil, err
	}
	args := []string{"install", "--before=" + o.before.Format(time.RFC3339), "--ignore-scripts", "--package-lock-only", "--no-audit", "--no-fund", "--prefer-offline", "--lockfile-version=3"}
	if o.offline {
		args = append(args, "--offline")
	}
	if o.npmCache != "" {
		args = append(args, "--cache="+o.npmCache)
	}
	report, err := npmCommand(ctx, dir, args)
	if err != nil && strings.Contains(report, "EBADPLATFORM") { // the package itself is for another platform than this one
		report, err = npmCommand(ctx, dir, append(args, "--force"))
	}
	if err != nil {
		return nil, fmt.Errorf("npm install: %w\n%s", err, report)
	}
	data, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Packages npmTree `json:"packages"`
	}
	if err := json.Unmarshal(data, &lock); err != nil {
		return nil, err
	}
	return lock.Packages, nil
}

func npmCommand(ctx context.Context, dir string, args []string) (report string, err error) {
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

const folder = "node_modules/"

// lookup finds where the package stands that name means in the package at location: in its own folder, then upwards. Peers
// are never inside. It returns "" where there is none.
func (t npmTree) lookup(location, name string, peer bool) string {
	if peer && location != "" {
		location = parent(location)
	}
	for {
		at := folder + name
		if location != "" {
			at = location + "/" + at
		}
		if _, ok := t[at]; ok {
			return at
		}
		if location == "" {
			return ""
		}
		location = parent(location)
	}
}

func parent(location string) string {
	if i := strings.LastIndex(location, "/"+folder); i >= 0 {
		return location[:i]
	}
	return ""
}

// id is name and version of what stands at location.
func (t npmTree) id(location string) string {
	e := t[location]
	if e.Name == "" {
		e.Name = location[strings.LastIndex(location, folder)+len(folder):]
	}
	return e.Name + "@" + e.Version
}

// edge is what a package says about one of its dependencies.
type edge struct {
	spec           string
	peer, optional bool
}

// edges are the dependencies of what stands at location, but for optional peers, by import name.
func (t npmTree) edges(location string) map[string]edge {
	e := t[location]
	out := map[string]edge{}
	for name, spec := range e.Peers {
		if !e.PeersMeta[name].Optional {
			out[name] = edge{spec: spec, peer: true}
		}
	}
	for name, spec := range e.Dependencies {
		out[name] = edge{spec: spec}
	}
	for name, spec := range e.Optional {
		out[name] = edge{spec: spec, optional: true}
	}
	return out
}

// users lists who means what stands at location, as "NAME@VERSION asks for RANGE".
func (t npmTree) users(location string) []string {
	name := location[strings.LastIndex(location, folder)+len(folder):]
	var out []string
	for from := range t {
		if e, ok := t.edges(from)[name]; ok && t.lookup(from, name, e.peer) == location {
			who := "the root"
			if from != "" {
				who = t.id(from)
			}
			out = append(out, who+" asks for "+e.spec)
		}
	}
	return out
}
