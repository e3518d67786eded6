package manners

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Longest is how long a host can make conduit wait before it asks again. One that wants more is not asked again: the user
// is told when.
const Longest = 30 * time.Second

// Pause is how long to wait after the n-th failed attempt (from 1): twice as long each time with up to as much again at
// random, so that many machines do not come back at once, and no less than the host asked for.
func Pause(n int, asked time.Duration) time.Duration {
	d := 250 * time.Millisecond << (n - 1)
	return max(d+rand.N(d), asked)
}

// Sleep waits for d, or until ctx has ended, whose cause it returns then.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// After is when a host that answered with h lets us ask again, as time from now: Retry-After in seconds or as a date (RFC
// 9110, section 10.2.3), else the reset of a rate limit that is used up, as GitHub tells it. 0 where h says nothing, at
// most a week.
func After(h http.Header, now time.Time) time.Duration {
	const most = 7 * 24 * time.Hour
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		return min(time.Duration(min(max(seconds, 0), int64(most/time.Second)))*time.Second, most)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), most)
	}
	if h.Get("X-RateLimit-Remaining") == "0" {
		if at, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
			return min(max(time.Unix(at, 0).Sub(now), 0), most)
		}
	}
	return 0
}

// Limited tells whether the answer means that we have asked too often: 429, or as GitHub also says it, 403 with a rate
// limit that is used up.
func Limited(status int, h http.Header) bool {
	return status == http.StatusTooManyRequests || status == http.StatusForbidden && h.Get("X-RateLimit-Remaining") == "0"
}

// When says in words when a host lets us ask again.
func When(after time.Duration, now time.Time) string {
	if after <= 0 {
		return "in a few minutes"
	}
	at := now.Add(after).Round(time.Second)
	layout := "15:04:05 MST"
	if after >= 12*time.Hour {
		layout = "2006-01-02 15:04 MST"
	}
	return fmt.Sprintf("at %s (in %v)", at.Format(layout), after.Round(time.Second))
}
