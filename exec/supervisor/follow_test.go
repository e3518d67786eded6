package supervisor

import (
	"testing"
	"time"
)

// TestClockBack reads a log after the machine's clock was set back: by its times, all that is new would be old.
func TestClockBack(t *testing.T) {
	began := time.Now()
	until := began.Add(time.Hour)
	for name, test := range map[string]struct {
		started, until, now time.Time
		only                bool // what is new
	}{
		"first":                      {started: began.Add(time.Second), now: began.Add(2 * time.Second)},
		"it ran before":              {started: began.Add(-time.Hour), now: began.Add(time.Second), only: true},
		"started again":              {until: until, started: until.Add(time.Second), now: until.Add(2 * time.Second)},
		"started again, clock back":  {until: until, started: until.Add(-time.Hour), now: until.Add(-time.Hour), only: true},
		"first, clock back":          {started: began.Add(-time.Hour), now: began.Add(-time.Hour), only: true},
		"started again, clock ahead": {until: until, started: until.AddDate(60, 0, 0), now: until.AddDate(60, 0, 0)},
	} {
		opts := since(test.started, test.until, began, test.now)
		if opts.New != test.only || !opts.Follow {
			t.Errorf("%s: %+v", name, opts)
		}
	}
}
