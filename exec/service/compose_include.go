package service

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// outline is the part of a compose file that makes compose read further files while it loads.
type outline struct {
	Include  []yaml.Node `yaml:"include"`
	Services map[string]struct {
		Extends yaml.Node `yaml:"extends"`
	} `yaml:"services"`
}

// includes refuses a compose file that pulls in files from outside of the package, by include or extends, at any depth.
// It runs before compose loads anything, because by then the files have been read. What cannot be parsed here is left to
// compose's own messages.
func includes(spec Spec, file string, seen map[string]bool) error {
	if spec.trusted() || seen[file] {
		return nil
	}
	seen[file] = true
	data, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	if why := outOfBounds(data); why != "" {
		return refused(spec, file, why, nil)
	}
	var o outline
	if yaml.Unmarshal(data, &o) != nil {
		return nil
	}
	dir := filepath.Dir(file)
	follow := func(key, path string, compose bool) error {
		switch {
		case strings.ContainsRune(path, '$'):
			return refused(spec, file, fmt.Sprintf("%s: %s depends on a variable", key, path), nil)
		case strings.Contains(path, "://") || strings.HasPrefix(path, "git@"):
			return refused(spec, file, fmt.Sprintf("%s: %s is fetched from elsewhere, where no lock covers it", key, path), nil)
		}
		path = absolute(dir, path)
		if err := inside(spec, path); err != nil {
			return refused(spec, file, fmt.Sprintf("%s: %s lies outside of the package", key, path), err)
		}
		if compose {
			return includes(spec, path, seen)
		}
		return nil
	}
	for _, n := range o.Include {
		if err := include(n, follow); err != nil {
			return err
		}
	}
	for _, name := range sortedKeys(o.Services) {
		var e struct {
			File string `yaml:"file"`
		}
		if n := o.Services[name].Extends; n.Kind == yaml.MappingNode && n.Decode(&e) == nil && e.File != "" {
			if err := follow("extends", e.File, true); err != nil {
				return err
			}
		}
	}
	return nil
}

// include follows one entry of a compose file's include list: a path, or a map of paths.
func include(n yaml.Node, follow func(key, path string, compose bool) error) error {
	if n.Kind == yaml.ScalarNode {
		return follow("include", n.Value, true)
	}
	var m map[string]yaml.Node
	if n.Decode(&m) != nil {
		return nil
	}
	for _, key := range []string{"path", "env_file", "project_directory"} {
		v := m[key]
		values := []*yaml.Node{&v}
		if v.Kind == yaml.SequenceNode {
			values = v.Content
		}
		for _, one := range values {
			if one.Kind == yaml.ScalarNode && one.Value != "" {
				if err := follow("include", one.Value, key == "path"); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
