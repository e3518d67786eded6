package sbom_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// The official schemas are read out of Go modules that carry them: CycloneDX's out of the library that writes it, SPDX's out of
// Syft's, of which nothing else is used.
const (
	syft    = "github.com/anchore/syft@v1.57.0"
	syftSum = "h1:H/UHtf0KbIlD12dXsfklFMjZ2+erj2an3h/jBHoX/zE="
)

// module is the folder of a module. Without a network to fetch it from the test is skipped, but never under CI.
func module(t *testing.T, args ...string) string {
	t.Helper()
	c := exec.Command("go", args...)
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	var about struct{ Dir, Sum string }
	if err == nil {
		err = json.Unmarshal(out, &about)
	}
	if err != nil || about.Dir == "" {
		if os.Getenv("CI") != "" {
			t.Fatalf("go %v: %v\n%s%s", args, err, out, stderr.Bytes())
		}
		t.Skipf("a schema cannot be had: %v\n%s%s", err, out, stderr.Bytes())
	}
	if about.Sum != "" && args[len(args)-1] == syft && about.Sum != syftSum {
		t.Fatalf("%s has the sum %s", syft, about.Sum)
	}
	return about.Dir
}

// schema compiles the schema with this id. files are where schemas are, by their ids.
func schema(t *testing.T, id string, files map[string]string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for at, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource(at, doc); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile(id)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func cyclonedxSchema(t *testing.T) *jsonschema.Schema {
	dir := filepath.Join(module(t, "list", "-m", "-json", "github.com/CycloneDX/cyclonedx-go"), "schema")
	const base = "http://cyclonedx.org/schema/"
	return schema(t, base+"bom-1.6.schema.json", map[string]string{
		base + "bom-1.6.schema.json":  filepath.Join(dir, "bom-1.6.schema.json"),
		base + "spdx.schema.json":     filepath.Join(dir, "spdx.schema.json"),
		base + "jsf-0.82.schema.json": filepath.Join(dir, "jsf-0.82.schemax.json"),
	})
}

func spdxSchema(t *testing.T) *jsonschema.Schema {
	const id = "http://spdx.org/rdf/terms/2.3"
	dir := module(t, "mod", "download", "-json", syft)
	return schema(t, id, map[string]string{id: filepath.Join(dir, "schema", "spdx-json", "spdx-schema-2.3.json")})
}

// mustPass holds a file to a schema, and makes sure that the schema tells anything: a file without one of its members must not
// pass.
func mustPass(t *testing.T, s *jsonschema.Schema, text []byte, needed string) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	delete(doc.(map[string]any), needed)
	if s.Validate(doc) == nil {
		t.Errorf("the schema lets a file without %s pass", needed)
	}
}
