//go:build linux

package plugin_test

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// TestMemoryLimit: memory of JavaScript's objects and memory outside of V8 are limited, and the end is told as what it is.
func TestMemoryLimit(t *testing.T) {
	for _, model := range []string{"memory", "buffers"} {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			s, _ := spec(t, "misbehaves")
			s.Memory = 160 << 20
			p := start(t, s, nil)
			_, err := call(t, p, model)
			wantError(t, err, report.Provider, "it ran out of its memory limit of 160 MB during the call", "next: raise memory under [providers.misbehaves] in conduit.toml")
			if !report.Retryable(err) {
				t.Error("it is not retryable: another call may have been the one that took the memory")
			}
			noProcess(t, s)
		})
	}
}

// TestMemoryOfChildren: what a provider starts counts.
func TestMemoryOfChildren(t *testing.T) {
	t.Parallel()
	s, _ := spec(t, "misbehaves")
	s.Memory = 256 << 20
	_, err := call(t, start(t, s, nil), "childMemory")
	if err == nil || !strings.Contains(err.Error(), "my child was ended") && !strings.Contains(err.Error(), "its memory limit of 256 MB") {
		t.Errorf("%v", err)
	}
}
