package manifest_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// TestPermissions: what a provider declares is read strictly, from wherever a package describes its provider.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const id = "id: a\n"
	read := func(t *testing.T, files map[string]string) (*manifest.Provider, error) {
		t.Helper()
		dir := t.TempDir()
		for name, text := range files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return manifest.ReadProvider(report.To(context.Background(), nil), dir, "npm:a@v1.0.0")
	}
	yml := func(text string) map[string]string { return map[string]string{"MediaConduit.provider.yml": id + text} }
	for name, c := range map[string]struct {
		files map[string]string
		want  []string
	}{
		"nothing":                       {yml(""), nil},
		"all kinds":                     {yml("permissions: {net: ['*:443', 'a:1'], env: [A_KEY], read: [~/m], write: [/w], run: []}"), []string{"env A_KEY", "net *:443", "net a:1", "no run", "read ~/m", "write /w"}},
		"no limit":                      {yml("permissions:\n  net: ['*']\n  run: ['*']\n  read: []\n"), nil},
		"package.json, of the provider": {map[string]string{"package.json": `{"name": "a", "mediaconduit": {"provider": {"id": "a", "permissions": {"net": []}}}}`}, []string{"no net"}},
		"package.json, beside it":       {map[string]string{"package.json": `{"name": "a", "mediaconduit": {"permissions": {"env": ["A_KEY"]}}}`}, []string{"env A_KEY"}},
		"package.json, with a manifest": {map[string]string{"MediaConduit.provider.yml": id, "package.json": `{"name": "a", "mediaconduit": {"permissions": {"run": []}}}`}, []string{"no run"}},
		"the manifest first":            {map[string]string{"MediaConduit.provider.yml": id + "permissions: {net: []}", "package.json": `{"name": "a", "mediaconduit": {"permissions": {"run": []}}}`}, []string{"no net"}},
	} {
		p, err := read(t, c.files)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := p.Permissions.Lines(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"permissions:":                       "MediaConduit.provider.yml:2: permissions is no table of lists",
		"permissions: [net]":                 "permissions is no table",
		"permissions: {network: []}":         `unknown key "network" in permissions` + "\n  next: did you mean \"net\"?",
		"permissions: {raed: []}":            `did you mean "read"?`,
		"permissions: {Net: []}":             `did you mean "net"?`,
		"permissions: {devices: []}":         "known here: net, env, read, write, run",
		"permissions: {net: a:443}":          "permissions.net is no list\n  next: write it as\n          net: [\"api.example.com:443\"]",
		"permissions:\n  net:":               "MediaConduit.provider.yml:3: permissions.net is no list",
		"permissions:\n  net:\n    - a":      `MediaConduit.provider.yml:4: permissions.net has "a": it is not HOST:PORT`,
		"permissions: {env: [NODE_OPTIONS]}": "for conduit and whoever runs it to set",
		"permissions: {env: [A_KEY=1]}":      "no name of an environment variable",
		"permissions: {read: [~/]}":          "whole home folder",
		"permissions: {write: [./x]}":        "neither absolute nor begins with ~/",
		"permissions: {write: [~/x/../y]}":   `it has ".", ".."`,
		"permissions: {run: [/bin/sh]}":      "not the name of a program in PATH",
		"permissions: {run: [[sh]]}":         "it is no text",
		"permissions: {run: [\"a\\u001b\"]}": "control characters",
	} {
		_, err := read(t, yml(text))
		if err == nil || report.KindOf(err) != report.Provider || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
