package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// world is what a script's conduit can reach: GitHub, the npm registry, and a trap for everything else.
type world struct {
	git     *sourcetest.Git
	npm     *npmtest.Registry
	images  *imageRegistry
	saved   map[string]string // content of files by "NAME PATH", see remember
	mu      sync.Mutex
	strayed []string // requests that went elsewhere
}

const worldKey = "world"

func newWorld(env *testscript.Env, script string) error {
	w := &world{saved: map[string]string{}, images: newImageRegistry()}
	env.Defer(w.images.server.Close)
	env.Values[worldKey] = w
	archive, err := txtar.ParseFile(script)
	if err != nil {
		return err
	}
	dir, err := program(script)
	if err != nil {
		return err
	}
	if dir != "" {
		env.Setenv("PATH", dir+string(filepath.ListSeparator)+env.Getenv("PATH"))
	}
	if err := w.start(env, script, archive); err != nil {
		return err
	}
	web, err := newWeb(env, below(archive, "web/"))
	if err != nil {
		return err
	}
	trap := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if web != nil && r.Method == http.MethodConnect && r.Host == webHost+":443" {
			tunnel(rw, web.Listener.Addr().String())
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.strayed = append(w.strayed, r.Method+" "+r.Host+" "+r.URL.String())
		http.Error(rw, "this test reaches the test servers only", http.StatusForbidden)
	}))
	env.Defer(trap.Close)
	config := filepath.Join(env.WorkDir, "gitconfig")
	if err := os.WriteFile(config, []byte(w.git.GitConfig()), 0o644); err != nil {
		return err
	}
	home := filepath.Join(env.WorkDir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(env.WorkDir, "latin1"), []byte("caf\xe9"), 0o644); err != nil {
		return err
	}
	for _, v := range [][2]string{
		{"HOME", home}, {"GIT_CONFIG_GLOBAL", config}, {"GIT_CONFIG_NOSYSTEM", "1"}, {"npm_config_registry", w.npm.URL()},
		{"CONDUIT_CACHE", filepath.Join(env.WorkDir, "cache")}, {"CONDUIT_STATE", filepath.Join(env.WorkDir, "state")},
		{"HTTPS_PROXY", trap.URL}, {"HTTP_PROXY", trap.URL}, {"NO_PROXY", "127.0.0.1"},
		{"REGISTRY", w.images.host()}, {"DOCKER_HOST", "unix://" + filepath.Join(env.WorkDir, "no-engine.sock")}, {"CI", "true"},
	} {
		env.Setenv(v[0], v[1])
	}
	if err := w.plant(env, home); err != nil {
		return err
	}
	env.Defer(func() {
		if found, err := betrayed(env.WorkDir); found != "" || err != nil {
			env.T().Log("a planted secret was written:", found, err)
			env.T().FailNow()
		}
	})
	env.Defer(func() {
		if left := killOrphans(env.WorkDir); len(left) > 0 {
			env.T().Log("left running: " + strings.Join(left, ", "))
			env.T().FailNow()
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.strayed) > 0 {
			env.T().Log("requests that left the test's world: " + strings.Join(w.strayed, ", "))
			env.T().FailNow()
		}
	})
	return nil
}

// start runs the servers and publishes what the script brings.
func (w *world) start(env *testscript.Env, script string, archive *txtar.Archive) (err error) {
	repos := filepath.Join(env.WorkDir, ".repos")
	if err := os.MkdirAll(repos, 0o755); err != nil {
		return err
	}
	if w.git, err = sourcetest.New(repos); err != nil {
		return err
	}
	env.Defer(w.git.Close)
	libraries, err := build.HostLibraries()
	if err != nil {
		return err
	}
	var upstream []string
	for _, l := range libraries {
		upstream = append(upstream, l.Name)
	}
	snapshot, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	snapshot = filepath.Join(snapshot, "conduit-test-registry")
	for _, f := range archive.Files {
		if f.Name == "upstream" { // packages that only this script takes from the real registry
			upstream = append(upstream, strings.Fields(string(f.Data))...)
			snapshot += "-" + strings.TrimSuffix(filepath.Base(script), ".txtar")
		}
	}
	if w.npm, err = npmtest.Start(npmtest.Options{Upstream: upstream, Dir: snapshot}); err != nil {
		return err
	}
	env.Defer(func() { _ = w.npm.Close() })
	if err := w.git.AddArchive(below(archive, "github/")); err != nil {
		return err
	}
	return w.npm.PublishArchive(below(archive, "npm/"))
}

// below is the part of an archive whose names start with prefix, without it.
func below(archive *txtar.Archive, prefix string) *txtar.Archive {
	out := &txtar.Archive{}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, prefix); ok {
			out.Files = append(out.Files, txtar.File{Name: name, Data: f.Data})
		}
	}
	return out
}

// hostRegistry is a registry that has the libraries of the provider host.
func hostRegistry(t *testing.T) *npmtest.Registry {
	t.Helper()
	libraries, err := build.HostLibraries()
	if err != nil {
		t.Fatal(err)
	}
	var upstream []string
	for _, l := range libraries {
		upstream = append(upstream, l.Name)
	}
	snapshot, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	npm, err := npmtest.Start(npmtest.Options{Upstream: upstream, Dir: filepath.Join(snapshot, "conduit-test-registry")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = npm.Close() })
	return npm
}
