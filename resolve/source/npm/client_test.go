package npm

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// world is a registry, an npm configuration that names it, and a cache.
type world struct {
	t     *testing.T
	reg   *npmtest.Registry
	cache *cache.Cache
	home  string

	mu    sync.Mutex
	waits []time.Duration
}

func newWorld(t *testing.T) *world {
	t.Helper()
	reg, err := npmtest.Start(npmtest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { reg.Close() })
	w := &world{t: t, reg: reg, home: t.TempDir()}
	for _, e := range os.Environ() { // npm's own settings of this machine must not matter
		if name, _, _ := strings.Cut(e, "="); strings.HasPrefix(strings.ToLower(name), "npm_config_") {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	t.Setenv("HOME", w.home)
	t.Setenv("USERPROFILE", w.home)
	w.npmrc("registry=" + reg.URL())
	w.cold()
	return w
}

// cold gives the world an empty cache.
func (w *world) cold() {
	w.t.Helper()
	dir := w.t.TempDir()
	w.t.Cleanup(func() { _ = cache.RemoveAll(dir) })
	var err error
	if w.cache, err = cache.Open(filepath.Join(dir, "cache")); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) npmrc(lines ...string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.home, ".npmrc"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// client is a new client, as the next run of conduit has it. Its waits are noted instead of waited for.
func (w *world) client(opts ...func(*Options)) *Client {
	w.t.Helper()
	o := Options{Cache: w.cache}
	for _, f := range opts {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		w.t.Fatal(err)
	}
	c.http.wait = func(ctx context.Context, d time.Duration) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.waits = append(w.waits, d)
		return ctx.Err()
	}
	return c
}

func offline(o *Options) { o.Offline = true }

func (w *world) publish(p npmtest.Package) {
	w.t.Helper()
	if err := w.reg.Publish(p); err != nil {
		w.t.Fatal(err)
	}
}

// mustFail checks kind and words of an error.
func mustFail(t *testing.T, err error, kind report.Kind, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	if got := report.KindOf(err); got != kind {
		t.Errorf("kind %v, want %v: %v", got, kind, err)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the message lacks %q:\n%v", w, err)
		}
	}
}

func TestPackument(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "@s/a", Version: "1.0.0", Manifest: map[string]any{"libc": "musl", "scripts": map[string]string{"postinstall": "x"}}})
	ctx := t.Context()
	c := w.client()
	short, err := c.Packument(ctx, "@s/a", false)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := short.Version("1.0.0"); err != nil || short.Full || !m.Scripts || m.Libc != nil || m.Integrity == "" {
		t.Errorf("abbreviated: %+v, %v", m, err)
	}
	full, err := c.Packument(ctx, "@s/a", true)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := full.Version("1.0.0"); err != nil || !full.Time["1.0.0"].Equal(npmtest.Epoch) || !m.Scripts || len(m.Libc) != 1 {
		t.Errorf("full: %+v, %v", m, err)
	}
	for range 3 {
		if _, err := c.Packument(ctx, "@s/a", false); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.reg.Count(); n != 2 {
		t.Errorf("%d requests, want 2: %v", n, w.reg.Requests())
	}
	w.reg.Close()
	if d, err := w.client(offline).Packument(ctx, "@s/a", false); err != nil || !d.Has("1.0.0") {
		t.Errorf("offline: %v", err)
	}
	_, err = w.client(offline).Packument(ctx, "b", false)
	mustFail(t, err, report.Network, "not in the cache", "without --offline")
}

