package plugin_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify"
)

// built are the things that the tests run, made once for all of them and only when one asks. The cache is kept between
// runs, so that the host's libraries are downloaded once per machine.
var built struct {
	dir     string
	builder sync.Once
	build   *build.Builder
	tarball build.TarballFunc
	native  sync.Once
}

func builder(t testing.TB) *build.Builder {
	t.Helper()
	built.builder.Do(func() {
		store, err := cache.Open(filepath.Join(os.TempDir(), "conduit-test-cache"))
		if err != nil {
			t.Fatal(err)
		}
		client, err := npm.New(npm.Options{Cache: store})
		if err != nil {
			t.Fatal(err)
		}
		built.build = build.New(store)
		built.tarball = func(ctx context.Context, library resolve.Library) (string, error) {
			return client.Tarball(ctx, library.Name, library.Version, library.Integrity)
		}
	})
	return built.build
}

// hostFile is the host, built from the sources in this tree.
func hostFile(t testing.TB) string {
	t.Helper()
	b := builder(t)
	path, err := b.Host(patient(t), built.tarball)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// artifact builds testdata/providers with NAME.ts as the entry.
func artifact(t testing.TB, name string) string {
	t.Helper()
	dir, err := filepath.Abs("testdata/providers")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := verify.DirSum(dir)
	if err != nil {
		t.Fatal(err)
	}
	made, err := builder(t).Build(patient(t), build.Input{
		Subject: name, Dir: dir, Sum: sum, Provider: &manifest.Provider{Main: name + ".ts", Type: "local"}, Nodes: []resolve.Node{{ID: "."}}, Tarball: built.tarball,
	})
	if err != nil {
		t.Fatal(err)
	}
	return made.Dir
}

// native builds the Go provider of testdata.
func native(t testing.TB) string {
	t.Helper()
	out := filepath.Join(built.dir, "native.exe")
	built.native.Do(func() {
		if text, err := exec.Command("go", "build", "-o", out, "./testdata/native").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
	return out
}
