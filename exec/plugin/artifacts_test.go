package plugin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/MediaConduit/conduit/sdk"
	"github.com/evanw/esbuild/pkg/api"
)

// built are the things that the tests run, made once for all of them and only when one asks.
var built struct {
	dir    string
	host   sync.Once
	native sync.Once
	mu     sync.Mutex
}

// hostFile bundles the host as it is in the work tree.
func hostFile(t testing.TB) string {
	t.Helper()
	out := filepath.Join(built.dir, "host.mjs")
	built.host.Do(func() {
		bundle(t, api.BuildOptions{
			EntryPoints: []string{absolute(t, "../../sdk/host/src/main.ts")}, Outfile: out, NodePaths: []string{libraries(t)},
		})
	})
	return out
}

// artifact bundles testdata/providers/NAME.ts with the SDK, as a built provider is.
func artifact(t testing.TB, name string) string {
	t.Helper()
	dir := filepath.Join(built.dir, "artifacts", name)
	built.mu.Lock()
	defer built.mu.Unlock()
	if _, err := os.Stat(filepath.Join(dir, "provider.mjs")); err == nil {
		return dir
	}
	entry := fmt.Sprintf("export * as provider from %q; export * as sdk from %q;",
		absolute(t, filepath.Join("testdata/providers", name+".ts")), absolute(t, filepath.Join("../../sdk", sdk.Runtime)))
	bundle(t, api.BuildOptions{
		Stdin: &api.StdinOptions{Contents: entry, ResolveDir: absolute(t, ".")}, Outfile: filepath.Join(dir, "provider.mjs"),
		Sourcemap: api.SourceMapLinked, Plugins: []api.Plugin{sdkImports(t)},
	})
	return dir
}

func sdkImports(t testing.TB) api.Plugin {
	return api.Plugin{Name: "sdk", Setup: func(build api.PluginBuild) {
		build.OnResolve(api.OnResolveOptions{Filter: "^" + sdk.Name}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			file, ok := sdk.File(args.Path)
			if !ok {
				return api.OnResolveResult{}, fmt.Errorf("the SDK has no %s", args.Path)
			}
			return api.OnResolveResult{Path: absolute(t, filepath.Join("../../sdk", file))}, nil
		})
	}}
}

func bundle(t testing.TB, options api.BuildOptions) {
	t.Helper()
	options.Bundle, options.Write, options.KeepNames = true, true, true
	options.Format, options.Platform, options.Target = api.FormatESModule, api.PlatformNode, api.ES2022
	result := api.Build(options)
	for _, message := range result.Errors {
		t.Errorf("%+v: %s", message.Location, message.Text)
	}
	if len(result.Errors) > 0 {
		t.FailNow()
	}
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

// libraries is a node_modules folder with exactly what sdk/host/libraries.json names; npm checks it against the registry
// and we check it against the file. It is kept between runs.
func libraries(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("../../sdk/host/libraries.json")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	dir := filepath.Join(os.TempDir(), "conduit-host-libraries-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(filepath.Join(dir, "complete")); err == nil {
		return filepath.Join(dir, "node_modules")
	}
	var list struct {
		Libraries []struct{ Name, Version, Integrity string }
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	args := []string{"install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", "--prefix", dir}
	for _, library := range list.Libraries {
		args = append(args, library.Name+"@"+library.Version)
	}
	if out, err := exec.Command("npm", args...).CombinedOutput(); err != nil {
		t.Fatalf("npm install: %v\n%s", err, out)
	}
	installed, err := os.ReadFile(filepath.Join(dir, "node_modules", ".package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, library := range list.Libraries {
		if !strings.Contains(string(installed), library.Integrity) {
			t.Fatalf("%s@%s does not have the integrity of libraries.json", library.Name, library.Version)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "complete"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "node_modules")
}

func absolute(t testing.TB, path string) string {
	t.Helper()
	out, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
