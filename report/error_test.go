package report

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestErrorSaysWhereWhatWhyAndNext(t *testing.T) {
	for _, c := range []struct {
		err  *Error
		want string
	}{
		{&Error{What: "it broke"}, "it broke"},
		{&Error{What: "it broke", Err: errors.New("the cause")}, "it broke: the cause"},
		{&Error{What: "it broke", Why: "a reason", Err: errors.New("the cause")}, "it broke: a reason"},
		{&Error{Where: "conduit.toml:7", What: "it broke", Why: "one\ntwo\n", Next: "first\nor second"},
			"conduit.toml:7: it broke:\n  one\n  two\n  next: first\n        or second"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	deep := &Error{What: "outer", Err: fmt.Errorf("between: %w", &Error{Kind: Integrity, What: "inner"})}
	for _, c := range []struct {
		err  error
		want Kind
	}{
		{nil, Failure},
		{errors.New("plain"), Failure},
		{&Error{Kind: Network}, Network},
		{fmt.Errorf("wrapped: %w", &Error{Kind: Lock}), Lock},
		{deep, Integrity}, // an outer error without a kind of its own does not hide the inner one's
	} {
		if got := KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
}

func TestEventsGoToTheSink(t *testing.T) {
	var got []Event
	ctx := To(context.Background(), func(e Event) { got = append(got, e) })
	Warn(ctx, "github:a/b", "file:1", "beware")
	Emit(context.Background(), Event{Type: Done}) // nobody listens
	Emit(To(ctx, nil), Event{Type: Done})         // nobody listens any more
	if len(got) != 1 || got[0] != (Event{Type: Warning, Subject: "github:a/b", Where: "file:1", Message: "beware"}) {
		t.Errorf("got %v", got)
	}
}
