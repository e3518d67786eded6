package schema_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/schema"
)

func compile(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, ok := schema.Text(name)
	if !ok {
		t.Fatalf("no schema %s", name)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fromTOML(t *testing.T, data []byte) any {
	t.Helper()
	var v map[string]any
	if _, err := toml.Decode(string(data), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v) // lists of tables have a type of their own otherwise
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func fromYAML(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func read(t *testing.T, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNames(t *testing.T) {
	if _, ok := schema.Text("../schema"); ok {
		t.Error("a schema of another name")
	}
}

func TestConduitToml(t *testing.T) {
	s := compile(t, "conduit")
	for name, data := range map[string][]byte{
		"conduit.toml.example": read(t, "..", "conduit.toml.example"),
		"cowsay":               read(t, "..", "examples", "cowsay", "conduit.toml"),
		"conduit init":         lockfile.NewManifest(),
	} {
		if err := s.Validate(fromTOML(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestConduitTomlFails: what the reader refuses, the schema refuses.
func TestConduitTomlFails(t *testing.T) {
	s := compile(t, "conduit")
	for _, text := range []string{
		"provider = {}",
		"[policy]\nsha1 = ['name']",
		"[policy]\nallow = ['acme/*']",
		"[policy]\ndeny = ['npm:a?']",
		"[policy]\nsigned = ['github:a/b']",
		"[[policy.signed]]\nsource = 'file:a'\nsigners = 'f'",
		"[[policy.signed]]\nsigners = 'f'",
		"[[policy.signed]]\nsource = 'github:a/*'\nsigners = 'f'\nby = 1",
		"[[policy.signed]]\nsource = 'github:a/*'\nsigners = 'f'\nonly = 'commits'",
		"[[policy.signed]]\nsource = 'github:a/*'\nsigner = 'f'",
		"[policy]\nhosts = ['https://files.example.com/']",
		"[toolchain]\npython = '3'",
		"[providers]\na = { soruce = 'github:a/b' }",
		"[providers]\na = { version = '^1' }",
		"[providers]\na = { source = 'github:a/b', port = 1 }",
		"[providers]\na = { source = 'github:a/b', env = ['A-B'] }",
		"[providers]\n'a b' = 'github:a/b'",
		"[providers]\na = ''",
		"[services]\na = { source = 'github:a/b', port = 70000 }",
		"[services]\na = { source = 'github:a/b', driver = 'podman' }",
		"[services]\na = { source = 'github:a/b', env = { A = [] } }",
		"[profile.x.services.a]\nsource = 'github:a/b'",
		"[profile.x.models]",
		"[exclude]\n'github:a/b' = 'v1.0.0'",
		"[replace]\n'github:a/b' = { source = 'github:c/d' }",
		"conduit = 1",
		"conduit = 'one'",
	} {
		if err := s.Validate(fromTOML(t, []byte(text))); err == nil {
			t.Errorf("the schema accepts\n%s", text)
		}
		if _, err := lockfile.ParseManifest("conduit.toml", []byte(text)); err == nil {
			t.Errorf("the reader accepts\n%s", text)
		}
	}
}

// TestExampleUsesTheSchema: conduit.toml.example, which the reader accepts, has every key that the schema offers.
func TestExampleUsesTheSchema(t *testing.T) {
	s := compile(t, "conduit")
	used := map[*jsonschema.Schema]map[string]bool{}
	use(s, fromTOML(t, read(t, "..", "conduit.toml.example")), used)
	if len(used) < 5 {
		t.Fatalf("only %d tables", len(used))
	}
	for table, keys := range used {
		for key := range table.Properties {
			if !keys[key] {
				t.Errorf("conduit.toml.example has no %q in %s", key, table.Location)
			}
		}
	}
}

// use notes the keys of every table in v under the schema that it matches.
func use(s *jsonschema.Schema, v any, used map[*jsonschema.Schema]map[string]bool) {
	for _, way := range s.AnyOf {
		if way.Validate(v) == nil {
			use(way, v, used)
			return
		}
	}
	table, ok := v.(map[string]any)
	if !ok {
		return
	}
	if used[s] == nil {
		used[s] = map[string]bool{}
	}
	for key, value := range table {
		used[s][key] = true
		if sub := s.Properties[key]; sub != nil {
			use(sub, value, used)
		} else if rest, ok := s.AdditionalProperties.(*jsonschema.Schema); ok {
			use(rest, value, used)
		}
	}
}

// TestManifests validates every manifest of the repository's examples and tests that goes by the preferred name.
func TestManifests(t *testing.T) {
	schemas := map[string]*jsonschema.Schema{"MediaConduit.provider.yml": compile(t, "provider"), "MediaConduit.service.yml": compile(t, "service")}
	count := 0
	check := func(name, file string, data []byte) {
		if strings.Contains(name, "broken/") || strings.Contains(name, "broken@") {
			return // a script about bad manifests
		}
		count++
		if err := schemas[file].Validate(fromYAML(t, data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, root := range []string{"examples", "cmd"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(path string, e fs.DirEntry, err error) error {
			switch base := filepath.Base(path); {
			case err != nil || e.IsDir():
				return err
			case schemas[base] != nil:
				check(path, base, read(t, path))
			case filepath.Ext(path) == ".txtar":
				archive, err := txtar.ParseFile(path)
				if err != nil {
					return err
				}
				for _, f := range archive.Files {
					if base := filepath.Base(f.Name); schemas[base] != nil {
						check(path+" "+f.Name, base, f.Data)
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if count < 20 {
		t.Errorf("only %d manifests", count)
	}
}

// TestFixtures validates the readers' own fixtures. What the readers take only with a warning, or because an author may
// have keys of his own, an editor marks.
func TestFixtures(t *testing.T) {
	marked := map[string]string{ // fixture to what is wrong with it
		"p-merge":                   "'base'",            // a key of the author's own, without x-
		"p-dynamic":                 "'again'",           // likewise
		"p-requires":                "'health_endpoint'", // likewise
		"p-spellings":               "local",             // LOCAL
		"p-service-in-package-json": "'capabilites'",     // misspelt
		"s-fixed-port":              "retries",           // no number
		"s-top-level":               "'healthcheck'",     // healthCheck
	}
	files, err := filepath.Glob(filepath.Join("..", "manifest", "testdata", "[ps]-*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for i, f := range archive.Files {
			kind, ext, _ := strings.Cut(strings.TrimPrefix(strings.ToLower(f.Name), "mediaconduit."), ".")
			if i > 0 || !strings.HasPrefix(ext, "y") {
				continue // package.json and prizm.config.json
			}
			err := compile(t, kind).Validate(fromYAML(t, f.Data))
			switch want := marked[name]; {
			case want == "" && err != nil:
				t.Errorf("%s: %v", name, err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("%s: %v; want %s to be marked", name, err, want)
			}
		}
	}
}

func TestManifestsFail(t *testing.T) {
	for _, test := range []struct{ name, text string }{
		{"provider", "nmae: x"},
		{"provider", "type: cloud"},
		{"provider", "models: [{name: x}]"},
		{"provider", "models: [{id: x, capabilites: []}]"},
		{"provider", "requires: [{source: a, knid: service}]"},
		{"provider", "requires: {servcies: [a]}"},
		{"provider", "serviceConfig: {compose: x}"},
		{"service", "{}"},
		{"service", "{id: x, docker: {port: 80}}"},
		{"service", "{id: x, docker: {ports: [70000]}}"},
		{"service", "{id: x, process: {cmd: [x]}}"},
		{"service", "{id: x, process: {command: []}}"},
		{"service", "{id: x, healthCheck: {intervall: 3}}"},
	} {
		if err := compile(t, test.name).Validate(fromYAML(t, []byte(test.text))); err == nil {
			t.Errorf("the schema of %s accepts %s", test.name, test.text)
		}
	}
}
