package github_test

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

func TestUnknownNames(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	o := w.origin(t)
	for _, name := range []string{"nope", "abcdef1", strings.Repeat("ab", 20)} {
		_, err := o.Find(t.Context(), src, name)
		wantError(t, err, report.Failure, name, "no version tags", "branches are main", "conduit get github:"+repo+"@main")
		if !errors.Is(err, resolve.ErrNoSuchRevision) {
			t.Errorf("%s: %v is not ErrNoSuchRevision", name, err)
		}
	}
	w.add(t, sourcetest.Commit{Files: files("b"), Tags: []string{"v1.0.0"}})
	_, err := w.origin(t).Fetch(t.Context(), src, resolve.Revision{Version: "v9.0.0"})
	wantError(t, err, report.Failure, "v9.0.0", "its versions are v1.0.0", "conduit get github:"+repo+"@v1.0.0")
}

func TestEmptyRepository(t *testing.T) {
	w := newWorld(t)
	w.add(t)
	o := w.origin(t)
	if rels, err := o.Releases(t.Context(), src); err != nil || len(rels.Branches) != 0 {
		t.Errorf("%+v, %v", rels, err)
	}
	_, err := o.Find(t.Context(), src, "HEAD")
	wantError(t, err, report.Failure, "is empty", "push a commit")
}

func TestMissingRepository(t *testing.T) {
	w := newWorld(t)
	_, err := w.origin(t).Releases(t.Context(), src)
	wantError(t, err, report.Failure, "no repository github:"+repo, "private", "check the spelling", github.EnvToken)
	w.wantRequests(t, 1)
}

func TestNetrc(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	w.git.Private(repo, "moo", "secret")
	w.env["NETRC"] = filepath.Join(t.TempDir(), "netrc")
	netrc := "machine example.com login x password y\nmachine 127.0.0.1\n\tlogin moo\n\tpassword secret\ndefault login z password z\n"
	if err := os.WriteFile(w.env["NETRC"], []byte(netrc), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.origin(t).Find(t.Context(), src, "main"); err != nil {
		t.Fatal(err)
	}
	w.wantRequests(t, 2)
	w.git.Private(repo, "moo", "changed")
	_, err := w.origin(t).Releases(t.Context(), src)
	wantError(t, err, report.Network, "refuses our credentials: those of "+w.env["NETRC"]+" for 127.0.0.1", github.EnvToken)
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows a password: %v", err)
	}
}

func TestCredentialHelper(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	w.git.Private(repo, "helped", "pass word")
	log := filepath.Join(t.TempDir(), "log")
	settings := filepath.Join(t.TempDir(), "gitconfig")
	helper := "[credential]\n\thelper = \"!f() { echo \\\"$1\\\" >>" + log + "; test \\\"$1\\\" = get && echo username=helped && echo 'password=pass word'; }; f\"\n"
	if err := os.WriteFile(settings, []byte(helper), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", settings)
	if _, err := w.origin(t).Find(t.Context(), src, "main"); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(log); string(got) != "get\nstore\n" {
		t.Errorf("the helper was asked for %q", got)
	}
	w.wantRequests(t, 3) // the first one is refused
}

// The token is GitHub's alone: a repository that git's settings lead elsewhere never sees it.
func TestTokenStaysAtGitHub(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	w.env[github.EnvToken] = "secret"
	if _, err := w.origin(t).Find(t.Context(), src, "main"); err != nil {
		t.Fatal(err)
	}
	for _, r := range w.git.Requests("") {
		if r.Authorization != "" {
			t.Errorf("%s %s carries %q", r.Method, r.Path, r.Authorization)
		}
	}
}

func TestCertificates(t *testing.T) {
	w := newWorld(t, sourcetest.WithTLS)
	w.add(t, sourcetest.Commit{Files: files("a")})
	_, err := w.origin(t).Releases(t.Context(), src)
	wantError(t, err, report.Network, "certificate", "SSL_CERT_FILE")
	w.env["SSL_CERT_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.env["SSL_CERT_FILE"], w.git.Certificate(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := w.origin(t).Releases(t.Context(), src); err != nil {
		t.Error(err)
	}
}

func TestOffline(t *testing.T) {
	w := newWorld(t)
	h := w.add(t, sourcetest.Commit{Files: files("a"), Tags: []string{"v1.0.0"}}, sourcetest.Commit{Files: files("b")})
	_, err := w.origin(t, offline).Releases(t.Context(), src)
	wantError(t, err, report.Network, "versions of github:"+repo, "without --offline")
	if _, err := w.origin(t).Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0"}); err != nil {
		t.Fatal(err)
	}
	w.git.ResetRequests()
	o := w.origin(t, offline)
	if tree, err := o.Fetch(t.Context(), src, resolve.Revision{Version: "v1.0.0"}); err != nil || tree.Commit != h[0] {
		t.Errorf("%+v, %v", tree, err)
	}
	_, err = o.Find(t.Context(), src, "main")
	wantError(t, err, report.Network, "github:"+repo+"@"+h[1][:12], "without --offline")
	w.wantRequests(t, 0)
}

