package plugin_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

func TestLoadFailures(t *testing.T) {
	for name, want := range map[string][]string{
		"throws": {
			"provider throws: it cannot be loaded", "TypeError: WEATHER_KEY is not set: get one at the counter",
			"throws.ts:3:9", "new ThrowingProvider", "next: run the command again with -v",
		},
		"importthrows": {"this module fails as soon as it is imported", "importthrows.ts:1"},
		"exits":        {"it exited with code 3", "the provider called process.exit(3)", "exits.ts:2", "-v"},
		"missing": {
			"it is not a provider that conduit can use", "type, capabilities, models, isAvailable, getModelsForCapability, getModel, getHealth",
			"conduit update missing",
		},
		"nodefault": {"no default export", "FirstProvider", "SecondProvider", "export { FirstProvider as default }"},
	} {
		t.Run(name, func(t *testing.T) {
			s, log := spec(t, name)
			_, err := plugin.Start(patient(t), s, nil)
			wantError(t, err, report.Provider, want...)
			if name == "exits" && !log.has("info", "about to leave") {
				t.Error("what it said before its end is lost")
			}
			noProcess(t, s)
		})
	}
}

func TestExportName(t *testing.T) {
	s, _ := spec(t, "nodefault")
	s.ExportName = "SecondProvider"
	if got := text(t, start(t, s, nil), "echo"); got != "hello" {
		t.Errorf("says %q", got)
	}
}

func TestNoArtifact(t *testing.T) {
	s, _ := spec(t, "echo")
	s.Artifact = t.TempDir()
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "cannot be loaded", filepath.Join(s.Artifact, "provider.mjs"))
	if err := os.WriteFile(filepath.Join(s.Artifact, "provider.mjs"), []byte("export default 1;"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "is no artifact of this conduit", "next: conduit sync")
}

func TestCallFailures(t *testing.T) {
	s, log := spec(t, "misbehaves")
	p := start(t, s, nil)
	for model, want := range map[string][]string{
		"unknown":   {"Unknown model: unknown; it has exit, segfault", "next: conduit models misbehaves"},
		"shapeless": {"model shapeless lacks transform(input, options)"},
		"refused":   {"fetch failed", "ECONNREFUSED", "127.0.0.1:", "try again"},
		"nothing":   {"the model returned undefined"},
		"string":    {"the model returned an object of Object"},
	} {
		_, err := call(t, p, model)
		wantError(t, err, report.Provider, want...)
	}
	var failure *plugin.CallError
	if _, err := call(t, p, "refused"); !errors.As(err, &failure) || !failure.Retryable || failure.Kind != "EXECUTION" {
		t.Errorf("cause %+v", failure)
	}
	if got := text(t, p, "late"); got != "still here" {
		t.Errorf("after late errors: %q", got)
	}
	if !log.has("error", "unhandled rejection: Error: rejected late") || !log.has("error", "uncaught exception: Error: thrown late") {
		t.Error("late errors are not logged")
	}
	if got := text(t, p, "inherit"); got != "ok" {
		t.Errorf("a child's output on the real stdout: %q", got)
	}
	eventually(t, func() bool { return log.has("info", "from a child on the real stdout") }) // it comes another way than the answer
	if got := text(t, p, "stdin"); got != "end of input" {
		t.Errorf("stdin: %q", got)
	}
}

func TestEnvironmentIsTheProvidersOwn(t *testing.T) {
	t.Setenv("SECRET_OF_CONDUIT", "s3cr3t")
	t.Setenv("HF_TOKEN", "hf")
	s, _ := spec(t, "misbehaves")
	s.Env = plugin.Environment([]string{"HF_TOKEN"}, os.LookupEnv)
	env := text(t, start(t, s, nil), "env")
	for _, foreign := range []string{"s3cr3t", "PLUGIN_", "CONDUIT_", "NODE_OPTIONS"} {
		if strings.Contains(env, foreign) {
			t.Errorf("environment has %s: %s", foreign, env)
		}
	}
	if !strings.Contains(env, `"HF_TOKEN":"hf"`) || !strings.Contains(env, `"PATH"`) {
		t.Errorf("environment lacks what was declared: %s", env)
	}
}

