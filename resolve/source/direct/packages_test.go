package direct_test

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/direct"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// world is a git host, a registry, and a host of tarballs.
type world struct {
	t     *testing.T
	git   *sourcetest.Git
	env   map[string]string
	web   *httptest.Server
	cache *cache.Cache

	mu    sync.Mutex
	files map[string][]byte // of web
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, git: sourcetest.NewGit(t), files: map[string][]byte{}}
	w.env = map[string]string{"HOME": t.TempDir(), "GIT_CONFIG_NOSYSTEM": "1"}
	w.web = httptest.NewTLSServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		data, ok := w.files[r.URL.Path]
		w.mu.Unlock()
		if !ok {
			http.NotFound(rw, r)
			return
		}
		_, _ = rw.Write(data)
	}))
	t.Cleanup(w.web.Close)
	certificate := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.web.Certificate().Raw})
	if err := os.WriteFile(certificate, block, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", certificate)
	reg, err := npmtest.Start(npmtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reg.Close() })
	t.Setenv("npm_config_registry", reg.URL())
	w.emptyCache()
	return w
}

// serve has the host of tarballs answer path with data.
func (w *world) serve(path string, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.files[path] = data
}

func (w *world) emptyCache() {
	dir := filepath.Join(w.t.TempDir(), "cache")
	w.t.Cleanup(func() { _ = cache.RemoveAll(dir) })
	var err error
	if w.cache, err = cache.Open(dir); err != nil {
		w.t.Fatal(err)
	}
}

// packages is what a new process would have.
func (w *world) packages(offline bool) *direct.Packages {
	w.t.Helper()
	client, err := npm.New(npm.Options{Cache: w.cache, Offline: offline})
	if err != nil {
		w.t.Fatal(err)
	}
	env := func(name string) string { return w.env[name] }
	return direct.New(client, source.New(source.Options{Cache: w.cache, Offline: offline, Env: env}), w.cache)
}

func (w *world) fails(err error, kind report.Kind, words ...string) {
	w.t.Helper()
	if err == nil || report.KindOf(err) != kind {
		w.t.Fatalf("kind %v, want %v: %v", report.KindOf(err), kind, err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			w.t.Errorf("the message lacks %q:\n%v", word, err)
		}
	}
}

func locked(m *library.Manifest) resolve.Library {
	return resolve.Library{Name: m.Name, Version: m.Version, Integrity: m.Integrity, Source: m.Source}
}

func TestRepository(t *testing.T) {
	w := newWorld(t)
	commits, err := w.git.AddRepo("acme/lib",
		sourcetest.Commit{Tags: []string{"v1.0.0"}, Files: map[string]string{"package.json": `{"name": "lib", "version": "1.0.0"}`, "index.js": "1"}},
		sourcetest.Commit{Tags: []string{"v1.1.0"}, Files: map[string]string{"package.json": `{"name": "lib", "version": "1.1.0", "dependencies": {"a": "^1"}}`, "index.js": "2", "bin/run": "x"}, Executable: []string{"bin/run"}},
		sourcetest.Commit{Tags: []string{"v2.0.0"}, Files: map[string]string{"package.json": `{"version": "2.0.0", "scripts": {"prepare": "tsc"}}`, "index.js": "3"}},
		sourcetest.Commit{Branch: "bare", Files: map[string]string{"index.js": "4"}},
	)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.env["HOME"], ".gitconfig"), []byte(w.git.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	repo := resolve.Source{Kind: resolve.GitHub, Path: "acme/lib"}
	for ref, want := range map[string]struct{ version, commit string }{
		"semver:^1.0.0": {"1.1.0", commits[1]},
		"v1.0.0":        {"1.0.0", commits[0]},
		"main":          {"2.0.0", commits[2]},
		"":              {"2.0.0", commits[2]},
		commits[1]:      {"1.1.0", commits[1]},
		commits[1][:8]:  {"1.1.0", commits[1]},
	} {
		m, err := w.packages(false).Direct(t.Context(), "lib", library.Address{Git: repo, Ref: ref})
		if err != nil {
			t.Fatalf("%s: %v", ref, err)
		}
		if m.Name != "lib" || m.Version != want.version+"-from.git."+want.commit[:12] || m.Source != "github:acme/lib@"+want.commit {
			t.Errorf("%s: %s@%s from %s", ref, m.Name, m.Version, m.Source)
		}
	}
	ctx := t.Context()
	m, err := w.packages(true).Direct(ctx, "lib", library.Address{Git: repo, Ref: commits[1]})
	if err != nil {
		t.Fatal("what is pinned and cached needs no network: ", err)
	}
	// The bytes are a function of the commit, on every system and with every release of ours.
	const sha512 = "sha512-38AEEOdrroGudecB8/dYxKNDtxeVRbkRsA2HW4KqEuMtEwaG7+/4kvjUQWkiisADhQ8xE5/2jEJQ3dm9wPefhg=="
	if m.Integrity != sha512 || m.Dependencies["a"] != "^1" {
		t.Errorf("%s %v", m.Integrity, m.Dependencies)
	}
	w.emptyCache()
	files, err := w.packages(false).Open(ctx, locked(m))
	if err != nil {
		t.Fatal(err)
	}
	if data, ok := files.File("index.js"); !ok || string(data) != "2" || len(files.Names()) != 3 {
		t.Errorf("%q %v", data, files.Names())
	}
	other := locked(m)
	other.Integrity = "sha512-" + strings.Repeat("A", 86) + "=="
	_, err = w.packages(false).Tarball(ctx, other)
	w.fails(err, report.Integrity, "lib from github:acme/lib@"+commits[1], "expected sha512-AAAA")
	_, err = w.packages(false).Direct(ctx, "lib", library.Address{Git: repo, Ref: "bare"})
	w.fails(err, report.Failure, "holds no package.json", `[replace] "npm:lib"`)
	_, err = w.packages(false).Direct(ctx, "lib", library.Address{Git: repo, Ref: "semver:^9"})
	w.fails(err, report.Failure, "no version tag of github:acme/lib is in the range ^9")
	var mu sync.Mutex
	var said []string
	listening := report.To(ctx, func(e report.Event) {
		mu.Lock()
		defer mu.Unlock()
		said = append(said, e.Message)
	})
	_, err = w.packages(false).Direct(listening, "lib", library.Address{Git: repo})
	mu.Lock()
	defer mu.Unlock()
	if err != nil || !strings.Contains(strings.Join(said, "\n"), "prepare script") {
		t.Errorf("%v %q", err, said)
	}
}

