package mirror_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// route is the route of a list, with a login of .netrc for every host.
func route(t *testing.T, variables ...string) *mirror.Route {
	t.Helper()
	r, err := mirror.New(options(variables...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func options(variables ...string) mirror.Options {
	return mirror.Options{
		Env: func(name string) string {
			for _, v := range variables {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value
				}
			}
			return ""
		},
		Client: func() (*http.Client, error) { return &http.Client{Transport: &http.Transport{}}, nil },
		Login:  func(string) (string, string, bool) { return "ci", "netrc-password", true },
	}
}

// status is a mirror that always answers so.
func status(t *testing.T, code int) string {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "mirror")
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// TestFallThrough: after a comma the next one is asked where a mirror does not have the file, after | whatever went wrong.
func TestFallThrough(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(nil)
	gone.Close()
	ok, none, removed, broken, closed := status(t, 200), status(t, 404), status(t, 410), status(t, 500), gone.URL
	for _, c := range []struct{ proxy, want string }{
		{"", "direct"},
		{"direct", "direct"},
		{"direct," + ok, "direct"},
		{ok, "mirror"},
		{ok + ",direct", "mirror"},
		{none + ",direct", "direct"},
		{removed + ",direct", "direct"},
		{none + "," + ok, "mirror"},
		{broken + ",direct", "status 500"},
		{broken + "|direct", "direct"},
		{closed + ",direct", "connection refused"},
		{closed + "|" + none + "|" + ok, "mirror"},
		{closed + "|" + none + ",direct", "direct"},
		{none + "," + removed, "does not have"},
		{none, "does not have"},
		{none + ",off", "does not allow"},
		{broken + "|off", "status 500"},
		{"off", "does not allow"},
		{"off,direct", "does not allow"},
		{" " + none + " , direct ", "direct"},
	} {
		got := ""
		err := route(t, "CONDUIT_PROXY="+c.proxy).Fetch(t.Context(), "npm:x", "npm/x/document.json", 100, func(in io.Reader) error {
			data, err := io.ReadAll(in)
			got = string(data)
			return err
		}, func() error { got = "direct"; return nil })
		if err != nil {
			got = err.Error()
			if report.KindOf(err) != report.Network {
				t.Errorf("%s: %v", c.proxy, err)
			}
		}
		if !strings.Contains(got, c.want) {
			t.Errorf("%s: %s, want %s", c.proxy, got, c.want)
		}
	}
}

// TestNoFallThrough: what was tampered with ends the search, also after |; so does a caller who gave up.
func TestNoFallThrough(t *testing.T) {
	t.Parallel()
	ok := status(t, 200)
	direct := func() error { t.Error("asked"); return nil }
	err := route(t, "CONDUIT_PROXY="+ok+"|direct").Fetch(t.Context(), "npm:x", "x", 100, func(io.Reader) error {
		return verify.Mismatch("x", "sum", "a", "b")
	}, direct)
	if report.KindOf(err) != report.Integrity {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := route(t, "CONDUIT_PROXY="+ok+"|direct").Fetch(ctx, "npm:x", "x", 100, func(io.Reader) error { return nil }, direct); err == nil {
		t.Error("no error")
	}
}

func TestBound(t *testing.T) {
	t.Parallel()
	read := func(in io.Reader) error { _, err := io.ReadAll(in); return err }
	err := route(t, "CONDUIT_PROXY="+status(t, 200)).Fetch(t.Context(), "npm:x", "x", 3, read, nil)
	if err == nil || !strings.Contains(err.Error(), "more than 3 bytes") {
		t.Error(err)
	}
}

func TestPrivate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		variables string
		source    string
		mirrored  bool
	}{
		{"", "npm:x", true},
		{"CONDUIT_PRIVATE=npm:@acme/*,github:acme/*", "npm:@acme/x", false},
		{"CONDUIT_PRIVATE=npm:@acme/*, github:acme/*", "github:Acme/x//dir", false},
		{"CONDUIT_PRIVATE=npm:@acme/*", "npm:x", true},
		{"CONDUIT_PRIVATE=npm:@acme/* CONDUIT_NOPROXY=npm:x", "npm:@acme/x", true},
		{"CONDUIT_NOPROXY=npm:x", "npm:x", false},
	} {
		r := route(t, append(strings.Split(c.variables, " CONDUIT"), "CONDUIT_PROXY=off")...)
		if strings.Contains(c.variables, " CONDUIT") {
			r = route(t, "CONDUIT_PRIVATE=npm:@acme/*", "CONDUIT_NOPROXY=npm:x", "CONDUIT_PROXY=off")
		}
		if r.Mirrored(c.source) != c.mirrored || (r.Direct(c.source) == nil) == c.mirrored {
			t.Errorf("%s of %s: %v, %v", c.source, c.variables, r.Mirrored(c.source), r.Direct(c.source))
		}
	}
}

func TestMalformed(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"CONDUIT_PROXY=http://mirror.example.com":                   "has no TLS",
		"CONDUIT_PROXY=mirror.example.com":                          "neither an address",
		"CONDUIT_PROXY=ftp://mirror.example.com":                    "neither an address",
		"CONDUIT_PROXY=file:mirror":                                 "names no folder",
		"CONDUIT_PROXY=https://user:secret@[":                       "cannot be read",
		"CONDUIT_PROXY=https://m.example.com,CONDUIT_NOPROXY=x,off": "neither an address",
	} {
		_, err := mirror.New(options(value))
		if report.KindOf(err) != report.Usage || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %s", value, err, want)
		}
	}
	if _, err := mirror.New(options("CONDUIT_PROXY=off", "CONDUIT_NOPROXY=x")); report.KindOf(err) != report.Usage {
		t.Error(err)
	}
	if got := route(t, "CONDUIT_PROXY=https://user:secret@m.example.com/a/|file:///x,direct").String(); got != "https://m.example.com/a|file:///x,direct" {
		t.Error(got)
	}
}

