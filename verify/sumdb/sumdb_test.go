package sumdb_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/sumdb"
)

// memory is what a client remembers.
type memory struct {
	mu   sync.Mutex
	data map[string][]byte
}

func (m *memory) Read(name string) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	data, ok := m.data[name]
	return data, ok
}

func (m *memory) Write(name string, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.data[name] = data
	return nil
}

func (m *memory) Lock(context.Context, string) (func(), error) { return func() {}, nil }

func newMemory() *memory { return &memory{data: map[string][]byte{}} }

// world is what versions are, by SOURCE@VERSION.
type world struct {
	mu    sync.Mutex
	sums  map[string]string
	asked int
}

func (w *world) sum(_ context.Context, source, version string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	sum, ok := w.sums[source+"@"+version]
	if !ok {
		return "", fmt.Errorf("nobody has it: %w", fs.ErrNotExist)
	}
	return sum, nil
}

func (w *world) questions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

type keys struct{ signer, verifier string }

func newKeys(t *testing.T) keys {
	t.Helper()
	signer, verifier, err := sumdb.NewKey("sums.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return keys{signer, verifier}
}

// serve runs a log with what the world has.
func serve(t *testing.T, k keys, file string, w *world) (*httptest.Server, func()) {
	t.Helper()
	s, err := sumdb.Open(file, k.signer, w.sum)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler())
	end := sync.OnceFunc(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(end)
	return h, end
}

// client asks the log at address; change, if any, is what happens to answers on the way.
func client(t *testing.T, k keys, address string, keep sumdb.Keep, change func(path string, data []byte) []byte) *sumdb.Client {
	t.Helper()
	log, err := sumdb.Parse(k.verifier + " " + address)
	if err != nil {
		t.Fatal(err)
	}
	return sumdb.NewClient(t.Context(), log, keep, func(ctx context.Context, path string) ([]byte, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, log.URL.String()+path, nil)
		if err != nil {
			return nil, err
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil, err
		}
		defer res.Body.Close()
		data, err := io.ReadAll(res.Body)
		if err == nil && res.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %d", res.StatusCode)
		}
		if change != nil && err == nil {
			data = change(path, data)
		}
		return data, err
	})
}

// sums are many versions of one source, so that a tree has several levels.
func sums(source string, n int) map[string]string {
	out := map[string]string{}
	for i := range n {
		out[fmt.Sprintf("%s@v1.0.%d", source, i)] = fmt.Sprintf("h1:%043d=", i)
	}
	return out
}

func check(t *testing.T, c *sumdb.Client, source, version, sum string, kind report.Kind, want string) {
	t.Helper()
	err := c.Check(source, version, sum)
	if want == "" {
		if err != nil {
			t.Errorf("%s@%s: %v", source, version, err)
		}
		return
	}
	if err == nil || report.KindOf(err) != kind || !strings.Contains(err.Error(), want) {
		t.Errorf("%s@%s: %v (%v), want %s", source, version, err, report.KindOf(err), want)
	}
}

// TestLog: what was logged first is what everybody is compared with, also after the source says something else and the server
// was started anew.
func TestLog(t *testing.T) {
	t.Parallel()
	k, file := newKeys(t), filepath.Join(t.TempDir(), "log.db")
	w := &world{sums: sums("github:acme/talk", 300)}
	w.sums["npm:@acme/x_y.z@v1.0.0-rc.1"] = "h1:npm"
	w.sums["github:acme/mono//deep@v0.0.0-20250630000000-0123456789ab"] = "h1:deep"
	server, end := serve(t, k, file, w)
	keep := newMemory()
	c := client(t, k, server.URL, keep, nil)
	for i := range 300 {
		check(t, c, "github:acme/talk", fmt.Sprintf("v1.0.%d", i), fmt.Sprintf("h1:%043d=", i), 0, "")
	}
	check(t, c, "npm:@acme/x_y.z", "v1.0.0-rc.1", "h1:npm", 0, "")
	check(t, c, "github:acme/mono//deep", "v0.0.0-20250630000000-0123456789ab", "h1:deep", 0, "")
	check(t, c, "github:acme/none", "v1.0.0", "h1:x", report.Network, "status 404")
	check(t, c, "github:acme/none", "v1.0.0", "h1:x", report.Network, "CONDUIT_NOSUMDB=github:acme/none")

	// The tag is moved. Whoever sees the new one is told.
	w.mu.Lock()
	w.sums["github:acme/talk@v1.0.7"] = "h1:moved"
	w.mu.Unlock()
	end()
	server, _ = serve(t, k, file, w)
	before := w.questions()
	for _, keep := range []*memory{keep, newMemory()} {
		c := client(t, k, server.URL, keep, nil)
		check(t, c, "github:acme/talk", "v1.0.7", "h1:moved", report.Integrity, "github:acme/talk@v1.0.7 is not what everybody else gets")
		check(t, c, "github:acme/talk", "v1.0.299", fmt.Sprintf("h1:%043d=", 299), 0, "")
	}
	if w.questions() != before {
		t.Error("what is logged is asked for again")
	}
	// What was asked for once is known without the log.
	c = client(t, k, "http://127.0.0.1:1", keep, nil)
	check(t, c, "github:acme/talk", "v1.0.8", fmt.Sprintf("h1:%043d=", 8), 0, "")
	check(t, c, "github:acme/talk", "v9.9.9", "h1:x", report.Network, "cannot say")
}