func TestAddress(t *testing.T) {
	w := newWorld(t)
	data, err := npmtest.Tarball(map[string]any{"name": "lib", "version": "1.0.0"}, map[string]string{"index.js": "1"})
	if err != nil {
		t.Fatal(err)
	}
	w.serve("/lib.tgz", data)
	w.serve("/page", []byte("<html>"))
	ctx, at := t.Context(), w.web.URL+"/lib.tgz"
	m, err := w.packages(false).Direct(ctx, "lib", library.Address{URL: at})
	if err != nil {
		t.Fatal(err)
	}
	if m.Source != at || !strings.HasPrefix(m.Version, "1.0.0-from.https.") || !strings.HasPrefix(m.Integrity, "sha512-") {
		t.Errorf("%+v", m)
	}
	if _, err := w.packages(true).Open(ctx, locked(m)); err != nil {
		t.Errorf("from the cache: %v", err)
	}
	if data, err = npmtest.Tarball(map[string]any{"name": "lib", "version": "1.0.0"}, map[string]string{"index.js": "2"}); err != nil {
		t.Fatal(err)
	}
	w.serve("/lib.tgz", data)
	changed, err := w.packages(false).Direct(ctx, "lib", library.Address{URL: at})
	if err != nil || changed.Version == m.Version || changed.Integrity == m.Integrity {
		t.Errorf("other bytes are another version: %v %+v", err, changed)
	}
	w.emptyCache()
	_, err = w.packages(true).Tarball(ctx, locked(m))
	w.fails(err, report.Network, "lib is not in the cache", "--offline")
	_, err = w.packages(false).Tarball(ctx, locked(m))
	w.fails(err, report.Integrity, at, "expected "+m.Integrity, "got      "+changed.Integrity)
	if _, err := w.packages(false).Tarball(ctx, locked(changed)); err != nil {
		t.Errorf("nothing bad was kept: %v", err)
	}
	_, err = w.packages(false).Direct(ctx, "lib", library.Address{URL: w.web.URL + "/page"})
	w.fails(err, report.Integrity, "lib")
	_, err = w.packages(false).Direct(ctx, "lib", library.Address{URL: w.web.URL + "/gone.tgz"})
	w.fails(err, report.Failure, "cannot fetch lib from the address", "404", `[replace] "npm:lib"`)
	_, err = w.packages(false).Direct(ctx, "lib", library.Address{URL: "http://127.0.0.1/x.tgz"})
	w.fails(err, report.Usage, "no https address")
}
