package npm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/net/http/httpproxy"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/redirect"
)

// maxRedirects is how many redirects one request may take.
const maxRedirects = 5

var (
	errRedirects = errors.New("more redirects than are followed")
	errDowngrade = errors.New("redirected from https to http")
)

// lazyTransport is made for the first request: most commands make none, and reading the system's certificates takes
// longer than all that many of them do.
type lazyTransport func() (http.RoundTripper, error)

// RoundTrip implements http.RoundTripper.
func (l lazyTransport) RoundTrip(q *http.Request) (*http.Response, error) {
	t, err := l()
	if err != nil {
		return nil, finalError{err}
	}
	return t.RoundTrip(q)
}

// newTransport reaches registries as npm's settings and the environment say: through which proxy, and whose certificates
// are trusted.
func (c *config) newTransport() (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	proxy, err := c.proxy()
	if err != nil {
		return nil, err
	}
	t.Proxy = func(r *http.Request) (*url.URL, error) { return proxy(r.URL) }
	t.MaxIdleConnsPerHost = parallel
	t.ResponseHeaderTimeout = time.Minute
	roots, err := c.roots()
	if err != nil {
		return nil, err
	}
	t.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, InsecureSkipVerify: !c.strict()}
	return t, nil
}

// strict tells whether certificates are checked. As for npm, only a plain false switches that off.
func (c *config) strict() bool { return c.settings.get("strict-ssl") != "false" }

// proxy chooses the proxy for an address: npm's settings https-proxy and proxy for all registries, else HTTPS_PROXY or
// HTTP_PROXY by the address's scheme; noproxy and NO_PROXY name the hosts that are reached without.
func (c *config) proxy() (func(*url.URL) (*url.URL, error), error) {
	from := httpproxy.FromEnvironment()
	for _, name := range []string{"https-proxy", "proxy"} {
		value := c.settings.get(name)
		if value == "" || value == "null" {
			continue
		}
		if value == "false" { // npm's way to say: none, whatever the environment says
			from.HTTPProxy, from.HTTPSProxy = "", ""
			break
		}
		u, err := url.Parse(value)
		if err != nil || u.Host == "" {
			return nil, &report.Error{Kind: report.Usage, What: "the npm setting " + name + " is no address of a proxy", Next: "set it with 'npm config set " + name + " http://HOST:PORT'"}
		}
		from.HTTPProxy, from.HTTPSProxy = value, value
		break
	}
	if value := c.settings["noproxy"]; len(value) > 0 {
		from.NoProxy = strings.Join(value, ",")
	}
	return from.ProxyFunc(), nil
}

// roots are the certificates that are trusted, nil for the system's: what npm's settings ca and cafile name in their
// place, and those that SSL_CERT_FILE names besides.
func (c *config) roots() (*x509.CertPool, error) {
	var pool *x509.CertPool
	if text := strings.Join(c.settings["ca"], "\n"); text != "" && text != "null" {
		pool = x509.NewCertPool()
		if !pool.AppendCertsFromPEM([]byte(strings.ReplaceAll(text, `\n`, "\n"))) {
			return nil, &report.Error{Kind: report.Usage, What: "the npm setting ca holds no certificate", Next: "write the certificate in PEM with \\n for each line end, or name its file with 'npm config set cafile /path/to/ca.pem'"}
		}
	}
	if file := c.settings.get("cafile"); file != "" && file != "null" {
		if pool == nil {
			pool = x509.NewCertPool()
		}
		if err := addCertificates(pool, file, "the npm setting cafile", "correct it with 'npm config set cafile /path/to/ca.pem', or 'npm config delete cafile'"); err != nil {
			return nil, err
		}
	}
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		if pool == nil {
			var err error
			if pool, err = x509.SystemCertPool(); err != nil {
				pool = x509.NewCertPool()
			}
		}
		if err := addCertificates(pool, file, "SSL_CERT_FILE", "correct SSL_CERT_FILE or unset it"); err != nil {
			return nil, err
		}
	}
	return pool, nil
}

func addCertificates(pool *x509.CertPool, file, setting, next string) error {
	pem, err := os.ReadFile(file)
	if err != nil {
		return &report.Error{Kind: report.Network, What: "the certificates that " + setting + " names cannot be read", Where: file, Err: err, Next: next}
	}
	if !pool.AppendCertsFromPEM(pem) {
		return &report.Error{Kind: report.Network, What: "the file that " + setting + " names holds no certificate in PEM", Where: file, Next: next}
	}
	return nil
}

// checkRedirect follows a few redirects, never out of TLS nor into the network of this machine. Credentials stay with the host that they were sent to.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errDowngrade
	}
	if err := redirect.Check(r, via); err != nil {
		return err
	}
	for _, before := range via {
		if before.URL.Scheme != r.URL.Scheme || hostOf(before.URL) != hostOf(r.URL) {
			r.Header.Del("Authorization")
		}
	}
	r.Header.Del("Cookie")
	r.Header.Del("Referer")
	return nil
}
