package tarball_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
)

// nothing is a reader that never ends.
type nothing struct{}

func (nothing) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestBomb: what unpacks to far more than itself is refused before it has filled the memory.
func TestBomb(t *testing.T) {
	var bomb bytes.Buffer
	z, err := gzip.NewWriterLevel(&bomb, gzip.BestSpeed) // the race detector makes it slow enough
	if err != nil {
		t.Fatal(err)
	}
	w := tar.NewWriter(z)
	const size = 80 << 20
	if err := w.WriteHeader(&tar.Header{Name: "package/zeros", Typeflag: tar.TypeReg, Size: size, Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, io.LimitReader(nothing{}, size)); err != nil {
		t.Fatal(err)
	}
	w.Close()
	z.Close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err = tarball.New("x@1.0.0", bomb.Bytes(), tarball.Limits{})
	runtime.ReadMemStats(&after)
	if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "more than 100 times its size") || !strings.Contains(err.Error(), "use another version") {
		t.Errorf("error %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 256<<20 {
		t.Errorf("%d MiB were allocated for a tarball of %d bytes", used>>20, bomb.Len())
	}
}

func TestCheckIdentity(t *testing.T) {
	for _, tt := range []struct {
		text string
		same bool
	}{
		{`{"name": "@s/a", "version": "1.0.0"}`, true},
		{`{"name": "@s/a", "version": "v1.0.0"}`, true},
		{`{"name": "@s/a", "version": " =1.0.0+build"}`, true},
		{`{"name": "@s/a"}`, true},
		{`{}`, true},
		{`nonsense`, true},
		{`{"name": "@s/b", "version": "1.0.0"}`, false},
		{`{"name": "@s/a", "version": "1.0.1"}`, false},
		{`{"name": "", "version": "1.0.0"}`, false},
	} {
		a, err := tarball.New("@s/a@1.0.0", pack(t, file("package/package.json", tt.text)), tarball.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		err = a.CheckIdentity("@s/a", "1.0.0")
		if (err == nil) != tt.same {
			t.Errorf("%s: %v", tt.text, err)
		}
		if err != nil && (report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "is that of another package") || !strings.Contains(err.Error(), `[replace] "npm:@s/a" = "VERSION"`)) {
			t.Errorf("%s: %v", tt.text, err)
		}
	}
}
