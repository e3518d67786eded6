package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/rogpeppe/go-internal/testscript"
)

// TestDockerScripts runs testdata/docker/*.txtar against a real Docker engine. The service of examples/cowsay, built as a
// static program for an image FROM scratch, is in $COWSAY_SERVICE, the provider of examples/cowsay in $COWSAY_PROVIDER.
func TestDockerScripts(t *testing.T) {
	if err := exec.Command("docker", "version").Run(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no Docker engine answers (%v): testdata/docker.sh start", err)
		}
		t.Skipf("no Docker engine answers (%v): testdata/docker.sh start", err)
	}
	folder := t.TempDir()
	example, err := filepath.Abs(filepath.Join("..", "..", "examples", "cowsay"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(example, "service"))); err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "bin", "cowsay"), "./examples/cowsay/service")
	build.Dir = filepath.Join("..", "..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	// Scripts that run at once may build the same image: what they built goes when all have ended.
	t.Cleanup(func() {
		forgetImages(t, "conduit/locked-service-made", "conduit/carried-service-made", "conduit/mirrored-service-made", "conduit/old-service-app") // tests of other packages build the cow
	})
	runScripts(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "docker"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			name := strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")
			if err := newWorld(env, filepath.Join("testdata", "docker", name+".txtar")); err != nil {
				return err
			}
			env.Setenv("DOCKER_HOST", os.Getenv("DOCKER_HOST"))
			env.Setenv("COWSAY_SERVICE", folder)
			env.Setenv("COWSAY_PROVIDER", filepath.Join(example, "provider"))
			env.Defer(func() {
				leftovers(t, env.WorkDir)
				forgetImages(t, env.Getenv("REGISTRY")+"/")
			})
			return nil
		},
		Cmds: commands,
	})
}

// leftovers fails the test if containers or networks of projects in dir are left, and removes them.
func leftovers(t *testing.T, dir string) {
	projects, err := filepath.Glob(filepath.Join(dir, "*", lockfile.ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	for _, project := range projects {
		filter := "label=mediaconduit.project=" + service.ProjectID(filepath.Dir(project))
		for _, list := range [][]string{{"container", "ls", "-aq"}, {"network", "ls", "-q"}} {
			out, err := exec.Command("docker", append(list, "--filter", filter)...).Output()
			if err != nil {
				t.Errorf("docker %s: %v", strings.Join(list, " "), err)
			}
			for _, id := range strings.Fields(string(out)) {
				t.Errorf("%s %s is left", list[0], id)
				_ = exec.Command("docker", list[0], "rm", "-f", id).Run() // reported above
			}
		}
	}
}

// forgetImages removes the engine's images from repositories whose names begin so.
func forgetImages(t *testing.T, prefixes ...string) {
	out, err := exec.Command("docker", "image", "ls", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}").Output()
	if err != nil {
		t.Errorf("docker image ls: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(fields[0], p) }) {
			continue
		}
		name := fields[0] + ":" + fields[1] // not the ID, which others may have too
		if fields[1] == "<none>" {
			name = fields[0] + "@" + fields[2]
		}
		_ = exec.Command("docker", "image", "rm", "-f", name).Run() // with another of its names, it has gone by now
	}
}
