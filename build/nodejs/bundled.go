package nodejs

import (
	"path"
	"strings"
)

// Bundled finds what a bare import means to a file of this package among the packages that its own tarball brings along, in
// node_modules folders: the nearest one upwards. ok is false where the tarball has no such package. Spec: PACKAGE_RESOLVE,
// steps 10 and 11.
func (p *Package) Bundled(from, name, subpath string, conditions, extensions []string) (file string, ok bool, err error) {
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		if inner := path.Join(dir, "node_modules", name); path.Base(dir) != "node_modules" && p.IsDir(inner) {
			file, err = p.subpath(inner, subpath, conditions, extensions)
			return file, true, err
		}
		if dir == "." {
			return "", false, nil
		}
	}
}

// subpath is Subpath for the package in a folder of this one.
func (p *Package) subpath(dir, subpath string, conditions, extensions []string) (string, error) {
	s := p.scope(dir)
	if s.err != nil {
		return "", s.err
	}
	if s.dir == dir && s.manifest.HasExports() {
		name, err := s.manifest.Exports(subpath, conditions)
		if err != nil {
			return "", err
		}
		return p.existing(path.Join(dir, name), extensions)
	}
	name := path.Join(dir, subpath)
	if strings.HasSuffix(subpath, "/") {
		name += "/"
	}
	if found, ok := File(p, name, extensions); ok {
		return found, nil
	}
	return "", &MissingError{subpath}
}
