package main

import (
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report"
)

// TestGivenUp is ps's exit code 7, for services that will not be started again.
func TestGivenUp(t *testing.T) {
	if err := givenUp([]service.Status{{Name: "a", State: "running"}, {Name: "b", State: "waiting"}}); err != nil {
		t.Error(err)
	}
	err := givenUp([]service.Status{{Name: "a", State: "running"}, {Name: "b", State: "failed"}, {Name: "c", State: "failed"}})
	if report.KindOf(err) != report.Service {
		t.Fatal(err)
	}
	for _, text := range []string{"b, c failed", "conduit logs b", "conduit restart b c"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("no %q in %v", text, err)
		}
	}
}

// TestMoment reads times as logs --since takes them.
func TestMoment(t *testing.T) {
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{"": {}, "10m": now.Add(-10 * time.Minute), "2026-01-31T11:00:00Z": now.Add(-time.Hour)} {
		if got, err := moment(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s %v", text, got, err)
		}
	}
	for _, text := range []string{"soon", "-5m"} {
		if _, err := moment(text, now); report.KindOf(err) != report.Usage {
			t.Errorf("%q: %v", text, err)
		}
	}
}
