package nodejs

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// manifests are package.json files of a package "p" and the specifiers to ask for. What Node.js itself answers is the
// expectation.
var manifests = []struct {
	manifest string
	ask      string
}{
	{`{"exports": "./a.js"}`, "p p/a.js p/package.json"},
	{`{"exports": {".": "./a.js", "./b": "./lib/b.js", "./package.json": "./package.json"}}`, "p p/b p/lib/b.js p/package.json"},
	{`{"exports": {"import": "./a.mjs", "require": "./a.cjs"}}`, "p p/x"},
	{`{"exports": {"require": "./a.cjs", "node": "./a.mjs", "default": "./a.js"}}`, "p"},
	{`{"exports": {"default": "./a.js", "import": "./a.mjs"}}`, "p"},
	{`{"exports": {".": {"browser": "./a.js", "types": "./a.js"}, "./b": {"node": {"import": "./a.mjs"}, "default": "./lib/b.js"}}}`, "p p/b"},
	{`{"exports": {"./*": "./lib/*.js", "./x/*": "./lib/x/*.js", "./x/private/*": null, "./x/private/open": "./a.js"}}`,
		"p p/b p/x/c p/x/private/d p/x/private/open p/x/ p/"},
	{`{"exports": {"./*.js": "./lib/*.js", "./*": "./lib/*.js", "./b*": "./a.js"}}`, "p/b p/b.js p/bb p/x/c p/x/c.js"},
	{`{"exports": {"./f/*/g": "./lib/*.js"}}`, "p/f/b/g p/f/x/c/g p/f//g p/f/g"},
	{`{"exports": {"./d*": "./lib/*/../b.js", "./e/*": "./lib/*"}}`, "p/d p/dx p/e/../b.js p/e/x/../b.js p/e/b.js p/e/node_modules/q"},
	{`{"exports": ["./a.js", "./b.js"]}`, "p"},
	{`{"exports": {".": ["bad", "./a.js"], "./b": [null, "./a.js"], "./c": [], "./d": ["bad"], "./e": [{"nope": "./a.js"}, "./lib/b.js"], "./f": ["bad", null]}}`,
		"p p/b p/c p/d p/e p/f"},
	{`{"exports": {".": "a.js", "./b": "../a.js", "./c": "/a.js", "./d": "./node_modules/a.js", "./e": "./lib/../a.js", "./f": 7}}`,
		"p p/b p/c p/d p/e p/f"},
	{`{"exports": {".": "./a.js", "import": "./a.mjs"}}`, "p"},
	{`{"exports": {".": {"0": "./a.js", "default": "./a.js"}}}`, "p"},
	{`{"exports": null, "main": "./a.js"}`, "p p/lib/b.js"},
	{`{"exports": false}`, "p"},
	{`{"exports": {}}`, "p p/a.js"},
	{`{"exports": {"./missing": "./missing.js", "./noext": "./a"}}`, "p/missing p/noext"},
	{`{"exports": {".": {"node": null, "default": "./a.js"}, "./b": {"node": {"nope": "./a.js"}, "default": "./a.js"}}}`, "p p/b"},
	{`{"exports": {"./a%2f": "./a.js", "./b": "./lib%2fb.js", "./c": "./%2e%2e/a.js"}}`, "p/b p/c"},
	{`{"name": "p", "exports": {"./self": "./a.js", "./*": {"import": "./lib/*.js", "require": "./lib/x/c.js"}}}`, "p/self p/b"},
	{`{"imports": {"#a": "./a.js", "#d": {"import": "./a.mjs", "default": "./a.cjs"}, "#l/*": "./lib/*.js", "#fs": "fs", "#n": null, "#up": "../x.js"}}`,
		"#a #d #l/b #l/x/c #n #up #zzz # #/a"},
}

var packageFiles = []string{"a.js", "a.mjs", "a.cjs", "index.js", "lib/b.js", "lib/x/c.js", "lib/x/private/d.js"}

// memory is a package in a map.
type memory map[string]string

func (m memory) IsFile(name string) bool { _, ok := m[name]; return ok }

func (m memory) IsDir(name string) bool {
	for each := range m {
		if name == "." || strings.HasPrefix(each, name+"/") {
			return true
		}
	}
	return false
}

func (m memory) Read(name string) ([]byte, error) { return []byte(m[name]), nil }

// probe asks Node.js, from inside of the package for "#name" and from outside else.
const probe = `import { createRequire } from 'node:module';
import { readFileSync, realpathSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
const [dir, list] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const say = (found) => {
  if (!found.startsWith('/') && !found.startsWith('file:')) return found.replace(/^node:/, '');
  const file = found.startsWith('file:') ? fileURLToPath(found) : found;
  return existsSync(file) ? realpathSync(file).slice(realpathSync(dir).length + 1) : 'none';
};
const answers = {};
for (const each of list.split(' ')) {
  for (const [kind, resolve] of [['import', import.meta.resolve], ['require', require.resolve]]) {
    try { answers[kind + ' ' + each] = say(resolve(each)); } catch { answers[kind + ' ' + each] = 'none'; }
  }
}
console.log(JSON.stringify(answers));`

