package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const goPrefix = "example.com/"

// golang is the world as Go modules.
type golang struct {
	proxy, cache, project string
	env                   []string
}

// newGolang writes a GOPROXY and a project below dir and fills a module cache from it. The modules say "go 1.16", the last
// language version whose module graph is not pruned: later ones would let go mod graph leave most of it unread.
func newGolang(dir string, w *world) (*golang, error) {
	g := &golang{proxy: filepath.Join(dir, "goproxy"), cache: filepath.Join(dir, "gomodcache"), project: filepath.Join(dir, "go-project")}
	for i, module := range w.needs {
		at := filepath.Join(g.proxy, goPrefix+name(i), "@v")
		if err := os.MkdirAll(at, 0o777); err != nil {
			return nil, err
		}
		list := ""
		for v, needs := range module {
			list += version(v) + "\n"
			info := fmt.Sprintf(`{"Version":%q,"Time":"2025-06-30T00:00:00Z"}`, version(v))
			if err := os.WriteFile(filepath.Join(at, version(v)+".info"), []byte(info), 0o666); err != nil {
				return nil, err
			}
			if err := os.WriteFile(filepath.Join(at, version(v)+".mod"), goMod(goPrefix+name(i), needs), 0o666); err != nil {
				return nil, err
			}
		}
		if err := os.WriteFile(filepath.Join(at, "list"), []byte(list), 0o666); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(g.project, 0o777); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(g.project, "go.mod"), goMod("example.org/project", []need{{0, 0}}), 0o666); err != nil {
		return nil, err
	}
	g.env = append(os.Environ(), "GOPROXY=file://"+filepath.ToSlash(g.proxy), "GOMODCACHE="+g.cache, "GOFLAGS=-mod=mod -modcacherw",
		"GONOSUMDB=*", "GOSUMDB=off", "GOTOOLCHAIN=local", "GOWORK=off", "GOENV=off", "GOTELEMETRY=off")
	// Fills the cache and writes go.sum.
	return g, g.command(g.project, "mod", "graph").Run()
}

func goMod(path string, needs []need) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "module %s\n\ngo 1.16\n\nrequire (\n", path)
	for _, n := range needs {
		fmt.Fprintf(&b, "\t%s%s %s\n", goPrefix, name(n.module), version(n.minor))
	}
	b.WriteString(")\n")
	return b.Bytes()
}

func (g *golang) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Env = dir, g.env
	return cmd
}

// selected maps names to selected versions, by the graph that go prints: the highest version of each module.
func (g *golang) selected() (map[string]string, error) {
	out, err := g.command(g.project, "list", "-m", "-f", "{{.Path}} {{.Version}}", "all").Output()
	if err != nil {
		return nil, err
	}
	selected := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if path, version, ok := strings.Cut(strings.TrimSpace(line), " "); ok && strings.HasPrefix(path, goPrefix) {
			selected[strings.TrimPrefix(path, goPrefix)] = version
		}
	}
	return selected, nil
}
