package tarball_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// scanned lists what Scan hands on, "NAME=CONTENT".
func scanned(t *testing.T, data []byte, want verify.Integrity, limits tarball.Limits) ([]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.tgz")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var got []string
	err := tarball.Scan("x@1.0.0", path, want, limits, func(name string, content io.Reader) error {
		if strings.HasPrefix(name, "skip") {
			return nil
		}
		text, err := io.ReadAll(content)
		got = append(got, name+"="+string(text))
		return err
	})
	return got, err
}

func TestScan(t *testing.T) {
	data := zip(pack(t, file("package/skip", "xxxx"), file("package/bin/node", "elf"), tar.Header{Name: "package/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}, file("package/LICENSE", "free")))
	good := verify.IntegrityOf(data)
	got, err := scanned(t, data, good, tarball.Limits{})
	if fmt.Sprint(got) != "[bin/node=elf LICENSE=free]" || err != nil {
		t.Errorf("%v, %v", got, err)
	}

	flipped := append([]byte(nil), data...)
	flipped[len(flipped)/2] ^= 1
	for name, c := range map[string]struct {
		data   []byte
		want   verify.Integrity
		limits tarball.Limits
		kind   report.Kind
		words  string
	}{
		"flipped":         {flipped, good, tarball.Limits{}, report.Integrity, "the integrity of x@1.0.0 is not the expected one"},
		"cut short":       {data[:len(data)-9], good, tarball.Limits{}, report.Integrity, "is not the expected one"},
		"more":            {append(append([]byte(nil), data...), "more"...), good, tarball.Limits{}, report.Integrity, "is not the expected one"},
		"no gzip":         {[]byte("hello"), verify.IntegrityOf([]byte("hello")), tarball.Limits{}, report.Integrity, "is damaged"},
		"no tar":          {zip([]byte(strings.Repeat("x", 1024))), verify.IntegrityOf(zip([]byte(strings.Repeat("x", 1024)))), tarball.Limits{}, report.Integrity, "is damaged"},
		"too many files":  {data, good, tarball.Limits{Files: 2}, report.Policy, "more than 2 files"},
		"too many bytes":  {data, good, tarball.Limits{Bytes: 1000}, report.Policy, "more than 1000 bytes"},
		"skipped is much": {zip(pack(t, file("package/skip", strings.Repeat("x", 1<<20)))), verify.IntegrityOf(zip(pack(t, file("package/skip", strings.Repeat("x", 1<<20))))), tarball.Limits{Bytes: 1 << 16}, report.Policy, "more than 65536 bytes"},
	} {
		_, err := scanned(t, c.data, c.want, c.limits)
		if report.KindOf(err) != c.kind || !strings.Contains(fmt.Sprint(err), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}

	path := filepath.Join(t.TempDir(), "x.tgz")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	if err := tarball.Scan("x", path, good, tarball.Limits{}, func(string, io.Reader) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the error of use: %v", err)
	}
}

// zeros is a tarball with one file of so many MiB that are all zero. One of them is compressed, and then there many times:
// gzip's streams may follow one another.
func zeros(t *testing.T, name string, megabytes int) []byte {
	t.Helper()
	zip := func(data []byte) []byte {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write(data)
		if err := errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var header bytes.Buffer
	w := tar.NewWriter(&header)
	if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeReg, Size: int64(megabytes) << 20, Mode: 0o755}); err != nil {
		t.Fatal(err)
	}
	end := make([]byte, 1024) // two empty blocks
	return slices.Concat(zip(header.Bytes()), bytes.Repeat(zip(make([]byte, 1<<20)), megabytes), zip(end))
}

// TestScanMemory: a file of 64 MiB passes through without being held.
func TestScanMemory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tgz")
	const size = 64 << 20
	data := zeros(t, "package/bin/node", size>>20)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	want := verify.IntegrityOf(data)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var n int64
	err := tarball.Scan("x", path, want, tarball.Limits{}, func(_ string, content io.Reader) (err error) {
		n, err = io.Copy(io.Discard, content)
		return err
	})
	runtime.ReadMemStats(&after)
	if err != nil || n != size {
		t.Errorf("%d bytes, %v", n, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
		t.Errorf("it allocated %d bytes", used)
	}
}
