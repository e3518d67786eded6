package nodejs

import (
	"path"
	"strings"
)

// Files is the content of one package. Names are slash-separated and relative to its root, "." is the root.
type Files interface {
	IsFile(name string) bool
	IsDir(name string) bool
	Read(name string) ([]byte, error)
}

// Extensions that Node.js's require tries.
var Extensions = []string{".js", ".json", ".node"}

// TypeScript is the list of extensions tried where sources are compiled: the sources first.
var TypeScript = []string{".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json", ".node"}

// sources maps the extension that an import names to those of the sources that compile to it.
var sources = map[string][]string{
	".js":  {".ts", ".tsx"},
	".jsx": {".tsx"},
	".mjs": {".mts"},
	".cjs": {".cts"},
}

// File finds the file that name means: itself, with an extension, or the directory's main or index file.
// Spec: LOAD_AS_FILE, LOAD_AS_DIRECTORY. With the extensions of [TypeScript] an import of "./x.js" finds x.ts.
func File(files Files, name string, extensions []string) (string, bool) {
	dir := name == "." || strings.HasSuffix(name, "/")
	name = path.Clean(name)
	if !inside(name) {
		return "", false
	}
	if !dir {
		if found, ok := asFile(files, name, extensions); ok {
			return found, true
		}
	}
	if !files.IsDir(name) {
		return "", false
	}
	if m, err := manifestOf(files, name); err == nil && m != nil && m.Main != "" {
		if main := path.Join(name, m.Main); inside(main) {
			if found, ok := asFile(files, main, extensions); ok {
				return found, true
			}
			if found, ok := asIndex(files, main, extensions); ok {
				return found, true
			}
		}
	}
	return asIndex(files, name, extensions)
}

func asFile(files Files, name string, extensions []string) (string, bool) {
	if files.IsFile(name) {
		return name, true
	}
	for _, ext := range extensions {
		if files.IsFile(name + ext) {
			return name + ext, true
		}
	}
	if compiled := path.Ext(name); len(extensions) > 0 && extensions[0] == TypeScript[0] {
		for _, ext := range sources[compiled] {
			if source := strings.TrimSuffix(name, compiled) + ext; files.IsFile(source) {
				return source, true
			}
		}
	}
	return "", false
}

func asIndex(files Files, dir string, extensions []string) (string, bool) {
	for _, ext := range extensions {
		if name := path.Join(dir, "index"+ext); files.IsFile(name) {
			return name, true
		}
	}
	return "", false
}

func inside(name string) bool {
	return name != ".." && !strings.HasPrefix(name, "../") && !strings.HasPrefix(name, "/")
}

func manifestOf(files Files, dir string) (*Manifest, error) {
	if p, ok := files.(*Package); ok { // which reads each once
		s := p.scope(dir)
		if s.dir != dir {
			return nil, nil
		}
		return s.manifest, s.err
	}
	name := path.Join(dir, "package.json")
	if !files.IsFile(name) {
		return nil, nil
	}
	data, err := files.Read(name)
	if err != nil {
		return nil, err
	}
	return ParseManifest(data)
}
