package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
)

// raced are the scripts that run under the race detector when the tests do: those in which several processes, services or
// many packages are at work at once, and the main job. All others run conduit as it is released, which is what users run:
// bundling takes ten times as long with the race detector, and finds in each script what it found in the first. What is
// concurrent in a package is tested in that package's process, under the race detector too. CONDUIT_TEST_RACED=all has
// every script run under it.
var raced = []string{"script/concurrent", "script/cowsay", "script/killed", "script/supervise", "script/twenty", "script/update"}

// program is the folder of the conduit that a script runs, or "" for the test binary itself, see TestMain.
func program(script string) (string, error) {
	name := strings.TrimSuffix(filepath.ToSlash(script), ".txtar")
	if !instrumented() || os.Getenv("CONDUIT_TEST_RACED") == "all" || slices.ContainsFunc(raced, func(r string) bool { return strings.HasSuffix(name, "/"+r) }) {
		return "", nil
	}
	return released()
}

// command returns the path of the conduit that tests other than scripts run.
func command(t *testing.T) string {
	t.Helper()
	dir, err := program("")
	if err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(filepath.Join(dir, "conduit")) // without a folder in PATH
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// instrumented reports whether the race detector is in the test binary.
func instrumented() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// released builds conduit as it is released, once, and returns its folder.
var released = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "conduit-released")
	if err != nil {
		return "", err
	}
	builds = dir
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-o", dir, ".")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(string(out)))
	}
	return dir, nil
})

// builds is released's folder once that was called.
var builds string

// tests runs the tests and removes what released built.
type tests struct{ m *testing.M }

// Run is what testscript.Main calls.
func (t tests) Run() int {
	code := t.m.Run()
	if builds != "" {
		_ = os.RemoveAll(builds) // it lies among temporary files
	}
	return code
}
