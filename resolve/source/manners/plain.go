package manners

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Guard returns next with a question before each request without TLS, those of redirects included: allowed says whether host, with
// its port where there is one, may be asked so. Its error is that of the request. Nobody is asked about the machine itself.
func Guard(next http.RoundTripper, allowed func(host string) error) http.RoundTripper {
	return &guard{next, allowed}
}

type guard struct {
	next    http.RoundTripper
	allowed func(host string) error
}

// RoundTrip implements [http.RoundTripper].
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme == "http" && !Loopback(r.URL.Hostname()) {
		if err := g.allowed(r.URL.Host); err != nil {
			if r.Body != nil {
				_ = r.Body.Close() // as the interface demands
			}
			return nil, err
		}
	}
	return g.next.RoundTrip(r)
}

// Loopback reports whether a host, without a port, is the machine itself.
func Loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	at, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && at.Unmap().IsLoopback()
}