// TestAtOnce: many who ask for one version get one record.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	w := &world{sums: sums("npm:x", 20)}
	server, _ := serve(t, k, filepath.Join(t.TempDir(), "log.db"), w)
	var group sync.WaitGroup
	for range 8 {
		c := client(t, k, server.URL, newMemory(), nil)
		group.Go(func() {
			for i := range 20 {
				if err := c.Check("npm:x", fmt.Sprintf("v1.0.%d", i), fmt.Sprintf("h1:%043d=", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// TestFork: a log that shows two clients two histories is found out as soon as one of them sees both.
func TestFork(t *testing.T) {
	t.Parallel()
	k, dir := newKeys(t), t.TempDir()
	honest := &world{sums: sums("npm:x", 300)}
	forged := &world{sums: sums("npm:x", 300)}
	forged.sums["npm:x@v1.0.3"] = "h1:forged"
	one, _ := serve(t, k, filepath.Join(dir, "one.db"), honest)
	two, _ := serve(t, k, filepath.Join(dir, "two.db"), forged)
	for _, at := range []int{5, 40} { // a fork below and above what the other history has by then
		keep := newMemory()
		c := client(t, k, one.URL, keep, nil)
		for i := range at {
			check(t, c, "npm:x", fmt.Sprintf("v1.0.%d", i), fmt.Sprintf("h1:%043d=", i), 0, "")
		}
		stranger := client(t, k, two.URL, newMemory(), nil)
		for i := range 10 {
			sum := forged.sums[fmt.Sprintf("npm:x@v1.0.%d", i)]
			check(t, stranger, "npm:x", fmt.Sprintf("v1.0.%d", i), sum, 0, "")
		}
		// The same log, as it names itself, with the other history.
		log, err := sumdb.Parse(k.verifier + " " + one.URL)
		if err != nil {
			t.Fatal(err)
		}
		forked := client(t, k, two.URL, keep, nil)
		check(t, forked, "npm:x", fmt.Sprintf("v1.0.%d", at), fmt.Sprintf("h1:%043d=", at), report.Integrity, "the checksum log "+log.Name+" contradicts itself")
	}
}

// TestForged: what is not proved by the log's key and tree is not believed.
func TestForged(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	w := &world{sums: sums("npm:x", 40)}
	server, _ := serve(t, k, filepath.Join(t.TempDir(), "log.db"), w)
	for i := range 40 {
		check(t, client(t, k, server.URL, newMemory(), nil), "npm:x", fmt.Sprintf("v1.0.%d", i), fmt.Sprintf("h1:%043d=", i), 0, "")
	}
	for name, change := range map[string]func(path string, data []byte) []byte{
		"record": func(path string, data []byte) []byte {
			if strings.HasPrefix(path, "/lookup/") {
				return bytes.Replace(data, []byte("h1:0"), []byte("h1:1"), 1)
			}
			return data
		},
		"tile": func(path string, data []byte) []byte {
			if strings.HasPrefix(path, "/tile/") && len(data) > 0 {
				data[0] ^= 1
			}
			return data
		},
		"head": func(path string, data []byte) []byte {
			return bytes.Replace(data, []byte("\n40\n"), []byte("\n41\n"), 1)
		},
	} {
		c := client(t, k, server.URL, newMemory(), change)
		err := c.Check("npm:x", "v1.0.3", "h1:1"+strings.Repeat("0", 41)+"3=")
		if report.KindOf(err) != report.Integrity {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := newKeys(t)
	check(t, client(t, other, server.URL, newMemory(), nil), "npm:x", "v1.0.3", fmt.Sprintf("h1:%043d=", 3), report.Integrity, "is not proved")
}

func TestParse(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	for text, want := range map[string]string{
		k.verifier:                              "https://sums.example.com",
		k.verifier + " https://other.org/sums/": "https://other.org/sums",
		k.verifier + " http://127.0.0.1:8440":   "http://127.0.0.1:8440",
	} {
		if log, err := sumdb.Parse(text); err != nil || log.URL.String() != want || log.Name != "sums.example.com" {
			t.Errorf("%s: %v, %v", text, log, err)
		}
	}
	for _, text := range []string{"", "off"} {
		if log, err := sumdb.Parse(text); log != nil || err != nil {
			t.Errorf("%q: %v, %v", text, log, err)
		}
	}
	for _, text := range []string{"sums.example.com", "x+y+z https://a", k.verifier + " a b", k.verifier + " http://sums.example.com", k.verifier + " ftp://x", k.verifier + " /x", k.signer} {
		if _, err := sumdb.Parse(text); report.KindOf(err) != report.Usage || strings.Contains(err.Error(), k.signer) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, name := range []string{"", "a b", "a+b", "a/b"} {
		if _, _, err := sumdb.NewKey(name); report.KindOf(err) != report.Usage {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestQuestions: nobody is asked for what cannot be a source, and a server's troubles are no news to clients.
func TestQuestions(t *testing.T) {
	t.Parallel()
	k := newKeys(t)
	var mu sync.Mutex
	var sources []string
	s, err := sumdb.Open(filepath.Join(t.TempDir(), "log.db"), k.signer, func(_ context.Context, source, version string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		sources = append(sources, source+"@"+version)
		return "", errors.New("secret")
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for path, code := range map[string]int{
		"/lookup/github.source/x-acme/x-talk@v1.0.0": 500, "/lookup/github.source/x-_41cme@v1.0.0": 500, "/lookup/npm.source/x-_40a/x-b@v1.0.0": 500,
		"/lookup/github.com/acme/talk@v1.0.0": 404, "/lookup/github.source/x-_61@v1.0.0": 404, "/lookup/github.source/x-_6@v1.0.0": 404,
		"/lookup/github.source/talk@v1.0.0": 404, "/lookup/github.source@v1.0.0": 404, "/elsewhere": 404,
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, (&url.URL{Path: path}).String(), nil))
		if w.Code != code || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s, want %d", path, w.Code, w.Body, code)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if len(sources) != 3 {
		t.Error(sources)
	}
}
