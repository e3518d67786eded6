package build

import (
	"context"
	"path"
	"sync"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/sdk"
)

// The namespaces of modules, besides the label of the bundled tree.
const (
	entrySpace   = "conduit" // the module that we write, which joins provider and SDK
	outsideSpace = "outside" // modules that we write, which require a CommonJS module outside of the bundle
	librarySpace = "lib"     // lib:NAME@VERSION/FILE
	sdkSpace     = "sdk"
	emptySpace   = "missing" // files that are only re-exported and do not exist
)

// voidPath is imported by a module of a pass that has to be repeated, and cannot be found: esbuild then only looks for
// errors, and writes nothing.
const voidPath = "conduit:void"

// entryPath is the bundle's own entry point.
const entryPath = "conduit:entry"

// esmMark ends the path of a module that Node.js takes for an ES module although its extension does not say so. esbuild
// looks at the path alone for modules that plugins bring.
const esmMark = "#.mjs"

// unit is a package as one place in the tree sees it.
type unit struct {
	space string
	node  string            // the node's ID; "" for the SDK
	edges map[string]string // import name to node ID
	lib   *library          // nil for the tree and the SDK
	pkg   *nodejs.Package   // nil for a library that is not open yet
	ext   []string          // extensions that imports may leave out
}

// module is one file of a unit: what esbuild carries from a module to its imports.
type module struct {
	*unit
	file string
}

// location is the module's path in messages.
func (m module) location() string {
	if m.lib != nil {
		return m.lib.id() + "/" + m.file
	}
	return m.file
}

// resolver answers esbuild's questions for one bundle. esbuild asks from many goroutines.
type resolver struct {
	ctx   context.Context
	in    BundleInput
	shelf *shelf
	own   *unit
	sdk   *unit
	conf  tsconfig
	node  map[string]*unit

	outside *outside // what is not bundled; fixed while esbuild runs

	mu       sync.Mutex
	problems map[problemKey]problem
	missing  map[string]report.Event    // warnings by path, on files that are only re-exported
	found    map[string]External        // libraries, by name and version, that turned out not to work in a bundle
	imported map[string]map[string]bool // by node: names of libraries that its modules import
	byName   map[string]string          // nodes that load what others call, see loadsByName, and where
	used     map[string]bool            // nodes outside that the bundle imports
	modules  map[string]module          // the tree's and those of libraries, by esbuild's name for them
	void     bool                       // the pass found a library that has to stay outside
	fault    error                      // what was wrong with a tarball, with fetching one, or with the disk
}

func newResolver(ctx context.Context, on *shelf, in BundleInput) (*resolver, error) {
	tree, err := listFiles(in.FS)
	if err != nil {
		return nil, &report.Error{Kind: report.Failure, What: "cannot read the files of " + in.Subject, Err: err,
			Next: "make the files readable for this user"}
	}
	src, err := listFiles(sdk.FS)
	if err != nil {
		return nil, err
	}
	r := &resolver{ctx: ctx, in: in, shelf: on, node: map[string]*unit{}, outside: newOutside(in),
		own: &unit{space: in.Label, node: ".", pkg: nodejs.NewPackage(tree), ext: nodejs.TypeScript},
		sdk: &unit{space: sdkSpace, pkg: nodejs.NewPackage(src), ext: nodejs.TypeScript}}
	r.conf = readTSConfig(tree)
	libraries := map[string]*library{}
	for _, lib := range in.Libraries {
		libraries[lib.Name+"@"+lib.Version] = &library{Library: lib, signs: map[string]foundSign{}}
	}
	for _, node := range in.Nodes {
		u := r.own
		if node.ID != "." {
			lib := libraries[node.ID]
			if lib == nil {
				lib = libraries[resolve.LibraryID(node.ID)]
			}
			if lib == nil {
				return nil, &report.Error{Kind: report.Lock, What: "the lock lists no library " + node.ID + ", which " + in.Subject + " uses",
					Next: "conduit lock    to make the lock whole again"}
			}
			u = &unit{space: librarySpace, node: node.ID, lib: lib, ext: nodejs.Extensions}
			r.node[node.ID] = u
		}
		u.edges = make(map[string]string, len(node.Edges))
		for _, edge := range node.Edges {
			u.edges[edge.Name] = edge.ID
		}
	}
	return r, nil
}

// begin makes ready for a pass.
func (r *resolver) begin() {
	r.problems, r.missing = map[problemKey]problem{}, map[string]report.Event{}
	r.imported, r.byName = map[string]map[string]bool{}, map[string]string{}
	r.void = false
	r.found, r.used, r.modules = map[string]External{}, map[string]bool{}, map[string]module{}
}

func (r *resolver) plugin() api.Plugin {
	return api.Plugin{Name: "conduit", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: ".*"}, r.onResolve)
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: entrySpace}, r.onEntry)
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: outsideSpace}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			return api.OnLoadResult{Contents: new("module.exports = require(" + quote(args.Path) + ");"), Loader: api.LoaderJS}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: emptySpace}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			return api.OnLoadResult{Contents: new("export {};"), Loader: api.LoaderTS}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*"}, r.onLoad)
	}}
}

