package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// needNPM skips the test where npm is missing, but never under CI.
func needNPM(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is needed under CI: ", err)
		}
		t.Skip("npm is not installed")
	}
}

// startRegistry publishes an archive in a registry that npm and conduit are led to.
func startRegistry(t *testing.T, archive string) {
	t.Helper()
	reg, err := npmtest.Start(npmtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	if err := reg.PublishArchive(txtar.Parse([]byte(archive))); err != nil {
		t.Fatal(err)
	}
	t.Setenv("npm_config_registry", reg.URL())
	t.Setenv("NPM_CONFIG_REGISTRY", reg.URL())
	t.Setenv("HOME", t.TempDir())
	t.Setenv("USERPROFILE", os.Getenv("HOME"))
}

// A tree in which npm shares versions, nests others, brings peers along and takes a deprecated version last.
const published = `
-- app@1.0.0/package.json --
{"dependencies": {"left": "^1.0.0", "right": "^1.0.0", "plugin": "^1.0.0", "shared": "1.0.0"}}
-- left@1.0.0/package.json --
{"dependencies": {"shared": "^1.0.0", "core": "^2.0.0"}}
-- right@1.0.0/package.json --
{"dependencies": {"shared": "~1.1.0", "alias": "npm:core@^1.0.0", "latest": "latest"}, "optionalDependencies": {"none": "^1.0.0", "native": "^1.0.0"}}
-- plugin@1.0.0/package.json --
{"peerDependencies": {"core": "2.x", "extra": "*"}, "peerDependenciesMeta": {"extra": {"optional": true}}}
-- core@1.0.0/index.js --
-- core@1.5.0/package.json --
{"npmtest": {"deprecated": "broken"}}
-- core@2.0.0/index.js --
-- core@2.1.0/package.json --
{"npmtest": {"time": "2024-01-01T00:00:00Z"}}
-- core@2.2.0/package.json --
{"npmtest": {"time": "2024-03-01T00:00:00Z"}}
-- native@1.0.0/package.json --
{"os": ["win32"], "cpu": ["arm64"]}
-- latest@1.0.0/index.js --
-- latest@2.0.0/package.json --
{"npmtest": {"time": "2024-03-01T00:00:00Z"}}
-- shared@1.0.0/index.js --
-- shared@1.1.0/index.js --
-- shared@1.2.0/index.js --
-- bundler@1.0.0/package.json --
{"dependencies": {"core": "^1.0.0", "shared": "*"}, "bundleDependencies": ["core"]}
-- bundler@1.0.0/node_modules/core/package.json --
{"name": "core", "version": "1.0.0"}
`

func TestAgreesWithNPM(t *testing.T) {
	needNPM(t)
	startRegistry(t, published)
	var out bytes.Buffer
	ok, err := run(t.Context(), []string{"-before", "2024-02-01", "-npm-cache", t.TempDir(), "app", "bundler", "plugin@1", "core@^2", "shared@<1.2.0"}, &out)
	if err != nil || !ok {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, want := range []string{"app@latest: 10 packages, 12 imports compared", "core@^2: 1 packages",
		"5 packages as of 2024-02-01T00:00:00Z, 0 could not be compared", "0 differences, 0 of them not explained", " 0 wrong\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the output lacks %q:\n%s", want, out.String())
		}
	}
	out.Reset()
	if ok, err := run(t.Context(), []string{"-before", "2024-02-01", "-npm-cache", t.TempDir(), "nowhere"}, &out); err != nil || ok || !strings.Contains(out.String(), "nowhere@latest: FAILED") {
		t.Errorf("%v %v\n%s", ok, err, out.String())
	}
}

// What npm's deduplication explains, and what it does not.
func TestDifferencesAreJudged(t *testing.T) {
	needNPM(t)
	startRegistry(t, published)
	c, err := cache.Open(filepath.Join(t.TempDir(), "cache"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := npm.New(npm.Options{Cache: c})
	if err != nil {
		t.Fatal(err)
	}
	j, err := newJudge()
	if err != nil {
		t.Fatal(err)
	}
	o := options{before: time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC)}
	left := func(shared string) *ourTree {
		return &ourTree{edges: map[string]map[string]string{".": {"left": "left@1.0.0"}, "left@1.0.0": {"shared": shared}},
			manifests: map[string]*library.Manifest{".": {Dependencies: map[string]string{"left": "1"}}, "left@1.0.0": {Dependencies: map[string]string{"shared": "^1.0.0"}}}}
	}
	theirs := func(shared string, alsoUsed bool) npmTree {
		out := npmTree{"": {Dependencies: map[string]string{"left": "1"}}, "node_modules/left": {Version: "1.0.0", Dependencies: map[string]string{"shared": "^1.0.0"}},
			"node_modules/shared": {Version: shared}}
		if alsoUsed {
			out["node_modules/app"] = installed{Version: "1.0.0", Dependencies: map[string]string{"shared": shared}}
		}
		return out
	}
	for _, tt := range []struct {
		name        string
		ours        *ourTree
		npm         npmTree
		differences int
		unexplained int
		wrong       int
		words       string
	}{
		{"equal", left("shared@1.2.0"), theirs("1.2.0", false), 0, 0, 0, ""},
		{"npm shares a lower version", left("shared@1.2.0"), theirs("1.0.0", true), 1, 0, 0, "the highest that is allowed is 1.2.0; npm reuses what stands in its tree: app@1.0.0 asks for 1.0.0"},
		{"npm has a lower version that nobody else uses", left("shared@1.2.0"), theirs("1.0.0", false), 1, 1, 0, "nobody else uses"},
		{"ours is not the highest", left("shared@1.1.0"), theirs("1.2.0", true), 1, 1, 0, "npm's choice is the highest that is allowed"},
		{"npm's does not satisfy", left("shared@1.2.0"), theirs("0.9.0", true), 1, 1, 0, "does not satisfy"},
		{"ours does not satisfy", left("shared@2.0.0"), theirs("1.2.0", false), 1, 1, 1, "highest"},
	} {
		r := &outcome{}
		r.walk(tt.ours, tt.npm)
		if err := r.judge(t.Context(), o, client, j, tt.ours, tt.npm); err != nil {
			t.Fatal(err)
		}
		var text bytes.Buffer
		r.print(&text)
		if len(r.differences) != tt.differences || r.unexplained() != tt.unexplained || len(r.wrong) != tt.wrong || !strings.Contains(text.String(), tt.words) {
			t.Errorf("%s: %d differences, %d not explained, %d wrong:\n%s", tt.name, len(r.differences), r.unexplained(), len(r.wrong), text.String())
		}
	}
}

func TestLists(t *testing.T) {
	if n := len(parseNames(popular)); n != 200 {
		t.Errorf("popular.txt has %d packages", n)
	}
	data, err := os.ReadFile("providers.txt")
	if err != nil {
		t.Fatal(err)
	}
	list := parseNames(string(data))
	if len(list) < 20 || list[0] != (wanted{"axios", "^1.6.0"}) {
		t.Errorf("%v", list)
	}
}
