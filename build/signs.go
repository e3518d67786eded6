package build

import (
	"path"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/lazyregexp"
)

// Why a library stays outside of the bundle.
const (
	WhyAsked    = "conduit.toml keeps it outside"
	WhyNative   = "native addon"
	WhyPlatform = "for some platforms only"
	WhyParted   = "uses machine code of its own for each platform"
	WhyPath     = "uses its own place on disk"
	WhyComputed = "imports what is known at run time only"
	WhyModules  = "loads modules by itself"
	WhyProvider = "the provider may require it by itself"
	WhyNamed    = "the provider imports it nowhere, so that others may ask for it by name"
	WhyCaller   = "is imported through a library that looks at its caller's files"
)

// callerLoaders are libraries that load files or modules on behalf of the module that calls them, by a name that the
// caller gives: a bundle would be their caller, so that whoever imports them stays outside with them.
var callerLoaders = map[string]bool{
	"bindings": true, "node-gyp-build": true, "node-gyp-build-optional-packages": true, "node-pre-gyp": true,
	"@mapbox/node-pre-gyp": true, "pkg-prebuilds": true, "@protobufjs/inquire": true, "import-fresh": true,
}

// sign is an expression that has another value, or none, in a bundle.
type sign struct {
	needle     string // text without which the expression cannot occur: looking for it is cheap
	expression string // what esbuild's define looks for, which knows scopes, strings and comments
	why        string
}

var signs = []sign{
	{"__dirname", "__dirname", WhyPath},
	{"__filename", "__filename", WhyPath},
	{"import.meta", "import.meta.url", WhyPath},
	{"import.meta", "import.meta.dirname", WhyPath},
	{"import.meta", "import.meta.filename", WhyPath},
	{"import.meta", "import.meta.resolve", WhyComputed},
	{"module.parent", "module.parent", WhyModules},
	{"module.require", "module.require", WhyComputed},
	{"module.paths", "module.paths", WhyModules},
	{"module.filename", "module.filename", WhyPath},
	{"require.resolve", "require.resolve", WhyModules},
	{"require.cache", "require.cache", WhyModules},
	{"process.dlopen", "process.dlopen", WhyNative},
}

// signMark stands for a sign in transformed text; its number follows.
const signMark = "__conduit_sign_"

// everywhere reports a sign that ES modules may show too. What else there is belongs to CommonJS: an ES module that names it
// has a variable of its own, or counts on the error that follows.
func (s sign) everywhere() bool {
	return s.needle == "import.meta" || strings.HasPrefix(s.needle, "process.")
}

// signOf tells why a library's module cannot run from a bundle, and in which line that shows; "" if it can. text is what
// esbuild will be given, esm whether Node.js takes it for an ES module. It is a function of these alone.
func signOf(name, text string, esm bool) (why string, line int) {
	defines := map[string]string{}
	for i, s := range signs {
		if strings.Contains(text, s.needle) && (!esm || s.everywhere()) {
			defines[s.expression] = signMark + string(rune('a'+i))
		}
	}
	// A direct eval reaches the module's own require, and its text need not show the word (protobufjs hides it).
	if strings.Contains(text, "eval(") && strings.Contains(text, "quire") && evaluates(name, text) {
		return WhyComputed, lineOfText(text, "eval(")
	}
	if at := disguisedRequire(text); at >= 0 {
		return WhyComputed, 1 + strings.Count(text[:at], "\n")
	}
	if len(defines) == 0 {
		return "", 0
	}
	// Dead code goes with the constants that it hangs on.
	out := api.Transform(text, api.TransformOptions{Loader: loaderOf(name), Define: defines, MinifySyntax: true, LogLevel: api.LogLevelSilent})
	if len(out.Errors) > 0 {
		return "", 0 // the build reports it
	}
	code := string(out.Code)
	for i, s := range signs {
		if s.expression == "__filename" && onlyToldApart(text) {
			continue
		}
		if strings.Contains(code, signMark+string(rune('a'+i))) {
			return s.why, lineOfText(text, s.needle)
		}
	}
	return "", 0
}

// disguised is a require that is written so that bundlers for browsers do not see it.
var disguised = lazyregexp.New(`\brequire\s*\.(?:call|apply)\s*\((?:\s*[\w.]+\s*,\s*["']([^"']+)["']\s*\))?`)

// disguisedRequire is where a disguised require stands that may ask for more than a part of Node.js, -1 if nowhere.
func disguisedRequire(text string) int {
	if !strings.Contains(text, "require.call") && !strings.Contains(text, "require.apply") {
		return -1
	}
	for _, found := range disguised.FindAllStringSubmatchIndex(text, -1) {
		if found[2] < 0 || !nodejs.IsBuiltin(text[found[2]:found[3]]) {
			return found[0]
		}
	}
	return -1
}

// evaluates reports a direct eval whose argument is not plain data.
func evaluates(name, text string) bool {
	out := api.Transform(text, api.TransformOptions{Loader: loaderOf(name), LogLevel: api.LogLevelSilent,
		LogOverride: map[string]api.LogLevel{"direct-eval": api.LogLevelWarning}})
	for _, w := range out.Warnings {
		if w.ID == "direct-eval" {
			return true
		}
	}
	return false
}

func loaderOf(name string) api.Loader {
	if loader, ok := loaders[path.Ext(name)]; ok {
		return loader
	}
	return api.LoaderJS // what Node.js takes a file without a known extension for
}

// lineOfText is the line of the first mention, which tells a reader where to look.
func lineOfText(text, needle string) int {
	at := strings.Index(text, needle)
	if at < 0 {
		return 0
	}
	return 1 + strings.Count(text[:at], "\n")
}
