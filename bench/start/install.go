package main

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/direct"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify"
)

// provider is the measured provider's package; its package-lock.json pins axios and what axios needs.
//
//go:embed provider
var provider embed.FS

// What install leaves in the benchmark's folder.
const (
	providerDir  = "provider"         // the package
	installed    = "installed.json"   // an installation
	bundleFile   = "bundle.mjs"       // axios as one file
	moduleFile   = "modules/load.mjs" // imports axios from modules/node_modules
	emptyFile    = "empty.mjs"
	loadAxios    = "import axios from \"axios\";\nexport default axios;\n"
	modulesDir   = "modules"
	requireShape = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`
)

// installation says where the provider and the host were built to.
type installation struct{ Host, Artifact, Cache string }

// install fetches the libraries with conduit's own code and makes from them the provider's artifact, node_modules and a
// plain bundle.
func install(ctx context.Context, dir string) error {
	if err := os.CopyFS(dir, provider); err != nil {
		return err
	}
	store, err := cache.Open(filepath.Join(dir, "cache"))
	if err != nil {
		return err
	}
	client, err := npm.New(npm.Options{Cache: store})
	if err != nil {
		return err
	}
	packages := direct.New(client, source.New(source.Options{Cache: store, NPM: npm.NewOrigin(client)}), store)
	libraries, err := library.Resolve(ctx, packages, library.Request{
		Subject: "the benchmark's provider", Dependencies: map[string]string{"axios": axiosVersion()}, Dir: filepath.Join(dir, providerDir),
	})
	if err != nil {
		return err
	}
	made, err := buildProvider(ctx, build.New(store), filepath.Join(dir, providerDir), libraries, packages.Tarball)
	if err != nil {
		return err
	}
	made.Cache = store.Dir()
	if err := writeJSON(filepath.Join(dir, installed), made); err != nil {
		return err
	}
	if err := unpack(ctx, filepath.Join(dir, modulesDir, "node_modules"), libraries.Libraries, packages.Tarball); err != nil {
		return err
	}
	for name, text := range map[string]string{moduleFile: loadAxios, emptyFile: ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return bundle(dir)
}

func buildProvider(ctx context.Context, b *build.Builder, dir string, libraries library.Result, fetch build.TarballFunc) (installation, error) {
	host, err := b.Host(ctx, fetch)
	if err != nil {
		return installation{}, err
	}
	sum, err := verify.DirSum(dir)
	if err != nil {
		return installation{}, err
	}
	artifact, err := b.Build(ctx, build.Input{
		Subject: "the benchmark's provider", Dir: dir, Sum: sum, Provider: &manifest.Provider{Main: "src/index.ts", Type: "remote"},
		Nodes: libraries.Nodes, Libraries: libraries.Libraries, Tarball: fetch,
	})
	return installation{Host: host, Artifact: artifact.Dir}, err
}

// unpack makes the node_modules that an installer would: one version of each library, so all lie side by side.
func unpack(ctx context.Context, dir string, libraries []resolve.Library, fetch build.TarballFunc) error {
	for _, lib := range libraries {
		to := filepath.Join(dir, filepath.FromSlash(lib.Name))
		if _, err := os.Stat(to); err == nil {
			return fmt.Errorf("two versions of %s: node_modules would need folders in folders", lib.Name)
		}
		path, err := fetch(ctx, lib)
		if err != nil {
			return err
		}
		archive, err := tarball.Open(path, tarball.Limits{})
		if err != nil {
			return err
		}
		if err := os.MkdirAll(to, 0o777); err != nil {
			return err
		}
		if err := archive.Extract(to); err != nil {
			return err
		}
	}
	return nil
}

// bundle makes one file of axios, as esbuild does it for Node.js when nothing else is asked for.
func bundle(dir string) error {
	result := api.Build(api.BuildOptions{
		EntryPoints: []string{filepath.Join(dir, moduleFile)}, Outfile: filepath.Join(dir, bundleFile), Write: true,
		Bundle: true, Platform: api.PlatformNode, Format: api.FormatESModule, Banner: map[string]string{"js": requireShape},
	})
	if len(result.Errors) > 0 {
		return fmt.Errorf("esbuild: %s", result.Errors[0].Text)
	}
	return nil
}

// axiosVersion is the version that the provider's package.json asks for.
func axiosVersion() string {
	var pkg struct{ Dependencies map[string]string }
	data, err := fs.ReadFile(provider, providerDir+"/package.json")
	if err == nil {
		err = json.Unmarshal(data, &pkg)
	}
	if err != nil {
		panic(err) // it is part of the binary
	}
	return pkg.Dependencies["axios"]
}

func writeJSON(path string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o666)
}
