package nodejs

import (
	"path"
	"sync"
)

// Package is one package: its files, and the package.json files in it.
type Package struct {
	Files
	mu     sync.Mutex
	scopes map[string]scope // by directory
}

type scope struct {
	dir      string // where the package.json stands
	manifest *Manifest
	err      error
}

// NewPackage wraps the files of a package.
func NewPackage(files Files) *Package {
	return &Package{Files: files, scopes: map[string]scope{}}
}

// Root is the package.json at the package's root; nil where there is none.
func (p *Package) Root() (*Manifest, error) {
	s := p.scope(".")
	return s.manifest, s.err
}

// IsESM reports whether Node.js takes the file for an ES module: by its extension, or by the "type" of the nearest
// package.json. A .js file without either is CommonJS to Node.js 20; bundlers decide by its syntax.
func (p *Package) IsESM(name string) bool {
	switch path.Ext(name) {
	case ".mjs", ".mts":
		return true
	case ".cjs", ".cts", ".json", ".node":
		return false
	}
	s := p.scope(path.Dir(name))
	return s.manifest != nil && s.manifest.Type == "module"
}

// Scope is the nearest package.json to a file and the directory it stands in. Spec: LOOKUP_PACKAGE_SCOPE.
func (p *Package) Scope(name string) (dir string, m *Manifest, err error) {
	s := p.scope(path.Dir(name))
	return s.dir, s.manifest, s.err
}

func (p *Package) scope(dir string) scope {
	p.mu.Lock()
	s, ok := p.scopes[dir]
	p.mu.Unlock()
	if ok {
		return s
	}
	m, err := manifestOf(p.Files, dir)
	switch {
	case m != nil || err != nil:
		s = scope{dir, m, err}
	case dir == ".":
		s = scope{dir: "."}
	default:
		s = p.scope(path.Dir(dir))
	}
	p.mu.Lock()
	p.scopes[dir] = s
	p.mu.Unlock()
	return s
}

// Subpath finds the file that a bare import of this package means; subpath is "." or "./feature". Without "exports" it
// is the main file or the file of that name.
func (p *Package) Subpath(subpath string, conditions, extensions []string) (string, error) {
	return p.subpath(".", subpath, conditions, extensions)
}

// existing is the target itself. Targets are exact, but where sources are compiled the target may be one that
// compiling would make.
func (p *Package) existing(name string, extensions []string) (string, error) {
	if p.IsFile(name) {
		return name, nil
	}
	if len(extensions) > 0 && extensions[0] == TypeScript[0] {
		if found, ok := asFile(p.Files, name, extensions); ok {
			return found, nil
		}
	}
	return "", &MissingError{name}
}

// MissingError says that a package lacks the file an import means.
type MissingError struct {
	Name string // relative to the package
}

// Error names the file.
func (e *MissingError) Error() string { return "the package has no file " + e.Name }
