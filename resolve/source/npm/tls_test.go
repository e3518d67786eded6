package npm

import (
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// tlsWorld is a world whose registry speaks TLS as https://example.com with a certificate of its own authority; ca is the
// file of that.
func tlsWorld(t *testing.T) (w *world, server *httptest.Server, ca string) {
	w = newWorld(t)
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE"} {
		t.Setenv(name, "")
	}
	w.publish(npmtest.Package{Name: "a", Version: "1.0.0"})
	server = httptest.NewTLSServer(w.reg)
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	ca = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return w, server, ca
}

func TestCertificates(t *testing.T) {
	w, server, ca := tlsWorld(t)
	registry := "registry=" + server.URL + "/"
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	quoted := `"` + strings.ReplaceAll(string(text), "\n", `\n`) + `"`
	ask := func(lines ...string) error {
		w.npmrc(append(lines, registry)...)
		w.cold()
		_, err := w.client().Tarball(t.Context(), "a", "1.0.0", "")
		return err
	}
	mustFail(t, ask(), report.Network, "certificate", "SSL_CERT_FILE=/path/to/ca.pem", "npm config set cafile")
	for name, line := range map[string]string{"cafile": "cafile=" + ca, "ca": "ca=" + quoted, "ca[]": "ca[]=" + quoted, "strict-ssl": "strict-ssl=false"} {
		if err := ask(line); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("SSL_CERT_FILE", ca)
	if err := ask(); err != nil {
		t.Errorf("SSL_CERT_FILE: %v", err)
	}
}

// A registry with TLS that leads to one without is not followed, and nothing is asked there.
func TestDowngrade(t *testing.T) {
	w, server, ca := tlsWorld(t)
	var asked atomic.Bool
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Store(true) }))
	t.Cleanup(plain.Close)
	server.Config.Handler = http.RedirectHandler(plain.URL+"/a", http.StatusFound)
	w.npmrc("registry="+server.URL+"/", "cafile="+ca)
	_, err := w.client().Packument(t.Context(), "a", false)
	mustFail(t, err, report.Network, "redirects from https to http, which is not followed", ".npmrc")
	if asked.Load() {
		t.Error("the server without TLS was asked")
	}
}

// connectProxy is a proxy that asks for a password and leads every host to one address.
type connectProxy struct {
	to   string
	mu   sync.Mutex
	seen []string
}

func (p *connectProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.seen = append(p.seen, r.Method+" "+r.Host)
	p.mu.Unlock()
	if r.Header.Get("Proxy-Authorization") != "Basic bWU6c2VjcmV0" {
		w.Header().Set("Proxy-Authenticate", "Basic")
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
		return
	}
	there, err := net.Dial("tcp", p.to)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connected\r\n\r\n"); err != nil {
		return
	}
	go func() { _, _ = io.Copy(there, here) }() // both end with the connections
	_, _ = io.Copy(here, there)
}

// take returns what the proxy saw since the last call.
func (p *connectProxy) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.seen
	p.seen = nil
	return seen
}

func TestProxy(t *testing.T) {
	w, server, ca := tlsWorld(t)
	proxy := &connectProxy{to: server.Listener.Addr().String()}
	front := httptest.NewServer(proxy)
	defer front.Close()
	with := strings.Replace(front.URL, "http://", "http://me:secret@", 1)
	ask := func(lines ...string) error {
		proxy.take()
		w.npmrc(append(lines, "registry=https://example.com/", "//example.com/:_authToken=t0k3n", "cafile="+ca)...)
		w.cold()
		_, err := w.client().Tarball(t.Context(), "a", "1.0.0", "")
		return err
	}
	w.reg.RequireToken("t0k3n")
	for _, setting := range []string{"https-proxy", "proxy"} {
		if err := ask(setting + "=" + with); err != nil {
			t.Errorf("%s: %v", setting, err)
		}
		if seen := proxy.take(); len(seen) == 0 || seen[0] != "CONNECT example.com:443" {
			t.Errorf("%s: the proxy saw %q", setting, seen)
		}
	}
	mustFail(t, ask("https-proxy="+front.URL), report.Network, "the proxy does not let us through", "Proxy Authentication Required", "npm config get https-proxy", "NO_PROXY")
	mustFail(t, ask("https-proxy=http://127.0.0.1:1"), report.Network, "the proxy does not let us through", "refused")
	t.Setenv("HTTPS_PROXY", with)
	if err := ask(); err != nil {
		t.Errorf("HTTPS_PROXY: %v", err)
	}
	// A host that is reached without the proxy: this one takes no connection at the port.
	for _, none := range []string{"noproxy=example.com", "noproxy=.com", "https-proxy=false"} {
		w.npmrc(none, "registry=https://example.com/")
		c, err := loadConfig("")
		if err != nil {
			t.Fatal(err)
		}
		choose, err := c.proxy()
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequest(http.MethodGet, "https://example.com/a", nil)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := choose(r.URL); err != nil || u != nil {
			t.Errorf("%s: %v, %v", none, u, err)
		}
	}
}