func TestResolutionAgreesWithNode(t *testing.T) {
	for i, each := range manifests {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			outside := t.TempDir()
			dir := filepath.Join(outside, "node_modules", "p")
			files := memory{"package.json": each.manifest}
			for _, name := range packageFiles {
				files[name] = ""
			}
			for name, data := range files {
				write(t, filepath.Join(dir, name), data)
			}
			script := filepath.Join(outside, "probe.mjs")
			if strings.HasPrefix(each.ask, "#") {
				script = filepath.Join(dir, "probe.mjs")
			}
			write(t, script, probe)
			out, err := exec.Command("node", script, dir, each.ask).Output()
			if err != nil {
				t.Fatal(err)
			}
			var want map[string]string
			if err := json.Unmarshal(out, &want); err != nil {
				t.Fatal(err)
			}
			for key, want := range want {
				kind, specifier, _ := strings.Cut(key, " ")
				conditions := Import
				if kind == "require" {
					conditions = Require
				}
				if got := ask(t, NewPackage(files), specifier, conditions); got != want {
					t.Errorf("%s with %s: %s, node says %s", key, each.manifest, got, want)
				}
			}
		})
	}
}

func ask(t *testing.T, p *Package, specifier string, conditions []string) string {
	t.Helper()
	var name string
	var err error
	if strings.HasPrefix(specifier, "#") {
		m, merr := p.Root()
		if merr != nil {
			t.Fatal(merr)
		}
		name, err = m.Imports(specifier, conditions)
		name = strings.TrimPrefix(name, "./")
	} else {
		_, subpath, ok := SplitBare(specifier)
		if !ok {
			return "none"
		}
		name, err = p.Subpath(subpath, conditions, Extensions)
	}
	if err != nil {
		return "none"
	}
	return name
}

func write(t *testing.T, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestBuiltinsAgreeWithNode compares our list with the one of the oldest Node.js that is supported, the one of the tests.
func TestBuiltinsAgreeWithNode(t *testing.T) {
	out, err := exec.Command("node", "-p", `require('module').builtinModules.filter((n) => !n.startsWith('_') && !n.includes(':')).join(' ')`).Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.FieldsSeq(string(out)) {
		if !IsBuiltin(name) {
			t.Errorf("%s is part of Node.js", name)
		}
	}
	for name := range builtins {
		if !strings.Contains(" "+strings.TrimSpace(string(out))+" ", " "+name+" ") {
			t.Errorf("%s is no part of Node.js", name)
		}
	}
}

func TestFile(t *testing.T) {
	files := memory{"package.json": `{"main": "lib"}`, "lib/index.js": "", "lib/sub.json": "", "both.js": "", "both/index.js": "",
		"deep/package.json": `{"main": "./nothing", "type": "module"}`, "deep/index.js": "", "ts/x.ts": "", "ts/y/index.tsx": "", "evil/package.json": `{"main": "../../etc/passwd"}`}
	for _, c := range []struct {
		name, want string
		ext        []string
	}{
		{".", "lib/index.js", Extensions},
		{"./lib", "lib/index.js", Extensions},
		{"./lib/sub", "lib/sub.json", Extensions},
		{"both", "both.js", Extensions},
		{"both/", "both/index.js", Extensions},
		{"deep", "deep/index.js", Extensions},
		{"ts/x.js", "ts/x.ts", TypeScript},
		{"ts/x.js", "", Extensions},
		{"ts/y", "ts/y/index.tsx", TypeScript},
		{"evil", "", Extensions},
		{"../etc/passwd", "", Extensions},
	} {
		if got, _ := File(files, c.name, c.ext); got != c.want {
			t.Errorf("File(%q) = %q, want %q", c.name, got, c.want)
		}
	}
	p := NewPackage(files)
	if !p.IsESM("deep/a/b.js") || p.IsESM("lib/index.js") || p.IsESM("deep/c.cjs") || !p.IsESM("lib/x.mjs") {
		t.Error("IsESM")
	}
}

// FuzzResolve: whatever a package.json says, resolution ends, does not panic and stays in the package.
func FuzzResolve(f *testing.F) {
	for _, each := range manifests {
		for specifier := range strings.FieldsSeq(each.ask) {
			f.Add(each.manifest, specifier)
		}
	}
	// Harmless apart, and not together.
	f.Add(`{"exports": {"./*": "./..*"}}`, "p//x")
	f.Add(`{"exports": {"./*": "./*./"}}`, "p//x/")
	f.Add(`{"imports": {"#*": "..*"}}`, "#/x")
	f.Add(`{"imports": {"#a*": ".*"}}`, "#a/x/..")
	f.Fuzz(func(t *testing.T, manifest, specifier string) {
		m, err := ParseManifest([]byte(manifest))
		if err != nil {
			return
		}
		for _, conditions := range [][]string{Import, Require} {
			if strings.HasPrefix(specifier, "#") {
				if target, err := m.Imports(specifier, conditions); err == nil && strings.HasPrefix(target, "./") {
					within(t, target[2:])
				} else if err == nil && (target == "" || strings.HasPrefix(target, "../") || strings.HasPrefix(target, "/")) {
					t.Errorf("imports give %q", target)
				}
				continue
			}
			if _, subpath, ok := SplitBare(specifier); ok && m.HasExports() {
				if target, err := m.Exports(subpath, conditions); err == nil {
					within(t, target)
				}
			}
		}
	})
}

func within(t *testing.T, target string) {
	t.Helper()
	for segment := range strings.SplitSeq(target, "/") {
		if segment == ".." || segment == "." {
			t.Errorf("target %q leaves the package", target)
		}
	}
}
