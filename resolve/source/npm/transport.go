package npm

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"time"

	"github.com/MediaConduit/conduit/report"
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

// defaultTransport honours the proxy variables, and SSL_CERT_FILE on every system (Go itself does on some).
func defaultTransport() (http.RoundTripper, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = http.ProxyFromEnvironment
	t.MaxIdleConnsPerHost = parallel
	t.ResponseHeaderTimeout = time.Minute
	if file := os.Getenv("SSL_CERT_FILE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, &report.Error{Kind: report.Network, What: "the certificates that SSL_CERT_FILE names cannot be read", Where: file, Err: err, Next: "correct SSL_CERT_FILE or unset it"}
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM(pem)
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return t, nil
}

// checkRedirect follows a few redirects, without credentials and never out of TLS.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return errRedirects
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errDowngrade
	}
	r.Header.Del("Authorization")
	r.Header.Del("Cookie")
	r.Header.Del("Referer")
	return nil
}
