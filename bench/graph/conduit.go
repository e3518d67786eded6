package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// conduit is the world as services in an npm registry.
type conduit struct {
	program, project string
	env              []string
}

// newConduit publishes the world in a registry that lives as long as this function, and fills a cache below dir from it.
func newConduit(dir, program string, w *world) (*conduit, error) {
	registry, err := npmtest.Start(npmtest.Options{})
	if err != nil {
		return nil, err
	}
	defer registry.Close()
	for i, module := range w.needs {
		for v, needs := range module {
			if err := registry.Publish(npmtest.Package{Name: name(i), Version: version(v)[1:], Files: map[string]string{
				"MediaConduit.service.yml": manifest(i, needs),
				"docker-compose.yml":       "services:\n  main:\n    image: example.com/main@sha256:" + strings.Repeat("0", 64) + "\n",
			}}); err != nil {
				return nil, err
			}
		}
	}
	c := &conduit{program: program, project: filepath.Join(dir, "conduit-project")}
	home := filepath.Join(dir, "home")
	for _, d := range []string{c.project, home} {
		if err := os.MkdirAll(d, 0o777); err != nil {
			return nil, err
		}
	}
	c.env = append(os.Environ(), "HOME="+home, "CI=true", "CONDUIT_CACHE="+filepath.Join(dir, "conduit-cache"),
		"npm_config_registry="+registry.URL(), "DOCKER_HOST=unix://"+filepath.Join(dir, "no-engine.sock"))
	toml := fmt.Sprintf("[services]\n%s = \"npm:%[1]s@^1.0\"\n", name(0))
	if err := os.WriteFile(filepath.Join(c.project, lockfile.ManifestName), []byte(toml), 0o666); err != nil {
		return nil, err
	}
	cmd := c.command(c.project, "lock")
	cmd.Stderr = os.Stderr
	return c, cmd.Run()
}

func manifest(module int, needs []need) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\ndocker:\n  composeFile: docker-compose.yml\n  ports: [8080]\nrequires:\n", name(module))
	for _, n := range needs {
		fmt.Fprintf(&b, "  - npm:%s@^%s\n", name(n.module), version(n.minor)[1:])
	}
	return b.String()
}

func (c *conduit) command(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(c.program, append([]string{"-q", "--progress", "none"}, args...)...)
	cmd.Dir, cmd.Env = dir, c.env
	return cmd
}

// selected maps names to locked versions.
func (c *conduit) selected() (map[string]string, error) {
	lock, err := lockfile.ReadLock(c.project)
	if err != nil {
		return nil, err
	}
	selected := map[string]string{}
	for _, m := range lock.Modules {
		selected[strings.TrimPrefix(m.Source, "npm:")] = m.Version
	}
	return selected, nil
}