// onEntry writes the module that the bundle begins with.
func (r *resolver) onEntry(api.OnLoadArgs) (api.OnLoadResult, error) {
	text := "import " + quote(r.in.Label+":") + ";\n"
	if r.in.Provider {
		text = "export * as provider from " + quote(r.in.Label+":") + ";\nexport * as sdk from " + quote(sdkSpace+":") + ";\n"
	}
	return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
}

func quote(s string) string { return `"` + s + `"` }

// answer is the outcome of resolving one import.
type answer struct {
	module   module
	external string // what Node.js imports at run time
	required string // what a module of ours requires at run time
	empty    bool   // the file does not exist and is only re-exported
}

func (r *resolver) onResolve(args api.OnResolveArgs) (api.OnResolveResult, error) {
	switch {
	case args.Kind == api.ResolveEntryPoint:
		return api.OnResolveResult{Path: "entry", Namespace: entrySpace}, nil
	case args.Path == voidPath:
		return api.OnResolveResult{Errors: []api.Message{{Text: "the pass has to be repeated"}}}, nil
	case args.Namespace == outsideSpace:
		return api.OnResolveResult{Path: args.Path, External: true}, nil
	case args.Namespace == entrySpace && args.Path == r.in.Label+":":
		return r.take(module{r.own, r.in.Entry}), nil
	case args.Namespace == entrySpace:
		return r.take(module{r.sdk, sdk.Runtime}), nil
	}
	from, ok := args.PluginData.(module)
	if !ok {
		return api.OnResolveResult{}, nil
	}
	got, err := r.resolve(from, args.Path, args.Kind)
	switch {
	case err != nil:
		// No answer rather than an error: esbuild then leaves it to run time where the code expects the import to
		// fail (require in try, import() with catch) and reports it elsewhere, see failure.
		r.note(args, err)
		if from.lib != nil && lazy(args.Kind) {
			return api.OnResolveResult{Path: args.Path, External: true}, nil
		}
		return api.OnResolveResult{}, nil
	case got.external != "":
		return api.OnResolveResult{Path: got.external, External: true}, nil
	case got.required != "":
		return api.OnResolveResult{Path: got.required, Namespace: outsideSpace}, nil
	case got.empty:
		return api.OnResolveResult{Path: path.Join(path.Dir(from.file), args.Path), Namespace: emptySpace}, nil
	}
	return r.take(got.module), nil
}

// lazy reports the kinds of imports that Node.js resolves when they run. Libraries have many that never do: optional
// peers, drivers of which one is installed.
func lazy(kind api.ResolveKind) bool {
	return kind == api.ResolveJSRequireCall || kind == api.ResolveJSRequireResolve || kind == api.ResolveJSDynamicImport
}

// take has esbuild load a module.
func (r *resolver) take(m module) api.OnResolveResult {
	name := m.file
	if m.lib != nil {
		name = m.node + "/" + name
	}
	if m.pkg.IsESM(m.file) && path.Ext(m.file) != ".mjs" && path.Ext(m.file) != ".mts" {
		name += esmMark
	}
	if m.node != "" {
		r.mu.Lock()
		r.modules[m.space+":"+name] = m
		r.mu.Unlock()
	}
	return api.OnResolveResult{Path: name, Namespace: m.space, PluginData: m}
}

var loaders = map[string]api.Loader{
	".ts": api.LoaderTS, ".mts": api.LoaderTS, ".cts": api.LoaderTS, ".tsx": api.LoaderTSX,
	".js": api.LoaderJS, ".mjs": api.LoaderJS, ".cjs": api.LoaderJS, ".jsx": api.LoaderJSX, ".json": api.LoaderJSON,
}

func (r *resolver) onLoad(args api.OnLoadArgs) (api.OnLoadResult, error) {
	m, ok := args.PluginData.(module)
	if !ok {
		// Never reached as long as keepOffDisk finds every computed path; a file of this machine must not get in.
		return api.OnLoadResult{Errors: []api.Message{{Text: "an import whose path is computed cannot be bundled"}}}, nil
	}
	data, err := m.pkg.Read(m.file)
	if err != nil {
		if report.OfDisk(err) != err {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.fault = err
		}
		return api.OnLoadResult{}, err
	}
	loader := loaderOf(m.file)
	text := string(data)
	if loader != api.LoaderJSON {
		text = keepOffDisk(r.provideRequire(m, text))
		r.examine(m, text)
		r.mu.Lock()
		if r.void {
			text += "\nrequire(" + quote(voidPath) + ");"
		}
		r.mu.Unlock()
	}
	return api.OnLoadResult{Contents: &text, Loader: loader, PluginData: m}, nil
}

// open makes sure that the unit's files are at hand.
func (r *resolver) open(u *unit) error {
	if u.lib == nil {
		return nil
	}
	pkg, err := u.lib.open(r.ctx, r.shelf, r.in.Tarball)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		if r.fault == nil {
			r.fault = err
		}
		return err
	}
	if u.pkg == nil {
		u.pkg = pkg
	}
	return nil
}
