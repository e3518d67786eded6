package extract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
)

func writer(t *testing.T, limits extract.Limits) (*extract.Writer, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "root")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	w, err := extract.NewWriter("pkg@1.0.0", dir, limits)
	if err != nil {
		t.Fatal(err)
	}
	return w, dir
}

func TestRefusedNames(t *testing.T) {
	for name, says := range map[string]string{
		"/etc/passwd": "absolute", "../x": "leaves", "a/../../x": "leaves", "a/..": "leaves", `a\b`: "backslash",
		"C:/x": "absolute", "a\nb": "control character", "a\x00b": "control character", "\xff": "UTF-8",
	} {
		w, dir := writer(t, extract.Limits{})
		for _, err := range []error{w.File(name, false, strings.NewReader("x")), w.Link(name, "y")} {
			if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "pkg@1.0.0") {
				t.Errorf("%q: %v", name, err)
			}
		}
		w.Abort()
		if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 1 {
			t.Errorf("%q: wrote %v", name, left)
		}
	}
}

func TestLinks(t *testing.T) {
	w, dir := writer(t, extract.Limits{})
	for _, name := range []string{"a/x", "a/y/z", "./b//c", ".git/config", "d/.GIT/x"} {
		if err := w.File(name, name == "a/x", strings.NewReader(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, target := range map[string]string{
		"file": "a/x", "folder": "a", "b/up": "../a/y", "chain": "folder/y/z", "through": "folder/y", "none": "a/q", "a/self": "./x",
	} {
		if err := w.Link(name, target); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a/x": "a/x", "a/y/z": "a/y/z", "b/c": "./b//c", "file": "a/x", "folder/x": "a/x", "folder/y/z": "a/y/z", "folder/self": "a/x",
		"b/up/z": "a/y/z", "chain": "a/y/z", "through/z": "a/y/z", "a/self": "a/x",
	}
	got := map[string]string{}
	filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			if !e.Type().IsRegular() {
				t.Errorf("%s is %v", path, e.Type())
			}
			content, _ := os.ReadFile(path)
			rel, _ := filepath.Rel(dir, path)
			got[filepath.ToSlash(rel)] = string(content)
		}
		return nil
	})
	if len(got) != len(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
	for name, content := range want {
		if got[name] != content {
			t.Errorf("%s holds %q, want %q", name, got[name], content)
		}
	}
}

// Links to folders of links double the tree with each step: the limits stop them.
func TestLinkBomb(t *testing.T) {
	w, _ := writer(t, extract.Limits{Files: 1000})
	w.File("0/f", false, strings.NewReader("x"))
	for i := 1; i < 30; i++ {
		prev, this := string(rune('A'+i-2)), string(rune('A'+i-1))
		if i == 1 {
			prev = "0"
		}
		w.Link(this+"/l", "../"+prev)
		w.Link(this+"/m", "../"+prev)
	}
	err := w.Close()
	if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), "more than 1000 files") {
		t.Errorf("error %v", err)
	}
}

// Whatever names and links say, nothing is written outside the root.
func FuzzWriter(f *testing.F) {
	for _, seed := range [][4]string{
		{"a", "b", "a", "c"}, {"../x", "a/b", "..", "y"}, {"a/b", "l", "/etc", "l/x"}, {"l/x", "l", "../..", "m"},
		{"A", "a", "a", "Ａ"}, {"x/../..", ".", "..", ".."}, {`..\x`, "C:", `C:\`, "nul"}, {"d/f", "d/l", "..", "d/l/m"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, file, link, target, last string) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "deep", "root")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		w, err := extract.NewWriter("pkg", dir, extract.Limits{Bytes: 1 << 16, Files: 64})
		if err != nil {
			t.Fatal(err)
		}
		w.File(file, false, strings.NewReader("x"))
		w.Link(link, target)
		w.File(last, true, strings.NewReader("y"))
		w.Link(target, link)
		w.Close()
		filepath.WalkDir(outer, func(path string, e os.DirEntry, err error) error {
			if err != nil {
				t.Fatal(err)
			}
			inside := path == dir || strings.HasPrefix(path, dir+string(filepath.Separator))
			if !inside && !e.IsDir() || e.Type()&os.ModeSymlink != 0 || !inside && e.IsDir() && !strings.HasPrefix(dir, path) {
				t.Errorf("%q, %q -> %q, %q: wrote %s", file, link, target, last, path)
			}
			return nil
		})
	})
}