func TestMegabytesOfOutput(t *testing.T) {
	s, log := spec(t, "misbehaves")
	p := start(t, s, nil)
	rss, ok := strings.CutPrefix(text(t, p, "megabytes"), "rss ")
	if bytes, err := strconv.Atoi(rss); !ok || err != nil || bytes > 400<<20 {
		t.Errorf("resident bytes after 12 MiB of output: %s", rss)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	x, y := 0, 0
	log.mu.Lock()
	defer log.mu.Unlock()
	for _, record := range log.all {
		if record.Level != "info" {
			continue
		}
		x += strings.Count(record.Message, "x")
		y += strings.Count(record.Message, "y")
	}
	if x != 8*1024*1023 || y != 4<<20 {
		t.Errorf("%d and %d characters arrived", x, y)
	}
}

func TestDeathDuringCall(t *testing.T) {
	for model, want := range map[string][]string{
		"exit":     {"it exited with code 7 during the call", "the provider called process.exit(7)", "misbehaves.ts:8", "-v"},
		"segfault": {"it was killed by signal 11 (segmentation fault) during the call", "-v"},
		"memory":   {"it ran out of memory during the call", "heap out of memory", "give it more: memory = \"8GB\" under [providers.misbehaves] in conduit.toml"},
	} {
		s, _ := spec(t, "misbehaves")
		s.Env = append(s.Env, "NODE_OPTIONS=--max-old-space-size=64")
		p := start(t, s, nil)
		_, err := call(t, p, model)
		wantError(t, err, report.Provider, want...)
		<-p.Exited()
		_, err = call(t, p, "late")
		wantError(t, err, report.Provider, "during the call")
		noProcess(t, s)
	}
}

func TestTimeout(t *testing.T) {
	for _, model := range []string{"never", "loop"} {
		s, _ := spec(t, "misbehaves")
		p := start(t, s, nil)
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		_, err := p.Transform(ctx, plugin.Request{Model: model})
		wantError(t, err, report.Timeout, "provider misbehaves: it took longer than the time limit", "--timeout")
		<-p.Exited()
		noProcess(t, s)
	}
	s, _ := spec(t, "echo")
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	defer cancel()
	_, err := plugin.Start(ctx, s, nil)
	wantError(t, err, report.Timeout, "for starting")
	noProcess(t, s)
}

func TestCancel(t *testing.T) {
	s, log := spec(t, "misbehaves")
	p := start(t, s, nil)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		_, err := p.Transform(ctx, plugin.Request{Model: "abort"})
		done <- err
	}()
	eventually(t, func() bool { return log.has("info", "waiting for abort") })
	cancel()
	wantError(t, <-done, report.Interrupted, "interrupted while it was answering")
	eventually(t, func() bool { return log.has("info", "aborted by signal") })
	if got := text(t, p, "late"); got != "still here" {
		t.Errorf("after a cancelled call: %q", got)
	}
}

func TestCloseEndsEverything(t *testing.T) {
	s, _ := spec(t, "misbehaves")
	p := start(t, s, nil)
	pids := strings.Fields(text(t, p, "child"))
	looping := make(chan error)
	go func() {
		_, err := p.Transform(patient(t), plugin.Request{Model: "loop"})
		looping <- err
	}()
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	wantError(t, <-looping, report.Interrupted, "it was stopped during the call")
	for _, pid := range pids {
		gone(t, pid)
	}
	noProcess(t, s)
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestNodeProblems(t *testing.T) {
	s, _ := spec(t, "echo")
	s.Env = []string{"PATH=" + t.TempDir()}
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "node was not found", "install Node 20 or newer", `node = "^22" under [toolchain]`, "conduit sync")

	s, _ = spec(t, "echo")
	s.Node = filepath.Join(t.TempDir(), "node")
	if err := os.WriteFile(s.Node, []byte("not a program"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "its process cannot be started", s.Node)

	// An older Node, as far as the host can see: the version that it reports is replaced before the host runs.
	s, _ = spec(t, "echo")
	old, err := filepath.Abs("testdata/old-node.mjs")
	if err != nil {
		t.Fatal(err)
	}
	s.Env = append(s.Env, "NODE_OPTIONS=--import="+old)
	_, err = plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "is too old", "it is version 18.20.4; providers need 20 or newer", "install Node 20 or newer")
	noProcess(t, s)
}

// TestNodeUnfit has loaders say what they say of a Node that was made for another system.
func TestNodeUnfit(t *testing.T) {
	for _, words := range []string{
		"node: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.28' not found (required by node)",
		"node: error while loading shared libraries: libstdc++.so.6: cannot open shared object file: No such file or directory",
		"Error loading shared library libstdc++.so.6: No such file or directory (needed by node)",
	} {
		s, _ := spec(t, "echo")
		s.NodeVersion = "22.1.0"
		s.Node = filepath.Join(t.TempDir(), "node")
		if err := os.WriteFile(s.Node, []byte("#!/bin/sh\ncat >&2 <<'END'\n"+words+"\nEND\nexit 127\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		_, err := plugin.Start(patient(t), s, nil)
		wantError(t, err, report.Provider, "Node 22.1.0, which conduit.lock provides, cannot run on this machine", words, "take node out of [toolchain] in conduit.toml")
	}

	s, _ := spec(t, "echo")
	s.NodeVersion = "22.1.0"
	s.Node = filepath.Join(t.TempDir(), "node")
	if err := os.WriteFile(s.Node, []byte("#!/lib/ld-of-another-system.so\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "cannot run on this machine", "no such file or directory", "glibc")
}

func TestHostStartedByHand(t *testing.T) {
	s, _ := spec(t, "echo")
	s.Command = []string{"node", s.Host} // without the artifact's path
	_, err := plugin.Start(patient(t), s, nil)
	wantError(t, err, report.Provider, "exited with code 2 while it was starting", "conduit starts it, as in: conduit run NAME")
}

func TestOneFaultStaysItsOwn(t *testing.T) {
	bad, _ := spec(t, "misbehaves")
	good, _ := spec(t, "echo")
	p, q := start(t, bad, nil), start(t, good, nil)
	_, err := call(t, p, "exit")
	wantError(t, err, report.Provider)
	if got := text(t, q, ""); got != "hello" {
		t.Errorf("the other provider says %q", got)
	}
}
