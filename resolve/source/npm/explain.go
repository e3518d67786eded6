package npm

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// explain makes an error that a user can act on out of the failure of a request. sent names the credentials that went
// along, "" for none.
func (f *fetcher) explain(q request, sent string, err error) error {
	if known := (*report.Error)(nil); errors.As(err, &known) && known.Kind == report.Policy {
		return known
	}
	u, perr := url.Parse(q.url)
	if perr != nil {
		return &report.Error{Kind: report.Network, What: "the address of " + q.subject + " is malformed", Err: perr, Next: "check the registry in .npmrc"}
	}
	e := &report.Error{Kind: report.Network, What: "cannot fetch " + q.subject + " from the npm registry", Where: u.Host, Err: err}
	var s *statusError
	switch {
	case errors.As(err, &s):
		explainStatus(e, s, u, q.subject, sent)
		if s.code == http.StatusUnauthorized && f.config.unbound() {
			e.Why += "; .npmrc has credentials that name no host, which are not used"
			e.Next = fmt.Sprintf("write them as \"//%s/:_authToken=…\" in .npmrc: then they go to that host alone", u.Host)
		}
	case errors.Is(err, errRedirects):
		e.Why = fmt.Sprintf("it redirects more than %d times", maxRedirects)
		e.Next = "check the registry in .npmrc"
	case errors.Is(err, errDowngrade):
		e.Why = "it redirects from https to http, which is not followed"
		e.Next = "check the registry in .npmrc"
	case errors.As(err, new(x509.UnknownAuthorityError)), errors.As(err, new(x509.HostnameError)), errors.As(err, new(x509.CertificateInvalidError)):
		e.Err = withoutURL(err)
		e.Next = "if a proxy or a registry of your own signs its certificates itself, name them with SSL_CERT_FILE=/path/to/ca.pem or 'npm config set cafile /path/to/ca.pem'"
	case throughProxy(err):
		e.What = "cannot fetch " + q.subject + ": the proxy does not let us through to the npm registry"
		e.Err = withoutURL(err)
		e.Next = "check 'npm config get https-proxy' and HTTPS_PROXY, a user and password in it included; noproxy and NO_PROXY name hosts to reach without"
	default:
		e.Err = withoutURL(err)
		e.Next = "check the network, HTTPS_PROXY and the registry in .npmrc, then type the command again; 'conduit sync --offline' works from the cache alone"
	}
	return e
}

func explainStatus(e *report.Error, s *statusError, u *url.URL, subject, sent string) {
	with := "no credentials were sent"
	if sent != "" {
		with = "the credentials for " + sent + " in .npmrc were sent"
	}
	if s.limited {
		e.What = "the npm registry asks us to slow down"
		e.Next = "type the command again " + manners.When(s.after, time.Now())
	} else {
		explainRefusal(e, s.code, u, subject, sent != "")
	}
	e.Why = fmt.Sprintf("HTTP status %d %s; %s", s.code, http.StatusText(s.code), with)
}

// explainRefusal is [explainStatus] for all but limits.
func explainRefusal(e *report.Error, code int, u *url.URL, subject string, sent bool) {
	setting := fmt.Sprintf(`"//%s/:_authToken=${TOKEN}" in your ~/.npmrc`, u.Host)
	login := fmt.Sprintf("'npm login --registry=%s://%s/'", u.Scheme, u.Host)
	switch code {
	case http.StatusUnauthorized:
		e.What = "the npm registry asks for credentials for " + subject
		e.Next = "log in with " + login + ", or put " + setting
		if sent {
			e.What = "the npm registry does not accept the credentials for " + subject
			e.Next = "renew them with " + login + ", or replace " + setting
		}
	case http.StatusForbidden:
		e.What = "the npm registry refuses " + subject
		e.Next = "ask its operator for access"
		if !sent {
			e.Next = "log in with " + login + ", or put " + setting
		}
	case http.StatusNotFound, http.StatusGone:
		e.Kind = report.Failure
		e.What = "the npm registry has no " + subject
		e.Next = "check the name"
		if !sent {
			e.Next = "check the name; if it is private, log in with " + login
		}
		if strings.HasPrefix(subject, "@") {
			scope, _, _ := strings.Cut(subject, "/")
			e.Next += fmt.Sprintf("; if the scope has its own registry, put \"%s:registry=https://HOST/\" in .npmrc", scope)
		}
		e.Err = library.ErrNoSuchPackage
	case http.StatusMethodNotAllowed, http.StatusNotImplemented: // what mirrors answer that only hand out packages
		e.Kind = report.Failure
		e.What = "the npm registry does not answer questions for " + subject
		e.Next = "ask its operator"
		e.Err = errNoEndpoint
	default:
		e.Next = "wait a moment, then type the command again; if it lasts, check the registry in .npmrc"
	}
}

// withoutURL drops the address from an error of the HTTP client: it stands in Where, and a query may hold secrets.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// throughProxy tells whether a proxy failed, or refused a connection.
func throughProxy(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		return true
	}
	var u *url.Error
	if !errors.As(err, &u) {
		return false
	}
	// The answer of a proxy to CONNECT is a plain error whose text is the status.
	for _, code := range []int{http.StatusProxyAuthRequired, http.StatusForbidden, http.StatusBadGateway, http.StatusServiceUnavailable} {
		if u.Err.Error() == http.StatusText(code) {
			return true
		}
	}
	return false
}
