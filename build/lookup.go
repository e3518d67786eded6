package build

import (
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/sdk"
)

// resolve finds what specifier means in the module from.
func (r *resolver) resolve(from module, specifier string, kind api.ResolveKind) (answer, error) {
	switch {
	case nodejs.IsBuiltin(specifier):
		if moduleLoader(specifier) {
			r.keepOut(from.unit, WhyModules, from.location())
		}
		return answer{external: specifier}, nil
	case specifier == "." || specifier == ".." || strings.HasPrefix(specifier, "./") || strings.HasPrefix(specifier, "../"):
		return r.relative(from, specifier, kind)
	case strings.HasPrefix(specifier, "#"):
		return r.private(from, specifier, kind)
	case strings.HasPrefix(specifier, "/"), strings.Contains(specifier, "://"), strings.HasPrefix(specifier, "file:"), strings.HasPrefix(specifier, "data:"):
		return answer{}, problem{why: "an import of a path or an address is not part of the package",
			next: "import files by a relative path, and libraries by their name"}
	}
	if from.unit == r.own {
		for _, name := range r.conf.paths(specifier) {
			if file, ok := nodejs.File(from.pkg, name, from.ext); ok {
				return r.file(module{from.unit, file})
			}
		}
	}
	return r.bare(from, specifier, kind)
}

// conditionsOf are those under which Node.js resolves an import of this kind.
func conditionsOf(kind api.ResolveKind) []string {
	if kind == api.ResolveJSRequireCall || kind == api.ResolveJSRequireResolve {
		return nodejs.Require
	}
	return nodejs.Import
}

func (r *resolver) relative(from module, specifier string, kind api.ResolveKind) (answer, error) {
	name := path.Join(path.Dir(from.file), specifier)
	if name == ".." || strings.HasPrefix(name, "../") {
		return answer{}, problem{why: "the file lies outside of the package", next: "move the file into the package"}
	}
	if strings.HasSuffix(specifier, "/") || specifier == "." || specifier == ".." || strings.HasSuffix(specifier, "/.") || strings.HasSuffix(specifier, "/..") {
		name += "/"
	}
	if file, ok := nodejs.File(from.pkg, name, from.ext); ok {
		if kind == api.ResolveJSRequireResolve {
			r.keepOut(from.unit, WhyPath, from.location())
		}
		return r.file(module{from.unit, file})
	}
	if from.unit != r.own {
		if path.Ext(name) == ".node" || strings.HasPrefix(name, "build/Release/") || strings.HasPrefix(name, "build/Debug/") {
			r.keepOut(from.unit, WhyNative, from.location()) // an install script would make it
		}
		return answer{}, problem{why: from.location() + " imports a file that its package does not have"}
	}
	if from.pkg.IsFile(name + ".d.ts") {
		return answer{empty: true}, nil // declarations have no run-time part
	}
	if data, err := from.pkg.Read(from.file); err == nil {
		if line, ok := onlyReexported(string(data), specifier); ok {
			r.warnMissing(from, specifier, line)
			return answer{empty: true}, nil
		}
	}
	return answer{}, problem{why: "the package has no such file: looked for " + strings.TrimSuffix(name, "/") + " with the endings " + strings.Join(from.ext[:len(from.ext)-1], ", "),
		next: "add the file to the package, or remove the import; if it is made by a build step, commit what the step makes"}
}

// private resolves "#name" through "imports" of the nearest package.json.
func (r *resolver) private(from module, specifier string, kind api.ResolveKind) (answer, error) {
	dir, m, err := from.pkg.Scope(from.file)
	if err != nil {
		return answer{}, problem{why: err.Error()}
	}
	if m == nil {
		return answer{}, problem{why: "there is no package.json whose imports could define it"}
	}
	target, err := m.Imports(specifier, conditionsOf(kind))
	if err != nil {
		return answer{}, problem{why: err.Error()}
	}
	if !strings.HasPrefix(target, "./") {
		if nodejs.IsBuiltin(target) {
			return answer{external: target}, nil
		}
		return r.bare(module{from.unit, path.Join(dir, "package.json")}, target, kind)
	}
	if file, ok := nodejs.File(from.pkg, path.Join(dir, target), from.ext); ok {
		return r.file(module{from.unit, file})
	}
	return answer{}, problem{why: "the package has no file " + path.Join(dir, target)}
}

