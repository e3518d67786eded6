package failure_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

func TestOf(t *testing.T) {
	t.Parallel()
	call := func(kind string, retryable bool) error {
		return &report.Error{Kind: report.Provider, What: "its model failed", Retryable: retryable, Err: &plugin.CallError{Kind: kind, Message: "no"}}
	}
	for _, c := range []struct {
		err       error
		status    int
		kind      string
		retryable bool
	}{
		{errors.New("plain"), 500, "failure", false},
		{&report.Error{Kind: report.Usage}, 400, "usage", false},
		{&report.Error{Kind: report.Policy}, 403, "policy", false},
		{&report.Error{Kind: report.Lock}, 503, "lock", false},
		{&report.Error{Kind: report.Network}, 502, "network", true},
		{&report.Error{Kind: report.Service}, 503, "service", true},
		{&report.Error{Kind: report.Provider, Retryable: true}, 502, "provider", true},
		{call("EXECUTION", false), 502, "provider", false},
		{call("EXECUTION", true), 502, "provider", true},
		{call("MODEL", false), 404, "provider", false},
		{call("INPUT", false), 422, "provider", false},
		{&report.Error{Kind: report.Timeout}, 504, "timeout", false},
		{context.DeadlineExceeded, 504, "timeout", false},
		{context.Canceled, 503, "interrupted", true},
		{failure.NotFound("no", "look"), 404, "not-found", false},
		{failure.Conflict("no", "look"), 409, "conflict", false},
		{failure.TooLarge("no", "look"), 413, "too-large", false},
		{failure.Unauthorized("no", "look"), 401, "unauthorized", false},
		{fmt.Errorf("around: %w", failure.Busy("no", "look", 3*time.Second)), 429, "busy", true},
	} {
		got := failure.Of(c.err)
		if got.Status != c.status || got.Kind != c.kind || got.Retryable != c.retryable || got.Retryable != (got.RetryAfter > 0) {
			t.Errorf("%v: got %+v, want %d %s %v", c.err, got, c.status, c.kind, c.retryable)
		}
	}
	for kind := report.Failure; kind <= report.Interrupted; kind++ {
		if failure.StatusOf(kind) == 0 {
			t.Errorf("kind %s has no status", kind)
		}
	}
	if got := failure.Of(failure.Usage("what", "next")); got.What != "what" || got.Next != "next" {
		t.Errorf("got %+v", got)
	}
	if got := failure.Of(&report.Error{What: "what", Where: "where", Err: errors.New("why")}); got.Why != "why" || got.Where != "where" {
		t.Errorf("got %+v", got)
	}
}
