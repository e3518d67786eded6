package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/MediaConduit/conduit"

// mayImport are the import rules of docs/architecture.md: what the packages below a folder may import of this module,
// besides themselves, what is below them, and lazyregexp, which is like the standard library's.
var mayImport = map[string][]string{
	"sbom":             {"report", "verify", "resolve", "lockfile"},
	"report":           {},
	"verify":           {"report"},
	"manifest":         {"report"},
	"cache":            {"report", "verify"},
	"resolve":          {"report", "verify", "manifest", "cache"},
	"lazyregexp":       {},
	"lockfile":         {"report", "resolve", "manifest/suggest", "manifest/permission", "verify/policy"},
	"sdk":              {},
	"build":            {"report", "verify", "cache", "manifest", "resolve", "sdk"},
	"exec/image":       {"report", "verify", "resolve/source/redirect"},
	"exec/service":     {"report", "verify", "cache", "manifest", "exec/image"},
	"exec/hold":        {"report"},
	"exec/landlock":    {},
	"exec/media":       {},
	"exec/networktest": {},
	"exec/plugin":      {"report", "exec/landlock"},
	"exec/pool":        {"report"},
	"exec/secret":      {"report"},
	"exec/supervisor":  {"report", "exec/hold", "exec/service"},
	"mcp":              {"report", "exec/media", "exec/plugin", "project"},
	"project":          {"report", "verify", "cache", "manifest", "resolve", "lockfile", "sdk", "build", "exec", "sbom"},
	"gateway":          {"report", "project", "exec"},
}

// TestImports holds every package to the rules: no circles between folders, no way around a layer.
func TestImports(t *testing.T) {
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".") && e.Name() != "." && e.Name() != "..") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		rel, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(rel))
		folder, allowed, ruled := rule(dir)
		if !ruled {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			to, ours := strings.CutPrefix(name, module+"/")
			if !ours || within(to, folder) || to == "lazyregexp" {
				continue
			}
			ok := false
			for _, a := range allowed {
				ok = ok || within(to, a)
			}
			if !ok {
				t.Errorf("%s imports %s: %s may import %v only", filepath.ToSlash(rel), to, folder, allowed)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// rule finds the rule for a package's folder; the longest match counts.
func rule(dir string) (folder string, allowed []string, ok bool) {
	for f, a := range mayImport {
		if within(dir, f) && len(f) >= len(folder) {
			folder, allowed, ok = f, a, true
		}
	}
	return folder, allowed, ok
}

func within(dir, folder string) bool { return dir == folder || strings.HasPrefix(dir, folder+"/") }
