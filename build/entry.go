package build

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/report"
)

// findEntry picks the provider's entry module: the manifest's main, package.json's main, dist/index.js, src/index.ts;
// the first that exists or that compiles from existing source.
func findEntry(root *os.Root, in Input) (string, error) {
	tree, err := listFiles(root.FS())
	if err != nil {
		return "", &report.Error{Kind: report.Failure, What: "cannot read the tree of " + in.Subject, Where: in.Dir, Err: err}
	}
	var tried []string
	for _, each := range []struct{ file, says string }{
		{in.Provider.File, in.Provider.Main},
		{"package.json", in.Provider.PackageMain},
		{"", "dist/index.js"},
		{"", "src/index.ts"},
	} {
		if each.says == "" {
			continue
		}
		name := path.Clean(strings.ReplaceAll(each.says, "\\", "/"))
		if name == ".." || strings.HasPrefix(name, "../") || path.IsAbs(name) {
			return "", &report.Error{Kind: report.Provider, What: "the entry point of " + in.Subject + " lies outside of the package",
				Where: each.file, Why: fmt.Sprintf("main is %q", each.says),
				Next: "ask the provider's author to name a file of the package as main"}
		}
		if found, ok := entryFile(tree, name); ok {
			return found, nil
		}
		if !slices.Contains(tried, name) {
			tried = append(tried, name)
		}
	}
	return "", &report.Error{Kind: report.Provider, What: in.Subject + " has no entry point", Where: in.Provider.File,
		Why:  "none of " + strings.Join(tried, ", ") + " exists, nor a source that compiles to one",
		Next: `add "main: src/index.ts" (or the file that exports the provider) to ` + in.Provider.File}
}

// entryFile is the file itself, the source beside it, or the source under src/ that the compiler writes to dist/ (or to
// build/, lib/, out/).
func entryFile(tree nodejs.Files, name string) (string, bool) {
	if found, ok := nodejs.File(tree, name, nodejs.TypeScript); ok {
		return found, true
	}
	dir, rest, ok := strings.Cut(name, "/")
	if !ok || !slices.Contains([]string{"dist", "build", "lib", "out"}, dir) {
		return "", false
	}
	for _, source := range []string{path.Join("src", rest), strings.TrimPrefix(rest, "./")} {
		if found, ok := nodejs.File(tree, source, nodejs.TypeScript); ok {
			return found, true
		}
	}
	return "", false
}
