package corpus

import (
	"encoding/json"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build/nodejs"
)

// format is a way in which providers are written, and the folder of its members.
type format string

const (
	module   format = "module"   // ES modules
	commonjs format = "commonjs" // TypeScript that compiles to CommonJS
	support  format = "support"  // what members of both kinds import
)

// member is one file of testdata.
type member struct {
	format    format
	file      string            // "axios.ts"
	libraries map[string]string // what it imports, with its exact version
}

func (m member) name() string { return strings.TrimSuffix(m.file, ".ts") }

// id tells members of both formats apart.
func (m member) id() string { return string(m.format) + "/" + m.name() }

func (m member) path() string { return filepath.Join("testdata", string(m.format), m.file) }

// imported finds all the ways in which members import: statements, import(), require(), and what a library is told to load.
var imported = regexp.MustCompile(`(?m)(?:\bfrom |^import |\bimport\(|\brequire\(|^// loaded by name: )'([^'.][^']*)'`)

// readMembers lists the members; every library of package.json has to be imported by one.
func readMembers(t *testing.T) []member {
	t.Helper()
	var manifest struct{ Dependencies map[string]string }
	if err := json.Unmarshal([]byte(read(t, "testdata/package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	unused := map[string]bool{}
	for name := range manifest.Dependencies {
		unused[name] = true
	}
	var list []member
	for _, f := range []format{module, commonjs} {
		for _, file := range files(t, f) {
			m := member{format: f, file: file, libraries: map[string]string{}}
			for _, match := range imported.FindAllStringSubmatch(read(t, m.path()), -1) {
				name, _, ok := nodejs.SplitBare(match[1])
				if !ok {
					continue // part of Node.js
				}
				version := manifest.Dependencies[name]
				if version == "" {
					t.Fatalf("%s imports %s, which is not in package.json", m.path(), name)
				}
				m.libraries[name] = version
				delete(unused, name)
			}
			if len(m.libraries) == 0 {
				t.Fatalf("%s imports no library", m.path())
			}
			list = append(list, m)
		}
	}
	for name := range unused {
		t.Errorf("no member imports %s", name)
	}
	return list
}

func files(t *testing.T, f format) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("testdata", string(f), "*.*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files in %s: %v", f, err)
	}
	for i := range found {
		found[i] = filepath.Base(found[i])
	}
	slices.Sort(found)
	return found
}

// compile translates all members file by file, as a TypeScript compiler does, and writes them below dir, a folder for each
// format.
func compile(t *testing.T, dir string) {
	t.Helper()
	for _, f := range []format{module, commonjs} {
		write(t, filepath.Join(dir, string(f), "package.json"), `{"type": "`+string(f)+`"}`)
		for _, from := range []format{f, support} {
			for _, file := range files(t, from) {
				name := filepath.Join("testdata", string(from), file)
				if path.Ext(file) != ".ts" {
					write(t, filepath.Join(dir, string(f), string(from), file), read(t, name))
					continue
				}
				options := api.TransformOptions{Loader: api.LoaderTS, Format: api.FormatESModule, Target: api.ESNext, Sourcefile: name}
				if f == commonjs {
					options.Format, options.Platform = api.FormatCommonJS, api.PlatformNode
				}
				out := api.Transform(read(t, name), options)
				if len(out.Errors) > 0 {
					t.Fatalf("%s: %s", name, out.Errors[0].Text)
				}
				write(t, filepath.Join(dir, string(f), string(from), strings.TrimSuffix(file, ".ts")+".js"), string(out.Code))
			}
		}
	}
}

// provider writes the member as a provider into dir: its file, what it says of itself, its library and its author's lock.
func (m member) provider(t *testing.T, dir string) {
	t.Helper()
	pkg := map[string]any{"name": m.name() + "-corpus-provider", "version": "1.0.0", "private": true, "type": string(m.format),
		"dependencies": m.libraries, "peerDependencies": map[string]string{"@mediaconduit/mediaconduit": "^0.1.0"}}
	data, err := json.MarshalIndent(pkg, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "package.json"), string(data))
	write(t, filepath.Join(dir, "package-lock.json"), read(t, "testdata/package-lock.json"))
	write(t, filepath.Join(dir, "MediaConduit.provider.yml"), read(t, "testdata/MediaConduit.provider.yml"))
	write(t, filepath.Join(dir, "src/index.ts"), strings.Replace(read(t, "testdata/provider.ts"), "./member", "./"+string(m.format)+"/"+m.name(), 1))
	write(t, filepath.Join(dir, "src", string(m.format), m.file), read(t, m.path()))
	for _, file := range files(t, support) {
		write(t, filepath.Join(dir, "src", string(support), file), read(t, filepath.Join("testdata", string(support), file)))
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
