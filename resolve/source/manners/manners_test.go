package manners

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"nothing":            {http.Header{}, 0},
		"seconds":            {http.Header{"Retry-After": {"90"}}, 90 * time.Second},
		"the past":           {http.Header{"Retry-After": {"-5"}}, 0},
		"for ever":           {http.Header{"Retry-After": {"999999999999"}}, 7 * 24 * time.Hour},
		"a date":             {http.Header{"Retry-After": {now.Add(time.Minute).Format(http.TimeFormat)}}, time.Minute},
		"a date in the past": {http.Header{"Retry-After": {now.Add(-time.Minute).Format(http.TimeFormat)}}, 0},
		"words":              {http.Header{"Retry-After": {"soon"}}, 0},
		"a limit":            {http.Header{"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {"1772367000"}}, 10 * time.Minute},
		"a limit with room":  {http.Header{"X-Ratelimit-Remaining": {"7"}, "X-Ratelimit-Reset": {"1772367000"}}, 0},
	} {
		if got := After(tt.header, now); got != tt.want {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}

func TestLimited(t *testing.T) {
	used := http.Header{"X-Ratelimit-Remaining": {"0"}}
	if !Limited(429, nil) || !Limited(403, used) || Limited(403, nil) || Limited(200, used) {
		t.Error("429, and 403 with a limit that is used up, mean that we ask too often; nothing else does")
	}
}

func TestPause(t *testing.T) {
	for n := 1; n < 5; n++ {
		least := 250 * time.Millisecond << (n - 1)
		if d := Pause(n, 0); d < least || d >= 2*least {
			t.Errorf("attempt %d: %v", n, d)
		}
	}
	if d := Pause(1, time.Minute); d != time.Minute {
		t.Errorf("the host asks for a minute and gets %v", d)
	}
}

func TestSleep(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	if err := Sleep(ctx, 0); err != nil {
		t.Error(err)
	}
	own := errors.New("enough")
	cancel(own)
	if err := Sleep(ctx, time.Hour); err != own {
		t.Errorf("got %v", err)
	}
}

func TestWhen(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]string{
		0:                "in a few minutes",
		90 * time.Second: "at 12:01:30 UTC (in 1m30s)",
		24 * time.Hour:   "at 2026-03-02 12:00 UTC (in 24h0m0s)",
	} {
		if got := When(after, now); got != want {
			t.Errorf("%v: %q, want %q", after, got, want)
		}
	}
}

func TestAgents(t *testing.T) {
	if a := UserAgent(); !strings.HasPrefix(a, "conduit/devel (") || !strings.Contains(a, "+https://github.com/MediaConduit/conduit)") {
		t.Errorf("%q", a)
	}
	if a := GitAgent(); !strings.HasPrefix(a, "git/2.0 (conduit/") {
		t.Errorf("%q", a)
	}
}
