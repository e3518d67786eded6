package build

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// TestBuildIsAFunctionOfItsInput builds the same provider in other folders, under another home and with other
// parallelism, into caches of their own.
func TestBuildIsAFunctionOfItsInput(t *testing.T) {
	for _, fixture := range []string{"testdata/libraries.txtar", "testdata/outside.txtar"} {
		t.Run(filepath.Base(fixture), func(t *testing.T) { buildEverywhere(t, fixture) })
	}
}

func buildEverywhere(t *testing.T, fixture string) {
	var digest string
	for i := range 4 {
		t.Setenv("HOME", t.TempDir())
		t.Setenv("TMPDIR", t.TempDir())
		t.Setenv("NODE_PATH", t.TempDir())
		before := runtime.GOMAXPROCS(1 + i)
		f := loadFixture(t, fixture)
		// A tsconfig and a node_modules above the tree are none of its business.
		writeFile(t, filepath.Join(filepath.Dir(f.input.Dir), "tsconfig.json"), `{"compilerOptions": {"target": "ES5", "jsx": "react"}}`)
		writeFile(t, filepath.Join(filepath.Dir(f.input.Dir), "node_modules/not-there/index.js"), "")
		a, err := newBuilder(t).Build(t.Context(), f.input)
		runtime.GOMAXPROCS(before)
		if err != nil {
			t.Fatal(err)
		}
		if digest == "" {
			digest = a.Digest
		}
		if a.Digest != digest {
			t.Errorf("build %d: digest %s, want %s", i, a.Digest, digest)
		}
		for _, name := range []string{ProviderFile, ProviderFile + ".map", MetaFile} {
			data, err := os.ReadFile(filepath.Join(a.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{f.input.Dir, os.TempDir(), esmMark + `"`} {
				if strings.Contains(string(data), secret) {
					t.Errorf("%s holds %s", name, secret)
				}
			}
		}
	}
}

func TestRepeatedBuildReadsNothing(t *testing.T) {
	f := loadFixture(t, "testdata/reexport.txtar")
	b := newBuilder(t)
	first, err := b.Build(t.Context(), f.input)
	if err != nil {
		t.Fatal(err)
	}
	f.input.Dir = filepath.Join(f.input.Dir, "gone")
	f.input.Tarball = func(context.Context, resolve.Library) (string, error) { return "", errors.New("asked for a tarball") }
	again, err := b.Build(t.Context(), f.input)
	if err != nil {
		t.Fatal(err)
	}
	if again.Digest != first.Digest || len(again.Warnings) != 1 || again.Warnings[0] != first.Warnings[0] {
		t.Errorf("again %+v, first %+v", again, first)
	}
	f.input.Provider.ExportName = "Other"
	if _, err := b.Build(t.Context(), f.input); err == nil {
		t.Error("another input was answered from the cache")
	}
	found, ok := b.Find(first.Digest)
	if !ok || found.Type != "local" || found.Dir != first.Dir {
		t.Errorf("Find = %+v, %v", found, ok)
	}
	if _, ok := b.Find("sha256:0"); ok {
		t.Error("found what was never built")
	}
}

func TestCheckFindsAFlippedByte(t *testing.T) {
	f := loadFixture(t, "testdata/reexport.txtar")
	b := newBuilder(t)
	a, err := b.Build(t.Context(), f.input)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Check(f.input.Subject, a); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(a.Dir, ProviderFile)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 1
	if err := errors.Join(os.Chmod(a.Dir, 0o777), os.Chmod(name, 0o666), os.WriteFile(name, data, 0o666)); err != nil {
		t.Fatal(err)
	}
	err = b.Check(f.input.Subject, a)
	if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), f.input.Subject) ||
		!strings.Contains(err.Error(), a.Digest) || strings.Count(err.Error(), "sha256:") < 2 ||
		!strings.Contains(err.Error(), "conduit sync") {
		t.Errorf("Check: %v", err)
	}
}

func TestTarballThatDiffersFromItsIntegrity(t *testing.T) {
	f := loadFixture(t, "testdata/libraries.txtar")
	f.tarballs["esm@1.0.0"] = makeTarball(t, map[string]string{"index.js": "export const described = 'evil'"})
	_, err := newBuilder(t).Build(t.Context(), f.input)
	if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "esm@1.0.0") || strings.Count(err.Error(), "sha512-") != 2 {
		t.Errorf("Build: %v", err)
	}
}

func TestTarballThatCannotBeFetched(t *testing.T) {
	f := loadFixture(t, "testdata/libraries.txtar")
	down := &report.Error{Kind: report.Network, What: "the registry cannot be reached", Next: "try again"}
	f.input.Tarball = func(context.Context, resolve.Library) (string, error) { return "", down }
	if _, err := newBuilder(t).Build(t.Context(), f.input); !errors.Is(err, down) {
		t.Errorf("Build: %v", err)
	}
}

func TestLinkOutOfTheTree(t *testing.T) {
	f := loadFixture(t, "testdata/reexport.txtar")
	secret := filepath.Join(t.TempDir(), "secret.ts")
	writeFile(t, secret, "export const secret = 1;")
	for _, link := range []string{"src/types.ts", "src/linked"} {
		target := secret
		if link == "src/linked" {
			target = filepath.Dir(secret)
		}
		if err := os.Symlink(target, filepath.Join(f.input.Dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	a, err := newBuilder(t).Build(t.Context(), f.input)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Warnings) != 1 {
		t.Errorf("the link was followed: %v", a.Warnings)
	}
}

func TestCancelledBuild(t *testing.T) {
	f := loadFixture(t, "testdata/libraries.txtar")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newBuilder(t).Build(ctx, f.input); !errors.Is(err, context.Canceled) {
		t.Errorf("Build: %v", err)
	}
}

// TestEveryNameOfTheSDK builds a module that imports every name from every path, and looks at the values under node.
func TestEveryNameOfTheSDK(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile("../sdk/testdata/names.ts")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "src/index.ts"), string(data))
	f := loadFixture(t, "testdata/reexport.txtar")
	f.input.Dir, f.input.Sum = dir, "h1:names"
	a, err := newBuilder(t).Build(t.Context(), f.input)
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(t.TempDir(), "drive.mjs")
	writeFile(t, script, `const { provider } = await import(process.argv[2]);
for (const [name, value] of Object.entries(provider.values)) if (value === undefined) console.log(name);
console.log(Object.keys(provider.values).length > 40);`)
	if out := runNode(t, script, filepath.Join(a.Dir, ProviderFile)); out != "true\n" {
		t.Errorf("undefined: %s", out)
	}
}
