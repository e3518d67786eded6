package npm

import (
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// TestStatementsAreKeptOnceTheyHold asks again for what nobody found to hold, and never for what somebody did.
func TestStatementsAreKeptOnceTheyHold(t *testing.T) {
	w := newWorld(t)
	w.publish(npmtest.Package{Name: "tiny", Version: "1.0.0", Files: map[string]string{"index.js": "1"}})
	asked := func() int {
		n := 0
		for _, r := range w.reg.Requests() {
			if slices.Contains([]string{"GET /tiny/1.0.0", "GET /-/npm/v1/keys"}, r) {
				n++
			}
		}
		w.reg.Reset()
		return n
	}
	var last []Statement
	ask := func() {
		t.Helper()
		c := w.client()
		last = nil
		for range 2 {
			signed, err := c.Signatures(t.Context(), "tiny", "1.0.0", false)
			if err != nil || len(signed.Signatures) != 1 || signed.Integrity == "" {
				t.Fatalf("%+v, %v", signed, err)
			}
			keys, err := c.SigningKeys(t.Context(), "tiny", false)
			if err != nil || keys.Data == nil {
				t.Fatalf("%+v, %v", keys, err)
			}
			last = []Statement{signed.Statement, keys}
		}
	}
	for range 2 {
		ask()
		if n := asked(); n != 2 {
			t.Errorf("%d requests, want 2 of each process", n)
		}
	}
	for _, s := range last {
		if err := s.Keep(); err != nil {
			t.Fatal(err)
		}
	}
	ask()
	if n := asked(); n != 0 {
		t.Errorf("%d requests for what the cache keeps", n)
	}
}
