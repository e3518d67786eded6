package github

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
	"github.com/MediaConduit/conduit/resolve/source/redirect"
)

// dialTimeout is how long a connection and its TLS handshake may each take.
const dialTimeout = 15 * time.Second

// newClient honours the proxy variables and, on every system, SSL_CERT_FILE. A host that stays silent for longer than
// silence fails.
func newClient(env func(string) string, silence time.Duration) (*http.Client, error) {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = http.ProxyFromEnvironment
	t.DialContext = (&net.Dialer{Timeout: dialTimeout}).DialContext
	t.TLSHandshakeTimeout = dialTimeout
	t.ResponseHeaderTimeout = silence
	if file := env("SSL_CERT_FILE"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, &report.Error{Kind: report.Network, What: "cannot read the certificates that SSL_CERT_FILE names", Where: file, Err: err,
				Next: "correct SSL_CERT_FILE or unset it"}
		}
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool()
		}
		pool.AppendCertsFromPEM(pem)
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: &again{next: &patient{next: t, silence: silence}, wait: manners.Sleep}, CheckRedirect: redirect.Follow}, nil
}

// patient is a transport whose answers fail when they stall: a limit on the whole answer would forbid large
// repositories on slow lines.
type patient struct {
	next    http.RoundTripper
	silence time.Duration
}

// RoundTrip implements http.RoundTripper.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	res, err := p.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	b := &watched{body: res.Body, silence: p.silence, cancel: cancel}
	b.timer = time.AfterFunc(p.silence, func() { b.stalled.Store(true); cancel() })
	b.timer.Stop() // it runs while somebody waits in Read, no longer
	res.Body = b
	return res, nil
}

var errStalled = errors.New("the host stopped sending in the middle of its answer")

// watched is a body that is given up when no byte came for a while.
type watched struct {
	body    io.ReadCloser
	silence time.Duration
	timer   *time.Timer
	stalled atomic.Bool
	cancel  context.CancelFunc
}

func (b *watched) Read(p []byte) (int, error) {
	b.timer.Reset(b.silence)
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err != nil && b.stalled.Load() {
		err = errStalled
	}
	return n, err
}

func (b *watched) Close() error {
	b.timer.Stop()
	err := b.body.Close()
	b.cancel()
	return err
}
