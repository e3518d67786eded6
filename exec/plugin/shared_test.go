package plugin_test

import (
	"context"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// TestSharedDeadline: a caller's deadline ends its own call, and the process only where that answers nobody.
func TestSharedDeadline(t *testing.T) {
	t.Parallel()
	s, _ := spec(t, "misbehaves")
	s.Shared = true
	p := start(t, s, nil)
	other := make(chan error, 1)
	go func() {
		_, err := call(t, p, "abort") // runs until it is told to stop
		other <- err
	}()
	late := func(model string) error {
		ctx, cancel := context.WithDeadline(t.Context(), time.Now().Add(50*time.Millisecond))
		defer cancel()
		_, err := p.Transform(ctx, plugin.Request{Model: model, Inputs: []plugin.Media{plugin.Text("hello")}})
		return err
	}
	wantError(t, late("never"), report.Timeout, "it took longer than the time limit for answering", "--timeout")
	if got := text(t, p, "late"); got != "still here" {
		t.Errorf("after another caller's deadline: %q", got)
	}
	select {
	case err := <-other:
		t.Errorf("another call was ended: %v", err)
	default:
	}
	wantError(t, late("loop"), report.Timeout, "it took longer than the time limit")
	err := <-other
	wantError(t, err, report.Provider, "during the call", "it answered nothing for 5s after a call had taken too long, and was ended")
	if !report.Retryable(err) {
		t.Error("a call that was lost with the process is not retryable")
	}
}
