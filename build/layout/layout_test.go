package layout

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

type world struct {
	in    Input
	cache *cache.Cache
}

// newWorld publishes libraries, "NAME@VERSION/FILE" to content, and an artifact.
func newWorld(t *testing.T, roots, nodes string, files map[string]string) *world {
	t.Helper()
	dir := t.TempDir()
	c, err := cache.Open(filepath.Join(dir, "cache"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.RemoveAll(dir) })
	w := &world{cache: c}
	artifact := filepath.Join(dir, "made")
	if err := errors.Join(os.Mkdir(artifact, 0o777), os.WriteFile(filepath.Join(artifact, "provider.mjs"), []byte("export {}"), 0o444)); err != nil {
		t.Fatal(err)
	}
	tarballs := map[string]string{}
	for _, n := range tree(nodes) {
		var out bytes.Buffer
		archive := tar.NewWriter(&out)
		for name, content := range files {
			if rest, ok := strings.CutPrefix(name, n.ID+"/"); ok {
				if err := archive.WriteHeader(&tar.Header{Name: "package/" + rest, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
					t.Fatal(err)
				}
				_, _ = archive.Write([]byte(content))
			}
		}
		name, version := n.Library()
		if err := archive.Close(); err != nil {
			t.Fatal(err)
		}
		tarballs[n.ID] = filepath.Join(dir, n.ID+".tar")
		if err := os.WriteFile(tarballs[n.ID], out.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		w.in.Libraries = append(w.in.Libraries, resolve.Library{Name: name, Version: version, Integrity: verify.IntegrityOf(out.Bytes()).String()})
	}
	w.in.Subject, w.in.Artifact, w.in.Digest, w.in.Platform = "github:a/b@v1.0.0", artifact, "sha256:00", Platform{"linux", "x64", "glibc"}
	w.in.Roots, w.in.Nodes = tree(".: " + roots)[0].Edges, tree(nodes)
	w.in.Tarball = func(_ context.Context, lib resolve.Library) (string, error) {
		return tarballs[lib.Name+"@"+lib.Version], nil
	}
	w.in.Cached = func(lib resolve.Library) (string, bool) { return tarballs[lib.Name+"@"+lib.Version], true }
	return w
}

func (w *world) make(t *testing.T) (*Plan, string, error) {
	t.Helper()
	plan, err := New(w.in)
	if err != nil {
		t.Fatal(err)
	}
	artifact, err := plan.Make(t.Context(), w.cache)
	return plan, filepath.Dir(artifact), err
}

func TestMakeAndVerify(t *testing.T) {
	// b brings a copy of c of its own; the locked one counts.
	w := newWorld(t, "a=a@1 b=b@1", "a@1: c=c@1; b@1: c=c@2; c@1:; c@2:", map[string]string{
		"a@1/index.js": "a", "b@1/index.js": "b", "b@1/node_modules/c/index.js": "brought", "c@1/lib/index.js": "c1", "c@2/index.js": "c2"})
	plan, dir, err := w.make(t)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"artifact/provider.mjs": "export {}", "node_modules/a/index.js": "a", "node_modules/c/lib/index.js": "c1",
		"node_modules/b/node_modules/c/index.js": "c2"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(file)
		info, statErr := os.Stat(file)
		if err != nil || statErr != nil || string(data) != want || info.Mode().Perm()&0o222 != 0 {
			t.Errorf("%s: %q, %v, %v", name, data, info.Mode(), errors.Join(err, statErr))
		}
	}
	if err := plan.Verify(t.Context(), w.cache); err != nil {
		t.Fatal(err)
	}
	// A file is one file in all layouts and in the unpacked library.
	w.in.Digest = "sha256:01"
	_, second, err := w.make(t)
	if err != nil || second == dir {
		t.Fatal(second, err)
	}
	first, err := os.Stat(filepath.Join(dir, "node_modules/a/index.js"))
	again, err2 := os.Stat(filepath.Join(second, "node_modules/a/index.js"))
	if err != nil || err2 != nil || !os.SameFile(first, again) {
		t.Error("a library's file was copied", err, err2)
	}
	for _, change := range []func() error{
		func() error { return os.Remove(filepath.Join(dir, "node_modules/c/lib/index.js")) },
		func() error {
			return os.WriteFile(filepath.Join(dir, "node_modules/c/lib/index.js"), []byte("evil"), 0o444)
		},
		func() error { return cache.RemoveAll(filepath.Join(dir, "node_modules/a")) },
	} {
		for _, folder := range []string{"node_modules/c/lib", "node_modules"} {
			_ = os.Chmod(filepath.Join(dir, folder), 0o777)
		}
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if err := plan.Verify(t.Context(), w.cache); report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "github:a/b@v1.0.0") {
			t.Errorf("Verify: %v", err)
		}
	}
}

// What would have to be compiled is refused, or left out where it is optional; machine code in the package spares it.
func TestMachineCode(t *testing.T) {
	gyp := `{"targets": []}`
	for name, test := range map[string]struct {
		nodes, says string
		files       map[string]string
	}{
		"none":          {"a@1:", "a@1 has to be compiled for linux-x64-glibc", map[string]string{"a@1/binding.gyp": gyp}},
		"script":        {"a@1:", "prebuild-install", map[string]string{"a@1/package.json": `{"scripts": {"install": "prebuild-install"}}`}},
		"switched off":  {"a@1:", "", map[string]string{"a@1/binding.gyp": gyp, "a@1/package.json": `{"gypfile": false}`}},
		"other scripts": {"a@1:", "", map[string]string{"a@1/package.json": `{"scripts": {"postinstall": "node banner.js", "build": "node-gyp rebuild"}}`}},
		"prebuilt":      {"a@1:", "", map[string]string{"a@1/binding.gyp": gyp, "a@1/prebuilds/linux-x64/a.node": "x"}},
		"for others":    {"a@1:", "has to be compiled", map[string]string{"a@1/binding.gyp": gyp, "a@1/prebuilds/darwin-x64+arm64/a.node": "x"}},
		"needed below":  {"a@1: b=b@1; b@1:", "b@1 has to be compiled", map[string]string{"a@1/index.js": "", "b@1/binding.gyp": gyp}},
		"optional":      {"a@1: b=b@1; b@1:", "", map[string]string{"a@1/package.json": `{"optionalDependencies": {"b": "1"}}`, "b@1/binding.gyp": gyp}},
	} {
		w := newWorld(t, "a=a@1", test.nodes, test.files)
		plan, dir, err := w.make(t)
		if test.says != "" {
			if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), `[replace] "npm:`) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil {
			err = plan.Verify(t.Context(), w.cache)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "node_modules/b")); name == "optional" && !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: laid out, %v", name, err)
		}
	}
}
