package npm

import (
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// incompressible is text that gzip makes hardly smaller.
func incompressible(n int) string {
	var b strings.Builder
	x := uint64(1)
	for b.Len() < n {
		x = x*6364136223846793005 + 1442695040888963407
		b.WriteByte(byte('!' + x>>33%90))
	}
	return b.String()
}

// leftNothing checks that a download that failed left no part of itself in the cache.
func leftNothing(t *testing.T, c *cache.Cache) {
	t.Helper()
	for _, dir := range []string{"tmp", "library", "module", "lock"} {
		err := filepath.WalkDir(filepath.Join(c.Dir(), dir), func(path string, e os.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				t.Errorf("left in the cache: %s", path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// spied makes a client that notes its requests and answers.
func spied(w *world, seen *[]string) *Client {
	return w.client(func(o *Options) {
		o.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			line := "range=" + r.Header.Get("Range")
			if r.Header.Get("If-Range") != "" {
				line += " if-range"
			}
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err == nil {
				line += " " + http.StatusText(resp.StatusCode)
			}
			*seen = append(*seen, line)
			return resp, err
		})
	})
}

func TestBrokenDownloadGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		first  npmtest.Fault
		second npmtest.Fault
		want   []string
	}{
		"truncated":      {npmtest.Fault{Truncate: true}, npmtest.Fault{}, []string{"range= OK", "range=bytes=N- if-range Partial Content"}},
		"stalled":        {npmtest.Fault{Stall: true}, npmtest.Fault{}, []string{"range= OK", "range=bytes=N- if-range Partial Content"}},
		"without ranges": {npmtest.Fault{Truncate: true}, npmtest.Fault{NoRange: true}, []string{"range= OK", "range=bytes=N- if-range OK"}},
		"in between":     {npmtest.Fault{Truncate: true}, npmtest.Fault{Status: 502}, []string{"range= OK", "range=bytes=N- if-range Bad Gateway", "range= OK"}},
		"no such range":  {npmtest.Fault{Truncate: true}, npmtest.Fault{Status: 416}, []string{"range= OK", "range=bytes=N- if-range Requested Range Not Satisfiable", "range= OK"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.publish(npmtest.Package{Name: "a", Version: "1.0.0", Files: map[string]string{"x": incompressible(500_000)}})
			for _, f := range []npmtest.Fault{tt.first, tt.second} {
				if f != (npmtest.Fault{}) {
					f.On, f.Times = "tarball", 1
					w.reg.Fault(f)
				}
			}
			var seen []string
			c := spied(w, &seen)
			c.http.silent = 100 * time.Millisecond
			_, err := c.Tarball(t.Context(), "a", "1.0.0", "")
			if err != nil {
				t.Fatal(err)
			}
			for i := range seen {
				if before, after, ok := strings.Cut(seen[i], "bytes="); ok {
					seen[i] = before + "bytes=N-" + after[strings.Index(after, "-")+1:]
				}
			}
			if strings.Join(seen[1:], "; ") != strings.Join(tt.want, "; ") { // the first is the document
				t.Errorf("requests %q, want %q", seen[1:], tt.want)
			}
		})
	}
}

// TestPiecesOfTwoFiles: what is put together from two files does not pass, and is fetched once more from the start.
func TestPiecesOfTwoFiles(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0", Files: map[string]string{"x": incompressible(500_000)}})
	d, err := w.client().Packument(t.Context(), "a", false)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Version("1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	w.reg.Fault(npmtest.Fault{On: "tarball", Times: 1, Corrupt: true, Truncate: true})
	var seen []string
	if _, err := spied(w, &seen).Tarball(t.Context(), "a", "1.0.0", m.Integrity); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 3 || seen[2] != "range= OK" {
		t.Errorf("requests %q", seen)
	}
	w.reg.Fault(npmtest.Fault{On: "tarball", Times: 1, Corrupt: true, Truncate: true})
	w.reg.Fault(npmtest.Fault{On: "tarball", Corrupt: true})
	w.cold()
	_, err = w.client().Tarball(t.Context(), "a", "1.0.0", m.Integrity)
	mustFail(t, err, report.Integrity, "a@1.0.0")
	leftNothing(t, w.cache)
}

func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0", Files: map[string]string{"x": incompressible(100_000)}})
	small := func(o *Options) { o.Limits = Limits{Document: 1 << 20, Tarball: 50_000} }
	_, err := w.client(small).Tarball(t.Context(), "a", "1.0.0", "")
	mustFail(t, err, report.Policy, "the tarball of a@1.0.0 is too large", "more than 50000 bytes", "use another version")
	w.reg.Fault(npmtest.Fault{On: "tarball", Endless: true})
	_, err = w.client(small).Tarball(t.Context(), "a", "1.0.0", "")
	mustFail(t, err, report.Policy, "too large", "use another version")
	leftNothing(t, w.cache)
}

// TestHugeDocument: a document of 50 MB is refused without taking much more memory than its limit.
func TestHugeDocument(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	w.reg.Fault(npmtest.Fault{On: "document", Pad: 50})
	c := w.client()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	r, err := http.NewRequest(http.MethodGet, w.reg.URL()+"a", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp := &http.Response{StatusCode: 200, ContentLength: -1, Request: r, Body: endlessBody{}}
	_, err = c.readDocument("a", true, resp)
	runtime.ReadMemStats(&after)
	mustFail(t, err, report.Policy, "the registry's document of a is too large", "45 MiB", "npm config get registry")
	// A buffer that doubles has allocated some three times its limit in the end, under the race detector twice that.
	if used := after.TotalAlloc - before.TotalAlloc; used > 384<<20 {
		t.Errorf("%d MiB were allocated", used>>20)
	}
	_, err = c.Packument(t.Context(), "a", true)
	mustFail(t, err, report.Policy, "too large", "npm config get registry")
	if w.reg.Count() != 1 {
		t.Errorf("asked %d times", w.reg.Count())
	}
	leftNothing(t, w.cache)
}

type endlessBody struct{}

func (endlessBody) Read(p []byte) (int, error) { clear(p); return len(p), nil }
func (endlessBody) Close() error               { return nil }

func TestTarballOnAnotherHost(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	files, err := npmtest.Start(npmtest.Options{}) // in the part of another host
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	data, err := npmtest.Tarball(map[string]any{"name": "a", "version": "1.0.0"}, map[string]string{"index.js": "module.exports = \"a@1.0.0\"\n"})
	if err != nil {
		t.Fatal(err)
	}
	if err := files.Publish(npmtest.Package{Name: "elsewhere", Version: "1.0.0", Tarball: data}); err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(files.URL(), "127.0.0.1", "localhost", 1)
	host := strings.Trim(strings.TrimPrefix(other, "http:"), "/")
	lost := func() {
		w.reg.Reset()
		w.reg.Fault(npmtest.Fault{On: "tarball", Status: 404})
		w.reg.Fault(npmtest.Fault{On: "document", Tarballs: other + "elsewhere/-/"})
	}
	lost()
	w.npmrc("registry=" + w.reg.URL())
	_, err = w.client().Tarball(t.Context(), "a", "1.0.0", "")
	mustFail(t, err, report.Policy, "the tarball of a@1.0.0 lies on another host", host, "[policy]\n        hosts = [\""+host+"\"]")
	if files.Count() != 0 {
		t.Errorf("the other host was asked: %v", files.Requests())
	}
	leftNothing(t, w.cache)
	for name, allow := range map[string]func() *Client{
		"policy":      func() *Client { c := w.client(); c.Allow(Policy{Hosts: []string{host}}); return c },
		"registry":    func() *Client { w.npmrc("registry="+w.reg.URL(), "@x:registry="+other); return w.client() },
		"credentials": func() *Client { w.npmrc("registry="+w.reg.URL(), "//"+host+"/:_authToken=x"); return w.client() },
	} {
		t.Run(name, func(t *testing.T) {
			lost()
			w.npmrc("registry=" + w.reg.URL())
			w.cold()
			if _, err := allow().Tarball(t.Context(), "a", "1.0.0", ""); err != nil {
				t.Error(err)
			}
		})
	}
}

// A registry that wants a longer wait than a user would sit through is not asked again: the message says when.
func TestLongWait(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	w.reg.Fault(npmtest.Fault{Status: 429, After: 3600})
	before := len(w.reg.Requests())
	_, err := w.client().Packument(t.Context(), "a", false)
	mustFail(t, err, report.Network, "slow down", "type the command again at ", "(in 1h0m0s)")
	if n := len(w.reg.Requests()) - before; n != 1 {
		t.Errorf("%d requests", n)
	}
}
