package sourcetest

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// GitHubHost is the host whose repositories need no host in their names here.
const GitHubHost = "github.com"

// Git serves git repositories over HTTP.
type Git struct {
	URL string // of the server, without a final slash

	dir     string // repositories, HOST/OWNER/REPO
	backend string // path of git-http-backend
	server  *httptest.Server
	done    chan struct{} // closed by Close

	mu       sync.Mutex
	hosts    map[string]bool
	clock    map[string]int // commits and tags that a repository has: each gets its own minute
	requests []Request
	faults   map[string]*Fault
	private  map[string]login
	known    login
}

// Request is one request that the server got.
type Request struct {
	Repo          string // as in [Git.AddRepo]
	Method        string
	Path          string // within the repository: "info/refs", "git-upload-pack"
	Authorization string // the header, "" if there was none
}

// Option changes how [New] serves.
type Option func(*Git)

// WithTLS serves https, with a certificate that [Git.Certificate] returns.
func WithTLS(g *Git) { g.server.StartTLS() }

// NewGit is [New] in a temporary folder, closed when the test ends.
func NewGit(t testing.TB, opts ...Option) *Git {
	t.Helper()
	g, err := New(t.TempDir(), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return g
}

// New serves the repositories in dir, which are none at first. It needs git on PATH.
func New(dir string, opts ...Option) (*Git, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return nil, fmt.Errorf("git is needed for the test server: %w", err)
	}
	g := &Git{
		dir:     dir,
		backend: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		done:    make(chan struct{}),
		hosts:   map[string]bool{GitHubHost: true},
		clock:   map[string]int{},
		faults:  map[string]*Fault{},
		private: map[string]login{},
	}
	if _, err := os.Stat(g.backend); err != nil {
		return nil, fmt.Errorf("git's http-backend is needed for the test server: %w", err)
	}
	g.server = httptest.NewUnstartedServer(g.handler())
	g.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	for _, opt := range opts {
		opt(g)
	}
	if g.server.URL == "" {
		g.server.Start()
	}
	g.URL = g.server.URL
	return g, nil
}

// Close stops the server, also where requests hang.
func (g *Git) Close() {
	close(g.done)
	g.server.CloseClientConnections()
	g.server.Close()
}

// Certificate is the server's certificate in PEM, for SSL_CERT_FILE. It needs [WithTLS].
func (g *Git) Certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: g.server.Certificate().Raw})
}

// GitConfig is the text of a git configuration that leads https://github.com/, and every other host that a repository
// was added for, to this server.
func (g *Git) GitConfig() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var b strings.Builder
	hosts := make([]string, 0, len(g.hosts))
	for host := range g.hosts {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	for _, host := range hosts {
		fmt.Fprintf(&b, "[url \"%s/%s/\"]\n\tinsteadOf = https://%s/\n", g.URL, host, host)
	}
	return b.String()
}

// Requests are the requests for repo so far, for all repositories if repo is "".
func (g *Git) Requests(repo string) []Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []Request
	for _, r := range g.requests {
		if repo == "" || r.Repo == trimHost(place(repo)) {
			found = append(found, r)
		}
	}
	return found
}

// ResetRequests forgets the requests so far.
func (g *Git) ResetRequests() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = nil
}

// place is where the repository called name lies: names without a host are on GitHub.
func place(name string) string {
	if host, _, _ := strings.Cut(name, "/"); strings.Contains(host, ".") {
		return name
	}
	return GitHubHost + "/" + name
}

// trimHost is the name that belongs to a place.
func trimHost(place string) string { return strings.TrimPrefix(place, GitHubHost+"/") }
