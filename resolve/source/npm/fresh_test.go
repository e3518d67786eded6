package npm

import (
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/cache"
)

// A document is asked for again when its time is over, or when somebody wants to know what is newest.
func TestFreshDocuments(t *testing.T) {
	var requests, unchanged atomic.Int32
	var control atomic.Value // of Cache-Control
	control.Store("public, max-age=300")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		requests.Add(1)
		w.Header().Set("Cache-Control", control.Load().(string))
		w.Header().Set("ETag", `"1"`)
		if q.Header.Get("If-None-Match") == `"1"` {
			unchanged.Add(1)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		z.Write([]byte(`{"name": "a", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": {"name": "a", "version": "1.0.0"}}}`))
		z.Close()
	}))
	defer server.Close()
	t.Setenv("npm_config_registry", server.URL)
	store, err := cache.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, wantRequests, wantUnchanged int32) {
		t.Helper()
		c, err := New(Options{Cache: store})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time it is in the client's memory
			doc, err := c.Packument(ctx, "a", false)
			if err != nil || doc.DistTags["latest"] != "1.0.0" {
				t.Fatalf("%v, %v", doc, err)
			}
		}
		if _, err := c.Packument(Revalidate(ctx), "a", false); err != nil {
			t.Fatal(err)
		}
		if n, u := requests.Load(), unchanged.Load(); n != wantRequests || u != wantUnchanged {
			t.Errorf("%d requests, %d of them answered without a body; want %d and %d", n, u, wantRequests, wantUnchanged)
		}
	}
	ctx := context.Background()
	ask(ctx, 1, 0)
	ask(ctx, 2, 1) // Revalidate's
	control.Store("no-cache")
	ask(Revalidate(ctx), 3, 2)
	ask(ctx, 4, 3) // no longer fresh
}

func TestFreshUntil(t *testing.T) {
	now := time.Unix(1000, 0)
	for _, tt := range []struct {
		control, age string
		want         int64
	}{
		{"", "", 0},
		{"public, max-age=60", "", 1060},
		{"Max-Age=\"60\"", "20", 1040},
		{"max-age=60", "61", 0},
		{"max-age=86400", "", 1300},
		{"max-age=60, no-cache", "", 0},
		{"no-store", "", 0},
		{"max-age=-1", "", 0},
		{"max-age=x", "", 0},
	} {
		h := http.Header{}
		h.Set("Cache-Control", tt.control)
		h.Set("Age", tt.age)
		if got := freshUntil(h, now); got != tt.want {
			t.Errorf("%q, age %q: %d, want %d", tt.control, tt.age, got, tt.want)
		}
	}
}