func TestPackumentIsRevalidated(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	var statuses []int
	spy := func(o *Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err == nil {
				statuses = append(statuses, resp.StatusCode)
			}
			return resp, err
		})
	}
	for range 2 {
		if _, err := w.client(spy).Packument(t.Context(), "a", true); err != nil {
			t.Fatal(err)
		}
	}
	w.publish(npmtest.Package{Name: "a", Version: "1.1.0"})
	d, err := w.client(spy).Packument(t.Context(), "a", true)
	if err != nil || !d.Has("1.1.0") {
		t.Errorf("the new version is missing: %v", err)
	}
	if len(statuses) != 3 || statuses[0] != 200 || statuses[1] != 304 || statuses[2] != 200 {
		t.Errorf("statuses %v", statuses)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestPackumentOfAnotherPackageIsRefused(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	w.reg.Fault(npmtest.Fault{Rename: "b"})
	_, err := w.client().Packument(t.Context(), "a", false)
	mustFail(t, err, report.Integrity, "another package", `"b"`, ".npmrc")
}

func TestTarball(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "@s/a", Version: "1.0.0", Files: map[string]string{"x": strings.Repeat("y", 1000)}})
	ctx := t.Context()
	path, err := w.client().Tarball(ctx, "@s/a", "1.0.0", "")
	if err != nil {
		t.Fatal(err)
	}
	d, err := w.client().Packument(ctx, "@s/a", false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Version("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	w.reg.Reset()
	again, err := w.client(offline).Tarball(ctx, "@s/a", "1.0.0", m.Integrity)
	if err != nil || again != path || w.reg.Count() != 0 {
		t.Errorf("from the cache: %s, %v, requests %v", again, err, w.reg.Requests())
	}
	cold := t.TempDir()
	t.Cleanup(func() { _ = cache.RemoveAll(filepath.Join(cold, "cache")) })
	if w.cache, err = cache.Open(filepath.Join(cold, "cache")); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	c := w.client()
	for range 8 {
		group.Go(func() {
			if _, err := c.Tarball(ctx, "@s/a", "1.0.0", m.Integrity); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := w.reg.Requests(); len(got) != 1 || got[0] != "GET /@s/a/-/a-1.0.0.tgz" {
		t.Errorf("with an integrity only the tarball is needed, once: %v", got)
	}
}

func TestTarballRetries(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault npmtest.Fault
	}{
		{"status 503", npmtest.Fault{Status: 503, Times: 3}},
		{"status 429", npmtest.Fault{Status: 429, After: 7, Times: 1}},
		{"truncated", npmtest.Fault{Truncate: true, Times: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(npmtest.Package{Name: "a", Version: "1.0.0", Files: map[string]string{"x": strings.Repeat("y", 1000)}})
			w.reg.Fault(tt.fault)
			if _, err := w.client().Tarball(t.Context(), "a", "1.0.0", ""); err != nil {
				t.Fatal(err)
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if len(w.waits) != tt.fault.Times {
				t.Errorf("waited %v", w.waits)
			}
			if tt.fault.After > 0 && w.waits[0] != 7*time.Second {
				t.Errorf("Retry-After is not honoured: %v", w.waits)
			}
		})
	}
}

func TestTarballThatDiffers(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	w.reg.Fault(npmtest.Fault{On: "tarball", Corrupt: true})
	_, err := w.client().Tarball(t.Context(), "a", "1.0.0", "")
	mustFail(t, err, report.Integrity, "a@1.0.0", "expected sha512-", "got      sha512-", "conduit sync")
	w.reg.Reset()
	if _, err := w.client().Tarball(t.Context(), "a", "1.0.0", ""); err != nil {
		t.Errorf("nothing bad was kept: %v", err)
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault npmtest.Fault
		token string
		kind  report.Kind
		words []string
	}{
		{"401", npmtest.Fault{Status: 401}, "", report.Network, []string{"asks for credentials", "no credentials were sent", "npm login --registry="}},
		{"401 with token", npmtest.Fault{Status: 401}, "t0k3n", report.Network, []string{"does not accept", "the credentials for //127.0.0.1:", "in .npmrc were sent", "renew"}},
		{"403", npmtest.Fault{Status: 403}, "t0k3n", report.Network, []string{"refuses a", "operator"}},
		{"404", npmtest.Fault{Status: 404}, "", report.Failure, []string{"has no a", "check the name", "npm login"}},
		{"429", npmtest.Fault{Status: 429}, "", report.Network, []string{"slow down", "again in a few minutes"}},
		{"500", npmtest.Fault{Status: 500}, "", report.Network, []string{"HTTP status 500", "again"}},
		{"redirects", npmtest.Fault{Redirect: "loop"}, "", report.Network, []string{"redirects more than", ".npmrc"}},
		{"truncated", npmtest.Fault{Truncate: true}, "", report.Network, []string{"unexpected EOF", "HTTPS_PROXY"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
			if tt.token != "" {
				w.npmrc("registry="+w.reg.URL(), strings.TrimPrefix(w.reg.URL(), "http:")+":_authToken="+tt.token)
			}
			w.reg.Fault(tt.fault)
			_, err := w.client().Packument(t.Context(), "a", false)
			mustFail(t, err, tt.kind, tt.words...)
			if !strings.Contains(err.Error(), "127.0.0.1:") || strings.Contains(err.Error(), "t0k3n") {
				t.Errorf("the host must be in the message, the token never: %v", err)
			}
			if tt.name == "404" && !errors.Is(err, library.ErrNoSuchPackage) {
				t.Error("ErrNoSuchPackage is missing")
			}
		})
	}
	w := newWorld(t)
	w.reg.Close()
	_, err := w.client().Packument(t.Context(), "a", false)
	mustFail(t, err, report.Network, "refused", "check the network")
	_, err = w.client().Packument(t.Context(), "../a", false)
	mustFail(t, err, report.Usage, "no name of an npm package")
}

func TestCancelledRequestIsNotRemembered(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	w.reg.Fault(npmtest.Fault{Hang: true, Times: 1})
	c := w.client()
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error, 1)
	go func() {
		_, err := c.Packument(ctx, "a", false)
		first <- err
	}()
	for w.reg.Count() == 0 {
		time.Sleep(time.Millisecond)
	}
	second := make(chan error, 1)
	go func() {
		_, err := c.Packument(t.Context(), "a", false)
		second <- err
	}()
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("first: %v", err)
	}
	if err := <-second; err != nil {
		t.Errorf("second: %v", err)
	}
}

func TestCredentials(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "@corp/a", Version: "1.0.0"})
	w.reg.RequireToken("s3cret")
	var mu sync.Mutex
	var elsewhere []string
	other := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
		http.NotFound(rw, r)
	}))
	defer other.Close()
	prefix := strings.TrimPrefix(w.reg.URL(), "http:")
	t.Setenv("CORP_TOKEN", "s3cret")
	w.npmrc("registry="+other.URL, "@corp:registry="+w.reg.URL(), prefix+":_authToken=${CORP_TOKEN}")
	if _, err := w.client().Packument(t.Context(), "@corp/a", false); err != nil {
		t.Fatal(err)
	}
	_, err := w.client().Packument(t.Context(), "b", false)
	mustFail(t, err, report.Failure, "no credentials were sent")
	w.reg.Fault(npmtest.Fault{Redirect: other.URL + "/x"})
	_, err = w.client().Tarball(t.Context(), "@corp/a", "1.0.0", "sha512-"+strings.Repeat("A", 86)+"==")
	if err == nil {
		t.Error("no error")
	}
	mu.Lock()
	asked := slices.Clone(elsewhere)
	mu.Unlock()
	for _, a := range asked {
		if a != "" {
			t.Errorf("credentials went to another host: %q", a)
		}
	}
	if len(asked) < 2 {
		t.Errorf("the other host was asked %d times", len(asked))
	}
	w.reg.Reset()
	w.npmrc("registry=" + other.URL)
	t.Setenv("NPM_CONFIG_REGISTRY", w.reg.URL())
	t.Setenv("npm_config_"+prefix+":_authToken", "s3cret")
	if _, err := w.client().Packument(t.Context(), "@corp/a", true); err != nil {
		t.Errorf("from the environment: %v", err)
	}
	project := t.TempDir()
	if err := os.WriteFile(filepath.Join(project, ".npmrc"), []byte("@corp:registry=nonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Cache: w.cache, Dir: project})
	mustFail(t, err, report.Usage, "@corp:registry", "npm config set")
	t.Chdir(project)
	w.client() // without Dir the working directory's file is nobody's
}

func TestOrigin(t *testing.T) {
	w := newWorld(t)
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	w.publish(npmtest.Package{Name: "@acme/p", Version: "1.0.0", Deprecated: "use 2"})
	w.publish(npmtest.Package{Name: "@acme/p", Version: "1.2.0-rc.1", Tags: []string{"next"}})
	w.publish(npmtest.Package{Name: "@acme/p", Version: "1.1.0", Time: at, Files: map[string]string{"src/index.ts": "export {}"}})
	ctx, src := t.Context(), resolve.Source{Kind: resolve.NPM, Path: "@acme/p"}
	o := NewOrigin(w.client())
	r, err := o.Releases(ctx, src)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(r.Versions, " ") != "v1.0.0 v1.1.0 v1.2.0-rc.1" || strings.Join(r.Tags, " ") != "latest next" || r.Deprecated["v1.0.0"] != "use 2" {
		t.Errorf("%+v", r)
	}
	rev, err := o.Find(ctx, src, "HEAD")
	if err != nil || rev.Version != "v1.1.0" || !rev.Time.Equal(at) || rev.Integrity == "" {
		t.Errorf("%+v, %v", rev, err)
	}
	if rev, err := o.Find(ctx, src, "next"); err != nil || rev.Version != "v1.2.0-rc.1" {
		t.Errorf("%+v, %v", rev, err)
	}
	_, err = o.Find(ctx, src, "main")
	mustFail(t, err, report.Failure, `no dist-tag "main"`, "latest (1.1.0)", "conduit get npm:@acme/p@latest")
	if !errors.Is(err, resolve.ErrNoSuchRevision) {
		t.Error("ErrNoSuchRevision is missing")
	}
	tree, err := o.Fetch(ctx, src, resolve.Revision{Version: "v1.1.0"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(tree.Path, "src", "index.ts")); err != nil || !strings.HasPrefix(tree.Sum, "h1:") || !tree.Time.Equal(at) {
		t.Errorf("%+v, %v", tree, err)
	}
	w.reg.Reset()
	same, err := NewOrigin(w.client()).Fetch(ctx, src, resolve.Revision{Version: "v1.1.0", Integrity: rev.Integrity})
	if err != nil || same != tree || w.reg.Count() != 0 {
		t.Errorf("from the lock: %+v, %v, requests %v", same, err, w.reg.Requests())
	}
	_, err = o.Fetch(ctx, src, resolve.Revision{Version: "v1.1.0", Integrity: "sha512-" + strings.Repeat("A", 86) + "=="})
	mustFail(t, err, report.Integrity, "@acme/p@1.1.0", "sha512-AAA", rev.Integrity)
	_, err = o.Fetch(ctx, src, resolve.Revision{Version: "v9.0.0"})
	mustFail(t, err, report.Failure, "has no version 9.0.0", "1.0.0, 1.1.0")
}