// TestRedirect: a login goes to its mirror, and along a redirect to no other.
func TestRedirect(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			http.Error(w, "a login came along", http.StatusInternalServerError)
		}
	}))
	t.Cleanup(other.Close)
	first := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, password, _ := r.BasicAuth(); password != "netrc-password" {
			http.Error(w, "no login", http.StatusForbidden)
			return
		}
		switch r.URL.Path {
		case "/own":
			http.Redirect(w, r, "/end", http.StatusFound)
		case "/other":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/plain":
			http.Redirect(w, r, "http://mirror.example.com/", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		}
	}))
	t.Cleanup(first.Close)
	r := route(t, "CONDUIT_PROXY="+first.URL)
	for name, want := range map[string]string{"own": "", "other": "", "plain": "without TLS", "loop": "more redirects"} {
		err := r.Fetch(t.Context(), "npm:x", name, 100, func(in io.Reader) error { _, err := io.ReadAll(in); return err }, nil)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}

// TestHandler: nothing but a mirror's files is served, to nobody without a token.
func TestHandler(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, name := range []string{mirror.MarkFile, "git/github.com/a/b/refs.json", "git/github.com/a/b/.new-1", "secret.json", "npm/x/document.json"} {
		files[name] = &fstest.MapFile{Data: []byte("{}")}
	}
	h := mirror.Handler(files, []string{"first-token", "second-token"})
	for _, c := range []struct {
		method, path, token string
		code                int
	}{
		{"GET", "/git/github.com/a/b/refs.json", "second-token", 200},
		{"HEAD", "/" + mirror.MarkFile, "first-token", 200},
		{"GET", "/npm/x/document.json", "", 401},
		{"GET", "/npm/x/document.json", "other", 401},
		{"GET", "/npm/x/missing.json", "", 401},
		{"GET", "/npm/x/missing.json", "first-token", 404},
		{"GET", "/npm/x", "first-token", 404},
		{"GET", "/npm/x/", "first-token", 404},
		{"GET", "/", "first-token", 404},
		{"GET", "/secret.json", "first-token", 404},
		{"GET", "/git/github.com/a/b/.new-1", "first-token", 404},
		{"GET", "/npm/../secret.json", "first-token", 404},
		{"POST", "/npm/x/document.json", "first-token", 405},
	} {
		for _, basic := range []bool{false, true} {
			q := httptest.NewRequest(c.method, "http://mirror"+c.path, nil)
			if c.token != "" && basic {
				q.SetBasicAuth("anybody", c.token)
			} else if c.token != "" {
				q.Header.Set("Authorization", "Bearer "+c.token)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, q)
			if w.Code != c.code {
				t.Errorf("%s %s with %q: %d, want %d", c.method, c.path, c.token, w.Code, c.code)
			}
		}
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		mirror.Refs("https://github.com/Acme/Talk"):         "git/github.com/acme/talk/refs.json",
		mirror.Pack("https://git.example.com/A/b.git", "c"): "git/git.example.com/!a/b.git/c.pack",
		mirror.Document("@acme/x"):                          "npm/@acme/x/document.json",
		mirror.Document("../x"):                             "npm/=2e./x/document.json",
		mirror.Document("a b%/.c"):                          "npm/a=20b=25/=2ec/document.json",
	} {
		if got != want || !fs.ValidPath(got) {
			t.Errorf("%s, want %s", got, want)
		}
	}
	want, err := verify.ParseIntegrity("sha512-" + strings.Repeat("A", 86) + "==")
	if err != nil || mirror.Tarball(want) != "tarball/sha512/00/"+strings.Repeat("0", 128)+".tgz" {
		t.Error(errors.Join(err, errors.New(mirror.Tarball(want))))
	}
}
