package manifest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/schema"
)

// TestSchemas: the schemas offer the keys that the readers know, and no others.
func TestSchemas(t *testing.T) {
	type object struct{ Properties map[string]json.RawMessage }
	keys := func(data []byte) (object, []string) {
		var o object
		if err := json.Unmarshal(data, &o); err != nil {
			t.Fatal(err)
		}
		return o, slices.Sorted(maps.Keys(o.Properties))
	}
	same := func(what string, got, want []string) {
		if want = slices.Sorted(slices.Values(want)); !slices.Equal(got, want) {
			t.Errorf("%s: the schema has %v, the reader knows %v", what, got, want)
		}
	}
	text, _ := schema.Text("provider")
	_, provider := keys(text)
	same("provider", provider, manifest.ProviderKeys)
	text, _ = schema.Text("service")
	o, service := keys(text)
	same("service", service, manifest.ServiceKeys)
	_, docker := keys(o.Properties["docker"])
	same("docker", docker, manifest.DockerKeys)
}
