package sdk

import (
	"embed"
	"io/fs"
	"path"
	"strings"
)

// Name is the import name that providers use for the SDK.
const Name = "@mediaconduit/mediaconduit"

// Version is the SDK's version. It is part of every artifact's key: a change in src/ needs a new version or a new
// conduit, and package.json repeats it.
const Version = "0.1.0"

// Runtime is the file of [FS] whose namespace every artifact exports as "sdk".
const Runtime = "src/runtime.ts"

// HostDir is the directory of [FS] that holds the provider host.
const HostDir = "host"

// FS holds the SDK's TypeScript under src/ and the provider host under host/.
//
//go:embed package.json all:src all:host
var FS embed.FS

// File maps an import path such as "@mediaconduit/mediaconduit/src/media/types/provider" to the file of [FS] that
// answers it: the path itself, with .ts in place of .js or without an extension, or the directory's index.ts. A path
// through dist/ means the same as one through src/. It reports false where the SDK has no such module.
func File(importPath string) (string, bool) {
	rest, ok := strings.CutPrefix(importPath, Name)
	if !ok || (rest != "" && rest[0] != '/') {
		return "", false
	}
	rest = strings.TrimSuffix(strings.TrimPrefix(rest, "/"), "/")
	switch {
	case rest == "", rest == "src", rest == "dist":
		return "src/index.ts", true
	case rest == "package.json":
		return rest, true
	}
	if after, ok := strings.CutPrefix(rest, "dist/"); ok {
		rest = strings.TrimPrefix(after, "src/")
		rest = "src/" + rest
	}
	if !strings.HasPrefix(rest, "src/") || rest != path.Clean(rest) {
		return "", false
	}
	for _, ext := range []string{".js", ".ts"} {
		rest = strings.TrimSuffix(rest, ext)
	}
	for _, name := range []string{rest + ".ts", rest + "/index.ts"} {
		if info, err := fs.Stat(FS, name); err == nil && !info.IsDir() {
			return name, true
		}
	}
	return "", false
}
