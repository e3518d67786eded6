package tarball_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

func file(name, content string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(content)), Linkname: content}
}

// pack makes a tar archive; Linkname of a regular file is its content.
func pack(t testing.TB, entries ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range entries {
		content := ""
		if h.Typeflag == tar.TypeReg {
			content, h.Linkname = h.Linkname, ""
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zip(data []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write(data)
	w.Close()
	return b.Bytes()
}

func TestArchive(t *testing.T) {
	long := "package/" + strings.Repeat("long/", 40) + "name.js"
	raw := pack(t, tar.Header{Name: "package/", Typeflag: tar.TypeDir, Mode: 0o755},
		file("package/package.json", "{}"), file(long, "long"), file("other/index.js", "old"), file("./package/index.js", "new"), file("top", "dropped"),
		file("package/.git/config", "dropped"),
		tar.Header{Name: "package/link.js", Typeflag: tar.TypeSymlink, Linkname: "./index.js"},
		tar.Header{Name: "package/d/hard.js", Typeflag: tar.TypeLink, Linkname: "package/index.js"},
		tar.Header{Name: "package/run", Typeflag: tar.TypeReg, Mode: 0o755})
	for form, data := range map[string][]byte{"gzip": zip(raw), "plain": raw, "two members": append(zip(raw[:512]), zip(raw[512:])...)} {
		path := filepath.Join(t.TempDir(), "x.tgz")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		a, err := tarball.OpenVerified("x@1.0.0", path, verify.IntegrityOf(data), tarball.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		want := []string{"d/hard.js", "index.js", "link.js", strings.TrimPrefix(long, "package/"), "package.json", "run"}
		if !slices.Equal(a.Names(), want) {
			t.Errorf("%s: names %q", form, a.Names())
		}
		for name, content := range map[string]string{"index.js": "new", "link.js": "new", "d/hard.js": "new", want[3]: "long"} {
			if got, ok := a.File(name); !ok || string(got) != content {
				t.Errorf("%s: %s holds %q, %v", form, name, got, ok)
			}
		}
		if _, ok := a.File("top"); ok {
			t.Error("what has no folder is there")
		}
		dir := t.TempDir()
		if err := a.Extract(dir); err != nil {
			t.Fatal(err)
		}
		sum, err := a.Sum()
		if onDisk, derr := verify.DirSum(dir); err != nil || derr != nil || sum != onDisk {
			t.Errorf("sums %s and %s, %v, %v", sum, onDisk, err, derr)
		}
		if info, err := os.Stat(filepath.Join(dir, "run")); err != nil || info.Mode()&0o100 == 0 {
			t.Errorf("run: %v, %v", info, err)
		}
		if _, err := tarball.OpenVerified("x@1.0.0", path, verify.IntegrityOf(nil), tarball.Limits{}); report.KindOf(err) != report.Integrity {
			t.Errorf("a wrong integrity: %v", err)
		}
	}
}

func TestHostileArchives(t *testing.T) {
	for name, test := range map[string]struct {
		entries []tar.Header
		limits  tarball.Limits
		says    string
	}{
		"up":       {[]tar.Header{file("package/../../x", "")}, tarball.Limits{}, "leaves"},
		"up first": {[]tar.Header{file("../x/y", "")}, tarball.Limits{}, "leaves"},
		"absolute": {[]tar.Header{file("/etc/passwd", "")}, tarball.Limits{}, "absolute"},
		"link":     {[]tar.Header{{Name: "package/a", Typeflag: tar.TypeSymlink, Linkname: "../../x"}}, tarball.Limits{}, "leaves"},
		"hard":     {[]tar.Header{{Name: "package/a", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}}, tarball.Limits{}, "leaves"},
		"case":     {[]tar.Header{file("package/A", ""), file("package/a", "")}, tarball.Limits{}, "by case alone"},
		"twofold":  {[]tar.Header{file("package/a/b", ""), file("package/a", "")}, tarball.Limits{}, "both a file and a folder"},
		"below":    {[]tar.Header{{Name: "package/a", Typeflag: tar.TypeSymlink, Linkname: "b"}, file("package/a/c", "")}, tarball.Limits{}, "both a file and a folder"},
		"device":   {[]tar.Header{{Name: "package/dev", Typeflag: tar.TypeChar, Devmajor: 1}}, tarball.Limits{}, "device"},
		"fifo":     {[]tar.Header{{Name: "package/pipe", Typeflag: tar.TypeFifo}}, tarball.Limits{}, "device"},
		"files":    {[]tar.Header{file("package/a", ""), file("package/b", "")}, tarball.Limits{Files: 1}, "more than 1 files"},
		"bytes":    {[]tar.Header{file("package/a", strings.Repeat("x", 9000))}, tarball.Limits{Bytes: 8000}, "more than 8000 bytes"},
	} {
		for form, data := range map[string][]byte{"gzip": zip(pack(t, test.entries...)), "plain": pack(t, test.entries...)} {
			_, err := tarball.New("x@1.0.0", data, test.limits)
			if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), "use another version") {
				t.Errorf("%s, %s: %v", name, form, err)
			}
		}
	}
}

func TestDamagedArchives(t *testing.T) {
	good := zip(pack(t, file("package/a", strings.Repeat("content ", 1000))))
	for n := 20; n < len(good); n += 7 {
		if _, err := tarball.New("x@1.0.0", good[:n], tarball.Limits{}); report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "conduit sync") {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	// A size that the end of the file claims is not believed.
	bomb := bytes.Clone(good)
	copy(bomb[len(bomb)-4:], []byte{0xff, 0xff, 0xff, 0xff})
	if _, err := tarball.New("x@1.0.0", bomb, tarball.Limits{}); report.KindOf(err) != report.Integrity {
		t.Errorf("a false size: %v", err)
	}
}

// Whatever an archive holds, it opens or fails, and what opens extracts inside its root with the sum that it had.
func FuzzArchive(f *testing.F) {
	f.Add(pack(f, file("package/a", "x"), tar.Header{Name: "package/l", Typeflag: tar.TypeSymlink, Linkname: "a"}))
	f.Add(pack(f, file("package/d/a", "x"), tar.Header{Name: "package/l", Typeflag: tar.TypeSymlink, Linkname: "d"}, file("package/l/b", "y")))
	f.Add(pack(f, file("package/a", "x"), file("package/a/b", "y")))
	f.Add(zip(pack(f, file("package/package.json", `{"name": "a", "version": "1.0.0"}`), file("package/../x", "y"))))
	f.Add(zip(pack(f, tar.Header{Name: "package/hard", Typeflag: tar.TypeLink, Linkname: "package/a"}, file("package/A", ""), file("package/a", "x"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := tarball.New("x", data, tarball.Limits{Bytes: 1 << 20, Files: 100})
		if err != nil {
			return
		}
		_ = a.CheckIdentity("a", "1.0.0") // must end, whatever it finds
		outer := t.TempDir()
		dir := filepath.Join(outer, "root")
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := a.Extract(dir); err != nil && filepath.Separator == '/' && !strings.Contains(err.Error(), "too long") {
			t.Errorf("opens but does not extract: %v", err)
		} else if err == nil {
			want, err := a.Sum()
			if got, gerr := verify.DirSum(dir); err != nil || gerr != nil || got != want {
				t.Errorf("sum %s, want %s, %v, %v, names %q", got, want, err, gerr, a.Names())
			}
		}
		if left, _ := os.ReadDir(outer); len(left) != 1 {
			t.Errorf("wrote %v", left)
		}
	})
}

func TestPart(t *testing.T) {
	raw := pack(t, file("package/package.json", "{}"), file("package/index.js", "code"), file("package/index.d.ts", "types"), file("package/empty.js", ""),
		tar.Header{Name: "package/link.js", Typeflag: tar.TypeSymlink, Linkname: "./index.d.ts"})
	for range 3 { // one after the other in the same memory
		for form, data := range map[string][]byte{"gzip": zip(raw), "plain": raw} {
			path := filepath.Join(t.TempDir(), "x.tgz")
			if err := os.WriteFile(path, data, 0o666); err != nil {
				t.Fatal(err)
			}
			a, err := tarball.OpenPart("x@1.0.0", path, verify.IntegrityOf(data), tarball.Limits{}, func(name string) bool { return filepath.Ext(name) != ".ts" })
			if err != nil {
				t.Fatal(err)
			}
			if _, err := tarball.OpenPart("x@1.0.0", path, verify.IntegrityOf([]byte("other")), tarball.Limits{}, nil); report.KindOf(err) != report.Integrity {
				t.Errorf("%s: wrong bytes are %v", form, err)
			}
			want := []string{"empty.js", "index.d.ts", "index.js", "link.js", "package.json"}
			if !slices.Equal(a.Names(), want) {
				t.Errorf("%s: files %q, want %q", form, a.Names(), want)
			}
			for name, text := range map[string]string{"package.json": "{}", "index.js": "code", "empty.js": "", "link.js": "types"} {
				if got, ok := a.File(name); !ok || string(got) != text {
					t.Errorf("%s: %s is %q, %v, want %q", form, name, got, ok, text)
				}
			}
			if _, ok := a.File("index.d.ts"); ok {
				t.Errorf("%s: what was not to be kept is there", form)
			}
		}
	}
}
