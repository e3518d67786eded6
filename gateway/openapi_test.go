package gateway_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/MediaConduit/conduit/gateway"
)

// operation is an operation of the document, as far as tests look at it.
type operation struct {
	OperationID string              `json:"operationId"`
	Security    *[]json.RawMessage  `json:"security"`
	Responses   map[string]response `json:"responses"`
}

type response struct {
	Ref     string `json:"$ref"`
	Content map[string]struct {
		Schema *struct{} `json:"schema"`
	} `json:"content"`
}

type openAPI struct {
	OpenAPI    string                          `json:"openapi"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		Schemas map[string]json.RawMessage `json:"schemas"`
	} `json:"components"`
}

// loaded reads the document once.
var loaded = sync.OnceValues(func() (doc openAPI, compiler *jsonschema.Compiler) {
	data, err := os.ReadFile("openapi.json")
	if err != nil {
		panic(err)
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		panic(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		panic(err)
	}
	compiler = jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	if err := compiler.AddResource("openapi.json", parsed); err != nil {
		panic(err)
	}
	return doc, compiler
})

var compiling sync.Mutex

// pointer escapes a step of a JSON pointer within an address.
func pointer(step string) string {
	return strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(step)
}

// conforms checks an answer in JSON by the schema that the document has for it.
func conforms(t *testing.T, method, path string, status int, data []byte) {
	t.Helper()
	doc, compiler := loaded()
	path, _, _ = strings.Cut(path, "?")
	if path == "/openapi.json" {
		return
	}
	for name, operations := range doc.Paths {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[a-z]+\\\}`).ReplaceAllString(regexp.QuoteMeta(name), `.+`) + "$")
		if name != path && (doc.Paths[path] != nil || !pattern.MatchString(path)) || strings.Count(name, "/") > strings.Count(path, "/") {
			continue
		}
		op, ok := operations[strings.ToLower(method)]
		if !ok || strings.Count(name, "/") != strings.Count(path, "/") && !strings.HasPrefix(name, "/v1/models/") {
			continue
		}
		at := "#/paths/" + pointer(name) + "/" + strings.ToLower(method) + "/responses/"
		if _, ok := op.Responses[strconv.Itoa(status)]; ok {
			at += strconv.Itoa(status)
		} else if ref := op.Responses["default"].Ref; ref != "" {
			at = ref
		}
		compiling.Lock()
		schema, err := compiler.Compile("openapi.json" + at + "/content/application~1json/schema")
		compiling.Unlock()
		if err != nil {
			t.Errorf("%s %s: %v", method, name, err)
			return
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
		if err == nil {
			err = schema.Validate(value)
		}
		if err != nil {
			t.Errorf("%s %s answers with %d what the document does not describe: %v\n%s", method, path, status, err, data)
		}
		return
	}
}

// TestDocument: the document is served, its schemas are valid, and it describes exactly the routes that there are.
func TestDocument(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	got := s.ask("GET", "/openapi.json", "").want(t, http.StatusOK)
	var doc openAPI
	got.read(t, &doc)
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("version %s", doc.OpenAPI)
	}
	_, compiler := loaded()
	for name := range doc.Components.Schemas {
		compiling.Lock()
		_, err := compiler.Compile("openapi.json#/components/schemas/" + name)
		compiling.Unlock()
		if err != nil {
			t.Errorf("schema %s: %v", name, err)
		}
	}
	var described []string
	ids := map[string]bool{}
	for path, operations := range doc.Paths {
		for method, op := range operations {
			described = append(described, strings.ToUpper(method)+" "+path)
			if ids[op.OperationID] || op.OperationID == "" {
				t.Errorf("%s %s: operationId %q is taken or missing", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
			if op.Responses["default"].Ref == "" {
				t.Errorf("%s %s does not describe its errors", method, path)
			}
		}
	}
	var there []string
	for _, pattern := range gateway.Patterns() {
		there = append(there, strings.Replace(pattern, "...}", "}", 1))
	}
	slices.Sort(described)
	slices.Sort(there)
	if !slices.Equal(described, there) {
		t.Errorf("described are\n%s\nthere are\n%s", strings.Join(described, "\n"), strings.Join(there, "\n"))
	}
}
