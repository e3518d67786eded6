package npm

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// attempts is how often a request is made before its failure is reported.
const attempts = 4

// silence is how long a peer may stay silent in the middle of a body.
const silence = 30 * time.Second

var errStalled = errors.New("the registry stopped sending")

// fetcher makes requests, again where that may help.
type fetcher struct {
	client *http.Client
	config *config
	places chan struct{}
	silent time.Duration                                    // see silence; shorter in tests
	wait   func(ctx context.Context, d time.Duration) error // replaced in tests
}

func newFetcher(t http.RoundTripper, cfg *config) *fetcher {
	return &fetcher{
		client: &http.Client{Transport: t, CheckRedirect: checkRedirect},
		config: cfg,
		places: make(chan struct{}, parallel),
		silent: silence,
		wait:   manners.Sleep,
	}
}

// request is one thing to fetch. consume is called with each response of status 200, 206 or 304, possibly more than
// once: after an error in the body the request is made again.
type request struct {
	url      string
	registry string // the base address of the registry that the package comes from
	subject  string // the package, for messages
	header   func(h http.Header)
	body     []byte // JSON to post; nil to get
	consume  func(r *http.Response) error
}

// statusError is an answer that is no success.
type statusError struct {
	code    int
	limited bool          // we asked too often
	after   time.Duration // until we may ask again, where the registry says so
}

func (e *statusError) Error() string {
	return fmt.Sprintf("HTTP status %d %s", e.code, http.StatusText(e.code))
}

// finalError is an error of consume or of the transport that another attempt cannot mend.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// do makes the request until it succeeds, fails for good, or has failed [attempts] times. The error is a *report.Error, or
// the context's.
func (f *fetcher) do(ctx context.Context, q request) error {
	if err := f.acquire(ctx); err != nil {
		return err
	}
	defer f.release()
	var sent string
	var err error
	for i := range attempts {
		if i > 0 {
			if werr := f.wait(ctx, manners.Pause(i, asked(err))); werr != nil {
				return werr
			}
		}
		sent, err = f.once(ctx, q)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		var final finalError
		if errors.As(err, &final) {
			return final.error
		}
		if !temporary(err) || asked(err) > manners.Longest {
			break
		}
	}
	return f.explain(q, sent, err)
}

// asked is how long the registry asks us to wait after err.
func asked(err error) time.Duration {
	var s *statusError
	if errors.As(err, &s) {
		return s.after
	}
	return 0
}

// once makes the request once. sent names the credentials that went along, "" for none.
func (f *fetcher) once(ctx context.Context, q request) (sent string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	method, body := http.MethodGet, io.Reader(nil)
	if q.body != nil {
		method, body = http.MethodPost, bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, method, q.url, body)
	if err != nil {
		return "", err
	}
	if q.body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("User-Agent", manners.UserAgent())
	if q.header != nil {
		q.header(r.Header)
	}
	sent = f.config.authorize(r, q.registry)
	resp, err := f.client.Do(r)
	var refused *report.Error
	if errors.As(err, &refused) && refused.Kind == report.Policy {
		return sent, finalError{refused}
	}
	if err != nil {
		return sent, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusNotModified:
	default:
		_, _ = io.CopyN(io.Discard, resp.Body, 64<<10) // so that the connection can be used again
		return sent, &statusError{resp.StatusCode, manners.Limited(resp.StatusCode, resp.Header), manners.After(resp.Header, time.Now())}
	}
	watch := time.AfterFunc(f.silent, func() { cancel(errStalled) })
	defer watch.Stop()
	resp.Body = &watched{resp.Body, watch, f.silent}
	err = q.consume(resp)
	if err != nil && errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	return sent, err
}

// watched is a body that restarts a timer whenever it gets something.
type watched struct {
	io.ReadCloser
	timer  *time.Timer
	silent time.Duration
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if n > 0 {
		w.timer.Reset(w.silent)
	}
	return n, err
}

// temporary reports whether the same request may succeed a moment later.
func temporary(err error) bool {
	var s *statusError
	if errors.As(err, &s) {
		return s.limited || s.code == http.StatusRequestTimeout || s.code == http.StatusRequestedRangeNotSatisfiable || s.code >= 500 && s.code != http.StatusNotImplemented
	}
	if errors.Is(err, errRedirects) || errors.Is(err, errDowngrade) || report.KindOf(err) == report.Policy {
		return false
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return dns.IsTemporary || dns.IsTimeout
	}
	return !errors.As(err, new(x509.UnknownAuthorityError)) && !errors.As(err, new(x509.HostnameError)) && !errors.As(err, new(x509.CertificateInvalidError))
}
