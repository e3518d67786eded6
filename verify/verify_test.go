package verify_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/dirhash"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func sum(t *testing.T, dir string) string {
	t.Helper()
	s, err := verify.DirSum(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDirSumIsThatOfGo(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"b": "1", "a/b": "2", "a.b": "3", "a/ü": ""})
	want, err := dirhash.HashDir(dir, "", dirhash.Hash1)
	if err != nil || sum(t, dir) != want {
		t.Errorf("%s, want %s, %v", sum(t, dir), want, err)
	}
}

func TestOnlyNamesAndContentsCount(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	write(t, one, map[string]string{"a": "1", "d/b": "2"})
	write(t, two, map[string]string{"a": "1", "d/b": "2", ".git/HEAD": "x", "d/.git": "gitdir: y"})
	os.Chmod(filepath.Join(two, "a"), 0o755)
	os.Mkdir(filepath.Join(two, "empty"), 0o777)
	if sum(t, one) != sum(t, two) {
		t.Error("modes, empty folders or .git count")
	}
	a, _ := verify.ArtifactDigest(one)
	b, err := verify.ArtifactDigest(two)
	if a != b || err != nil || !strings.HasPrefix(a, "sha256:") {
		t.Errorf("%s, %s, %v", a, b, err)
	}
	write(t, two, map[string]string{"node_modules/x/y": "z", "d/node_modules/z": ""})
	if s, err := verify.FolderSum(two, "node_modules"); err != nil || s != sum(t, one) {
		t.Errorf("skipped names count: %s, %v", s, err)
	}
	write(t, two, map[string]string{"a": "2"})
	if c, _ := verify.ArtifactDigest(two); c == a || sum(t, two) == sum(t, one) {
		t.Error("contents do not count")
	}
}

func TestLinksCountAsWhatTheyName(t *testing.T) {
	linked, plain := t.TempDir(), t.TempDir()
	write(t, linked, map[string]string{"a": "1", "d/b": "2"})
	write(t, plain, map[string]string{"a": "1", "d/b": "2", "x": "1", "d/y": "1", "e/b": "2", "e/y": "1"})
	for link, target := range map[string]string{"x": "a", "d/y": "../a", "e": "d", "gone": "nothing"} {
		if err := os.Symlink(target, filepath.Join(linked, link)); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip("no symbolic links here:", err)
		}
	}
	if sum(t, linked) != sum(t, plain) {
		t.Error("a link counts for something else")
	}
	for link, target := range map[string]string{"out": "../..", "loop": "."} {
		path := filepath.Join(linked, link)
		os.Symlink(target, path)
		if s, err := verify.DirSum(linked); err == nil || !strings.Contains(err.Error(), link) {
			t.Errorf("%s: %s, %v", link, s, err)
		}
		os.Remove(path)
	}
	file := filepath.Join(plain, "a")
	if _, err := verify.DirSum(file); err == nil {
		t.Error("a file has a folder's sum")
	}
}

func TestIntegrity(t *testing.T) {
	i := verify.IntegrityOf([]byte("moo"))
	for text, want := range map[string]string{
		i.String(): i.String(),
		"sha1-" + strings.Repeat("A", 27) + "= " + i.String(): i.String(),
		i.String() + "?x md5-zzz":                             i.String(),
		"sha256-" + strings.Repeat("A", 43) + "=":             "sha256-" + strings.Repeat("A", 43) + "=",
	} {
		got, err := verify.ParseIntegrity(text)
		if err != nil || got.String() != want {
			t.Errorf("%s: %s, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "sha512-", "sha512-moo", "md5-AAAA", "sha512", "sha512-" + strings.Repeat("A", 43) + "="} {
		if got, err := verify.ParseIntegrity(text); err == nil {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	weak, err := verify.FromShasum("a9993e364706816aba3e25717850c26c9cd0d89d")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := verify.ParseIntegrity(weak.String()); !errors.Is(err, verify.ErrWeakIntegrity) {
		t.Errorf("SHA-1 alone: %v", err)
	}
	if got, err := verify.ParseWeakIntegrity(weak.String()); err != nil || got != weak {
		t.Errorf("allowed SHA-1: %v, %v", got, err)
	}
	if err := weak.CheckBytes("abc", []byte("abc")); err != nil {
		t.Error(err)
	}
}

func TestStreams(t *testing.T) {
	want := verify.IntegrityOf([]byte("moo"))
	if got, err := io.ReadAll(verify.NewReader(strings.NewReader("moo"), "cow@1.0.0", want)); err != nil || string(got) != "moo" {
		t.Errorf("%q, %v", got, err)
	}
	_, rerr := io.ReadAll(verify.NewReader(strings.NewReader("boo"), "cow@1.0.0", want))
	for _, err := range []error{rerr, want.CheckBytes("cow@1.0.0", []byte("boo"))} {
		if report.KindOf(err) != report.Integrity {
			t.Fatalf("error %v", err)
		}
		for _, part := range []string{"cow@1.0.0", want.String(), verify.IntegrityOf([]byte("boo")).String(), "conduit sync", "ask its publisher"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error does not say %q: %v", part, err)
			}
		}
	}
}
