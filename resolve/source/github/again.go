package github

import (
	"context"
	"errors"
	"io"
	"net/http"
	"syscall"
	"time"

	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// attempts is how often a request is made before its failure counts.
const attempts = 3

// again is a transport that makes a request again where the host says that it is busy or broken, or drops the connection
// before it answers, and tells the host who asks. A host that stays silent is not asked again: that has taken long enough.
type again struct {
	next http.RoundTripper
	wait func(ctx context.Context, d time.Duration) error // replaced in tests
}

// RoundTrip implements http.RoundTripper.
func (a *again) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context()) // a transport must not change what it is given
	req.Header.Set("User-Agent", manners.GitAgent())
	for i := 1; ; i++ {
		res, err := a.next.RoundTrip(req)
		if err == nil && manners.Limited(res.StatusCode, res.Header) {
			res.StatusCode = http.StatusTooManyRequests // go-git takes any 403 for credentials that are refused
		}
		if i == attempts || !passing(res, err) || req.Body != nil && req.GetBody == nil {
			return res, err
		}
		var asked time.Duration
		if res != nil {
			if asked = manners.After(res.Header, time.Now()); asked > manners.Longest {
				return res, nil
			}
			_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // so that the connection can be used again
			_ = res.Body.Close()
		}
		if err := a.wait(req.Context(), manners.Pause(i, asked)); err != nil {
			return nil, err
		}
		if req.Body != nil {
			next := req.Clone(req.Context())
			if next.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
			req = next
		}
	}
}

// passing tells whether the same request may succeed a moment later.
func passing(res *http.Response, err error) bool {
	if err != nil {
		return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET)
	}
	return res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500 && res.StatusCode != http.StatusNotImplemented
}
