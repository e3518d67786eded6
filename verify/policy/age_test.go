package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

func TestParseAge(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"24h": 24 * time.Hour, "3d": 72 * time.Hour, "2w": 336 * time.Hour, "0s": 0, "0d": 0, "0": 0, "1h30m": 90 * time.Minute} {
		if got, err := policy.ParseAge(text); got != want || err != nil {
			t.Errorf("%s is %v (%v), want %v", text, got, err, want)
		}
	}
	for text, want := range map[string]string{"": "no age", "24": "no age", "1 day": "no age", "-1h": "negative", "99999d": "ten years", "99999999999999999999d": "ten years", "1000000h": "ten years", "3D": "no age"} {
		if got, err := policy.ParseAge(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v (%v), want %s", text, got, err, want)
		}
	}
}

func TestFormatAge(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0 seconds", time.Hour: "1 hour", 24 * time.Hour: "1 day", 90*time.Minute + time.Second: "1 hour 30 minutes", 73 * time.Hour: "3 days 1 hour", 24*time.Hour + time.Minute: "1 day"} {
		if got := policy.FormatAge(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

// TestAge: the longest age counts, each file excepts for itself alone, and without any rule the default holds.
func TestAge(t *testing.T) {
	t.Parallel()
	hours := func(n int) *time.Duration {
		d := time.Duration(n) * time.Hour
		return &d
	}
	except := []policy.Rule{{Pattern: pattern(t, "npm:own")}}
	project := policy.Rules{File: "conduit.toml", Project: true, AgeLine: 3}
	with := func(r policy.Rules, age *time.Duration, except []policy.Rule) policy.Rules {
		r.Age, r.AgeExcept = age, except
		return r
	}
	org := policy.Rules{File: "/org.toml", AgeLine: 2}
	for _, c := range []struct {
		set    policy.Set
		source string
		want   int // hours
		where  string
	}{
		{nil, "npm:x", 24, ""},
		{policy.Set{project, org}, "npm:x", 24, ""},
		{policy.Set{with(project, nil, except)}, "npm:own", 0, ""},
		{policy.Set{with(project, nil, except)}, "npm:x", 24, ""},
		{policy.Set{with(project, hours(0), nil)}, "npm:x", 0, "conduit.toml:3"},
		{policy.Set{with(project, hours(1), nil), with(org, hours(72), nil)}, "npm:x", 72, "/org.toml:2"},
		{policy.Set{with(project, hours(100), nil), with(org, hours(72), nil)}, "npm:x", 100, "conduit.toml:3"},
		{policy.Set{with(project, hours(100), except), with(org, hours(72), nil)}, "npm:own", 72, "/org.toml:2"},
		{policy.Set{with(project, hours(100), except), with(org, hours(72), except)}, "npm:own", 0, "conduit.toml:3"},
		{policy.Set{with(project, nil, except), with(org, hours(72), nil)}, "npm:own", 72, "/org.toml:2"},
	} {
		if got := c.set.Age(c.source); got.Least != *hours(c.want) || got.Where() != c.where {
			t.Errorf("%+v of %s: %v of %q, want %d hours of %q", c.set, c.source, got.Least, got.Where(), c.want, c.where)
		}
	}
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	err := policy.Set{with(org, hours(72), nil)}.Age("npm:x").TooYoung("npm:x@v1.0.0", "npm:x", "conduit get npm:x@v1.0.0", now.Add(-time.Hour), now)
	if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "/org.toml:2") || !strings.Contains(err.Error(), "conduit get npm:x@v1.0.0") {
		t.Error(err)
	}
}
