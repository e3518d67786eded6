package plugin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/landlock"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// keptIn is a specification of a provider that reaches its own files only. Files for calls are in the result's Access.Calls.
func keptIn(t *testing.T, name string) plugin.Spec {
	t.Helper()
	s, _ := spec(t, name)
	s.Access = &plugin.Access{Calls: filepath.Join(t.TempDir(), "calls")}
	return s
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(dir, "*", "*", "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in %s: %v, %v", dir, left, err)
	}
}

// TestAccessMedia: files of a call come in and go out, of folders that the process does not reach.
func TestAccessMedia(t *testing.T) {
	t.Parallel()
	s := keptIn(t, "media")
	p := start(t, s, nil)
	picture := file(t, "a picture.png", "twelve bytes")
	for range 2 {
		response, err := p.Transform(patient(t), plugin.Request{Model: "size", Inputs: []plugin.Media{{Type: "image", Path: picture}}})
		if err != nil || response.Outputs[0].Text != "Image 12" {
			t.Fatalf("an input: %+v, %v", response, err)
		}
	}
	out := t.TempDir()
	for range 2 {
		response, err := p.Transform(patient(t), plugin.Request{Model: "large", OutputDir: out})
		if err != nil || filepath.Dir(response.Outputs[0].Path) != out {
			t.Fatalf("an output: %+v, %v", response, err)
		}
		if info, err := os.Stat(response.Outputs[0].Path); err != nil || info.Size() != 2<<20 {
			t.Errorf("an output: %v, %v", info, err)
		}
	}
	if made, err := os.ReadDir(out); err != nil || len(made) != 2 {
		t.Errorf("made %v, %v", made, err)
	}
	empty(t, s.Access.Calls)
	asset := func(path, dir string) (plugin.Response, error) {
		return p.Transform(patient(t), plugin.Request{Model: "asset", OutputDir: dir, Inputs: []plugin.Media{plugin.Text(path)}})
	}
	if !landlock.Supported().Files {
		return
	}
	secret := file(t, "secret.png", "secret")
	_, err := asset(secret, out)
	wantError(t, err, report.Provider, "it names a file as its output that it may not read", secret, "working folder")
	if err := os.Symlink(secret, filepath.Join(s.Dir, "soft.png")); err != nil {
		t.Fatal(err)
	}
	_, err = asset(filepath.Join(s.Dir, "soft.png"), out)
	wantError(t, err, report.Provider, "it names a file as its output that it may not read")
	own := filepath.Join(s.Dir, "own.png")
	if err := os.WriteFile(own, []byte("own"), 0o600); err != nil {
		t.Fatal(err)
	}
	response, err := asset(own, "")
	if err != nil || response.Outputs[0].Path != own {
		t.Errorf("of its own folder: %+v, %v", response, err)
	}
	response, err = asset(own, out)
	if err != nil || response.Outputs[0].Path != filepath.Join(out, "own.png") {
		t.Errorf("of its own folder, elsewhere: %+v, %v", response, err)
	}
	response, err = asset(own, out) // one name, two calls
	if err != nil || filepath.Dir(response.Outputs[0].Path) != out || response.Outputs[0].Path == filepath.Join(out, "own.png") {
		t.Errorf("again: %+v, %v", response, err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(s.Access.Calls); err != nil || len(left) > 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

// TestAccessNative: a program is held to the same, and its folders go with it.
func TestAccessNative(t *testing.T) {
	t.Parallel()
	s, _ := nativeSpec(t, "shouter")
	s.Access = &plugin.Access{}
	p := start(t, s, nil)
	if got := text(t, p, "shout"); got != "HELLO" {
		t.Errorf("says %q", got)
	}
}

// TestShim: where a version manager's program has the name of Node.js, the Node.js behind it runs.
func TestShim(t *testing.T) {
	t.Parallel()
	shims := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(shims, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	inner := file(t, "inner.sh", ". /dev/null\nexec node \"$@\"\n") // which a provider could not read
	write("nodeshim", "#!/bin/sh\nexec sh "+inner+" \"$@\"\n")
	s := keptIn(t, "echo")
	s.Node = filepath.Join(shims, "nodeshim")
	if got := text(t, start(t, s, nil), ""); got != "hello" {
		t.Errorf("says %q", got)
	}
	write("broken", "#!/bin/sh\necho no idea; exit 0\n")
	s = keptIn(t, "echo")
	s.Node = filepath.Join(shims, "broken")
	if !landlock.Supported().Files {
		return
	}
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "does not say which Node.js it starts", "no idea", "-p process.execPath")
	if !strings.Contains(err.Error(), "[toolchain]") {
		t.Error(err)
	}
}

// TestAccessOfNode: what Node.js itself is refused before the host runs has the same remedy as what a provider is refused.
func TestAccessOfNode(t *testing.T) {
	t.Parallel()
	if !landlock.Supported().Files {
		return
	}
	s := keptIn(t, "echo")
	preload := file(t, "preload.cjs", "")
	s.Env = append(s.Env, "NODE_OPTIONS=--require="+preload)
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "while it was starting", "EACCES", "add it to permissions of echo", `permissions = { read = ["`+preload+`"] }`)
	s.Access.Read = []string{preload}
	if got := text(t, start(t, s, nil), ""); got != "hello" {
		t.Errorf("says %q", got)
	}
}
