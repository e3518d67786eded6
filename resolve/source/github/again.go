package github

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// attempts is how often a request is made before its failure counts.
const attempts = 3

// longest is how long a host can make us wait for another attempt.
const longest = 30 * time.Second

// again is a transport that makes a request again where the host says that it is busy or broken, or drops the connection
// before it answers. A host that stays silent is not asked again: that has taken long enough.
type again struct {
	next http.RoundTripper
	wait func(ctx context.Context, d time.Duration) error // replaced in tests
}

// RoundTrip implements http.RoundTripper.
func (a *again) RoundTrip(req *http.Request) (*http.Response, error) {
	for i := 1; ; i++ {
		res, err := a.next.RoundTrip(req)
		if i == attempts || !passing(res, err) || req.Body != nil && req.GetBody == nil {
			return res, err
		}
		pause := 250 * time.Millisecond << (i - 1)
		pause += rand.N(pause)
		if res != nil {
			if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && seconds > 0 {
				pause = max(pause, min(time.Duration(min(seconds, 3600))*time.Second, longest))
			}
			_, _ = io.CopyN(io.Discard, res.Body, 64<<10) // so that the connection can be used again
			_ = res.Body.Close()
		}
		if err := a.wait(req.Context(), pause); err != nil {
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

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
