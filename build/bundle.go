package build

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// BundleInput is a tree of modules to bundle with its libraries.
type BundleInput struct {
	Subject   string // for messages
	Label     string // how the tree's files are called in source maps: "provider" gives "provider:src/index.ts"
	FS        fs.FS
	Entry     string // file of FS
	Provider  bool   // the entry is a provider's: the bundle exports `provider` and `sdk`, and SDK imports are answered
	Nodes     []resolve.Node
	Libraries []resolve.Library
	Tarball   TarballFunc
	Unbundled bool     // all libraries stay outside; with Provider only
	External  []string // libraries that stay outside, "NAME" or "NAME@VERSION"; with Provider only
	Declared  []string // names whose imports by the tree are left as they are, where Nodes knows no library for them
}

// Bundle is one module for Node.js 20 and later, with its source map: an ES module where it is a provider's, else CommonJS.
type Bundle struct {
	Code, Map []byte
	Warnings  []report.Event // on the tree's own files
	Bundled   []string       // libraries that it was made of, "NAME@VERSION", sorted
	Externals []External     // libraries that the bundle does not hold, sorted by ID
}

// targetNode is the oldest Node.js that runs what is built.
const targetNode = "20"

// Bundle bundles in. The result is a function of the files, the tree and the libraries alone.
func (b *Builder) Bundle(ctx context.Context, in BundleInput) (Bundle, error) {
	r, err := newResolver(ctx, &b.shelf, in)
	if err != nil {
		return Bundle{}, err
	}
	name := in.Label + extension(in)
	result := r.passes(in)
	if err := ctx.Err(); err != nil {
		return Bundle{}, &report.Error{Kind: report.Interrupted, What: "the build of " + in.Subject + " was stopped", Err: err}
	}
	if err := r.failure(result.Errors); err != nil {
		return Bundle{}, err
	}
	out := Bundle{Bundled: r.bundled(), Externals: r.outside.list(r.used), Warnings: r.warnings(result.Warnings)}
	for _, file := range result.OutputFiles {
		if strings.HasSuffix(file.Path, name) {
			out.Code = file.Contents
		} else if strings.HasSuffix(file.Path, name+".map") {
			out.Map = bytes.ReplaceAll(file.Contents, []byte(esmMark+`"`), []byte(`"`))
		}
	}
	return out, nil
}

// passes runs esbuild until no pass finds a library that has to stay outside, most often once.
func (r *resolver) passes(in BundleInput) api.BuildResult {
	for {
		r.begin()
		result := r.run(in)
		r.examineWarnings(result.Warnings)
		if r.ctx.Err() != nil || r.fault != nil {
			return result
		}
		// Both at once: what the tree's own modules import does not change from pass to pass.
		grown := r.outside.add(r.found, in.Nodes)
		if named := in.Provider && r.addNamed(); !grown && !named {
			return result
		}
	}
}

// bundled lists the libraries of which the last pass took modules.
func (r *resolver) bundled() []string {
	ids := map[string]bool{}
	for _, m := range r.modules {
		if m.lib != nil {
			ids[m.lib.id()] = true
		}
	}
	list := slices.AppendSeq([]string{}, maps.Keys(ids)) // never null in JSON
	slices.Sort(list)
	return list
}

// extension of the bundle's file. Node.js starts a CommonJS module without its loader for the other kind, a tenth of a
// start; a provider's module may wait for promises.
func extension(in BundleInput) string {
	if in.Provider {
		return ".mjs"
	}
	return ".cjs"
}

func (r *resolver) run(in BundleInput) api.BuildResult {
	format, defined, head := api.FormatCommonJS, map[string]string(nil), ""
	if in.Provider {
		format, defined, head = api.FormatESModule, defines, r.banner()
	}
	return api.Build(api.BuildOptions{
		EntryPointsAdvanced: []api.EntryPoint{{InputPath: entryPath, OutputPath: in.Label}},
		Bundle:              true,
		Platform:            api.PlatformNode,
		Engines:             []api.Engine{{Name: api.EngineNode, Version: targetNode}},
		Format:              format,
		OutExtension:        map[string]string{".js": extension(in)},
		Outdir:              "out",
		AbsWorkingDir:       os.TempDir(), // has to exist; no file has a path on the machine
		Sourcemap:           api.SourceMapLinked,
		SourcesContent:      api.SourcesContentExclude, // two thirds of the map, and no trace of a stack needs them
		KeepNames:           in.Provider,               // providers and their logs look at constructor.name
		MinifyWhitespace:    !in.Provider,
		MinifySyntax:        !in.Provider,
		Charset:             api.CharsetUTF8,
		TreeShaking:         api.TreeShakingTrue,
		IgnoreAnnotations:   in.Provider, // Node.js runs every module that a provider imports, whatever package.json says of side effects
		TsconfigRaw:         r.conf.forESBuild(),
		Banner:              map[string]string{"js": head},
		Define:              defined,
		LogLevel:            api.LogLevelSilent,
		LogOverride:         raised,
		LogLimit:            0,
		Plugins:             []api.Plugin{r.plugin()},
	})
}

// raised are esbuild's remarks that are silent by default and that we want to know of.
var raised = map[string]api.LogLevel{
	"unsupported-require-call":   api.LogLevelWarning,
	"unsupported-dynamic-import": api.LogLevelWarning,
	"indirect-require":           api.LogLevelWarning,
}

// defines name what CommonJS modules expect. The names are our own, so that a module's own __filename does not collide.
var defines = map[string]string{
	"__filename": "__conduit_filename",
	"__dirname":  "__conduit_dirname",
}

// banner is the bundle's beginning. Its require lets the names of libraries outside through.
func (r *resolver) banner() string {
	names := []byte("[]")
	if ids := r.outside.list(nil); len(ids) > 0 {
		list := make([]string, len(ids))
		for i, e := range ids {
			list[i] = r.outside.names[e.ID]
		}
		slices.Sort(list)
		names, _ = json.Marshal(list) // text always marshals
	}
	return strings.Replace(banner, "__conduit_names", string(names), 1)
}

// banner gives CommonJS modules their require. It finds the parts of Node.js, files, and the libraries that were laid out
// beside the bundle, never a package that happens to be installed above the cache: a missing library is missing on every
// machine.
const banner = `import { createRequire as __conduit_createRequire, isBuiltin as __conduit_isBuiltin } from "node:module";
import { fileURLToPath as __conduit_fileURLToPath } from "node:url";
const __conduit_filename = __conduit_fileURLToPath(import.meta.url);
const __conduit_dirname = __conduit_fileURLToPath(new URL(".", import.meta.url)).replace(/(?<=.)[\\/]$/, "");
const require = ((real) => {
  const outside = new Set(__conduit_names);
  const name = (id) => /^(@[^/]+[/])?[^/]*/.exec(id)[0];
  const known = (id) => {
    if (typeof id === "string" && !__conduit_isBuiltin(id) && !outside.has(name(id)) && !/^(\.{0,2}[\\/]|\.{1,2}$|[A-Za-z]:[\\/])/.test(id)) {
      throw Object.assign(new Error("Cannot find module '" + id + "'"), { code: "MODULE_NOT_FOUND", requireStack: [] });
    }
    return id;
  };
  const require = (id) => real(known(id));
  require.resolve = Object.assign((id, options) => real.resolve(known(id), options), { paths: real.resolve.paths });
  require.cache = real.cache;
  require.extensions = real.extensions;
  return require;
})(__conduit_createRequire(import.meta.url));`