func TestFaults(t *testing.T) {
	const pack, info = "git-upload-pack", "info/refs"
	for name, test := range map[string]struct {
		fault sourcetest.Fault
		kind  report.Kind
		says  []string
	}{
		"no refs":        {sourcetest.Fault{Path: info, Status: http.StatusServiceUnavailable}, report.Network, []string{"status 503", "--offline"}},
		"forbidden":      {sourcetest.Fault{Path: info, Status: http.StatusForbidden}, report.Network, []string{"refuses our credentials"}},
		"too many":       {sourcetest.Fault{Path: pack, Status: http.StatusTooManyRequests}, report.Network, []string{"fewer requests", "try again in a few minutes", github.EnvToken}},
		"silent":         {sourcetest.Fault{Path: info, Hang: true}, report.Network, []string{"timeout", "--offline"}},
		"silent later":   {sourcetest.Fault{Path: pack, Hang: true}, report.Network, []string{"timeout", "--offline"}},
		"refs cut short": {sourcetest.Fault{Path: info, Truncate: 60}, report.Network, []string{"EOF"}},
		"pack cut short": {sourcetest.Fault{Path: pack, Truncate: 200}, report.Network, []string{"EOF"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.add(t, sourcetest.Commit{Files: files("a", "b", "c")})
			w.git.Fail(repo, &test.fault)
			o := w.origin(t, func(o *github.Options) {
				if test.fault.Hang { // all others answer, however long that takes
					o.Timeout = 300 * time.Millisecond
				}
			})
			_, err := o.Find(t.Context(), src, "main")
			wantError(t, err, test.kind, append(test.says, repo)...)
			w.git.Fail(repo, nil)
			if _, err := w.origin(t).Find(t.Context(), src, "main"); err != nil {
				t.Errorf("after the fault: %v", err)
			}
		})
	}
}

// Whatever byte of a pack is changed, nothing false gets into the cache.
func TestFlippedByte(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a", "b")})
	rev, err := w.origin(t).Find(t.Context(), src, "main")
	if err != nil {
		t.Fatal(err)
	}
	want, err := w.origin(t).Fetch(t.Context(), src, rev)
	if err != nil {
		t.Fatal(err)
	}
	for at := int64(1); at < 400; at += 13 {
		w.emptyCache(t)
		w.git.Fail(repo, &sourcetest.Fault{Path: "git-upload-pack", Flip: at})
		got, err := w.origin(t, func(o *github.Options) { o.Timeout = 5 * time.Second }).Fetch(t.Context(), src, rev)
		if err == nil && got.Sum != want.Sum {
			t.Fatalf("byte %d: sum %s, want %s", at, got.Sum, want.Sum)
		}
	}
}

func TestUnreachable(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close() // its port refuses connections now
	w := newWorld(t)
	w.env["GIT_CONFIG_COUNT"] = "1"
	w.env["GIT_CONFIG_KEY_0"] = "url.http://user:secret@" + listener.Addr().String() + "/.insteadOf"
	w.env["GIT_CONFIG_VALUE_0"] = "https://github.com/MediaConduit/"
	_, err = w.origin(t).Releases(t.Context(), src)
	wantError(t, err, report.Network, "cannot read github:"+repo, listener.Addr().String(), "refused", "HTTPS_PROXY", "--offline")
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the error shows a password: %v", err)
	}
}

// A host that redirects elsewhere does not get the credentials sent along, neither with the refs nor with the pack.
func TestRedirectKeepsCredentials(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	var asked atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if _, _, ok := r.BasicAuth(); ok {
			asked.Add(1)
		}
		http.Redirect(rw, r, w.git.URL+"/github.com/"+repo+"/info/refs?"+r.URL.RawQuery, http.StatusFound)
	}))
	defer front.Close()
	o := w.origin(t)
	config := "[url \"" + front.URL + "/\"]\n\tinsteadOf = https://github.com/\n"
	if err := os.WriteFile(filepath.Join(w.env["HOME"], ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.env["HOME"], ".netrc"), []byte("machine 127.0.0.1 login moo password secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Find(t.Context(), src, "main"); err != nil {
		t.Fatal(err)
	}
	if asked.Load() == 0 {
		t.Error("the host that was configured got no credentials")
	}
	for _, r := range w.git.Requests("") {
		if r.Authorization != "" {
			t.Errorf("%s %s got %s", r.Method, r.Path, r.Authorization)
		}
	}
}

// A repository that was renamed redirects its refs; the pack is then asked for at the new place.
func TestRedirect(t *testing.T) {
	w := newWorld(t)
	w.add(t, sourcetest.Commit{Files: files("a")})
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, w.git.URL+"/github.com/"+repo+"/info/refs?"+r.URL.RawQuery, http.StatusMovedPermanently)
	}))
	defer front.Close()
	o := w.origin(t)
	file := filepath.Join(w.env["HOME"], ".gitconfig")
	if err := os.WriteFile(file, []byte("[include]\n\tpath = ~/more\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	more := "[url \"" + front.URL + "/\"]\n\tinsteadOf = https://github.com/\n\tinsteadOf = gh:\n"
	if err := os.WriteFile(filepath.Join(w.env["HOME"], "more"), []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Find(t.Context(), src, "main"); err != nil {
		t.Fatal(err)
	}
	w.wantRequests(t, 2)
}
