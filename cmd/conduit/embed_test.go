//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// TestEmbed: the example of the Go API compiles as a module of its own, and calls its provider, in TypeScript and as a program.
func TestEmbed(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	m := newMachine(t, sourcetest.NewGit(t), hostRegistry(t))
	if err := os.RemoveAll(m.project); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(m.project, os.DirFS(filepath.Join(root, "examples", "embed"))); err != nil {
		t.Fatal(err)
	}
	goTool := func(args ...string) {
		t.Helper()
		c := exec.Command("go", args...)
		c.Dir, c.Env = m.project, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(m.project, "go.sum"), sums, 0o600); err != nil {
		t.Fatal(err)
	}
	goTool("mod", "edit", "-replace=github.com/MediaConduit/conduit="+root)
	goTool("build", "-trimpath", "-o", filepath.Join(m.project, "bin")+string(filepath.Separator), "./...")
	if out, ok := m.conduit("sync"); !ok {
		t.Fatal(out)
	}
	for _, args := range [][]string{{"live on"}, {"--native", filepath.Join(m.project, "bin", "native"), "live on"}} {
		c := exec.Command(filepath.Join(m.project, "bin", "embed"), args...)
		c.Dir, c.Env = m.project, m.env
		out, err := c.CombinedOutput()
		if err != nil || string(out) != "no evil\n" {
			t.Errorf("embed %s: %v, %q", strings.Join(args, " "), err, out)
		}
	}
}