// bare resolves the import of a library, of the SDK, or of the importing package by its own name.
func (r *resolver) bare(from module, specifier string, kind api.ResolveKind) (answer, error) {
	conditions := conditionsOf(kind)
	name, subpath, ok := nodejs.SplitBare(specifier)
	if !ok {
		return answer{}, problem{why: "it is no name of a package"}
	}
	if dir, m, err := from.pkg.Scope(from.file); err == nil && m.HasExports() && m.Name == name {
		file, err := m.Exports(subpath, conditions)
		if err != nil {
			return answer{}, problem{why: err.Error()}
		}
		if found, ok := nodejs.File(from.pkg, path.Join(dir, file), from.ext); ok {
			return r.file(module{from.unit, found})
		}
		return answer{}, problem{why: "the package has no file " + path.Join(dir, file)}
	}
	if from.lib != nil {
		if file, ok, err := from.pkg.Bundled(from.file, name, subpath, conditions, from.ext); err != nil {
			return answer{}, problem{why: from.lib.id() + " bundles " + name + ": " + err.Error()}
		} else if ok {
			return r.file(module{from.unit, file})
		}
	}
	r.noteImport(from.node, name)
	id, known := from.edges[name]
	if !known && from.lib != nil && name == from.lib.Name {
		id, known = from.node, true // it stands in a node_modules itself, where it finds itself by its name
	}
	if !known && name == sdk.Name && r.in.Provider {
		file, ok := sdk.File(specifier)
		if !ok {
			return answer{}, problem{why: "the SDK " + sdk.Version + " has no module " + specifier,
				next: "import from " + quote(sdk.Name) + ", which exports every name of the SDK"}
		}
		return r.file(module{r.sdk, file})
	}
	if !known && from.unit == r.own && slices.Contains(r.in.Declared, name) {
		return answer{external: specifier}, nil
	}
	if !known {
		return answer{}, r.undeclared(from, name)
	}
	to := r.node[id]
	if to == nil {
		// Locked for other platforms only, or an optional peer: absent here.
		return answer{}, problem{why: id + " is not part of the library tree"}
	}
	if from.lib != nil && (callerLoaders[name] || kind == api.ResolveJSRequireResolve) {
		r.keepOut(from.unit, WhyCaller, from.location())
	}
	if r.in.Provider && limited(to.lib) {
		r.keepOut(to, WhyPlatform, "")
		return r.external(to, subpath, kind, true), nil
	}
	if err := r.open(to); err != nil {
		return answer{}, err
	}
	file, err := to.pkg.Subpath(subpath, conditions, to.ext)
	if err != nil {
		why := to.lib.id() + ": " + err.Error()
		if _, missing := errors.AsType[*nodejs.MissingError](err); missing && subpath == "." {
			why = to.lib.id() + " has no main file: it holds types only, or needs a build step"
		}
		return answer{}, problem{why: why, next: "import what " + to.lib.id() + " exports, or ask for another version of it in package.json"}
	}
	if r.outside.has(to.node) {
		return r.external(to, subpath, kind, to.pkg.IsESM(file) || !r.requirable(to, subpath, file)), nil
	}
	return r.file(module{to, file})
}

func (r *resolver) noteImport(node, name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.imported[node] == nil {
		r.imported[node] = map[string]bool{}
	}
	r.imported[node][name] = true
}

// requirable reports whether require finds the same file as import does.
func (r *resolver) requirable(to *unit, subpath, file string) bool {
	found, err := to.pkg.Subpath(subpath, nodejs.Require, to.ext)
	return err == nil && found == file
}

func (r *resolver) undeclared(from module, name string) error {
	if from.lib != nil {
		return problem{why: from.lib.id() + " does not declare a dependency on " + name,
			next: "add " + quote(name) + " to the dependencies in the provider's package.json if the provider needs it"}
	}
	return problem{why: "the package does not declare a dependency on " + name,
		next: "add " + quote(name) + ` to "dependencies" in package.json (devDependencies are not installed)`}
}

// file accepts a file that was found, unless it is machine code.
func (r *resolver) file(m module) (answer, error) {
	if path.Ext(m.file) != ".node" {
		return answer{module: m}, nil
	}
	r.keepOut(m.unit, WhyNative, m.location())
	return answer{external: "./" + path.Base(m.file)}, nil
}

// warnMissing keeps the warning on a file that is only re-exported.
func (r *resolver) warnMissing(from module, specifier string, line int) {
	where := lineOf(from.file, line)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.missing[where] = report.Event{Type: report.Warning, Step: "build", Subject: r.in.Subject, Where: where,
		Message: "export * from '" + specifier + "' names a file that the package does not have; it is taken for an empty module"}
}
