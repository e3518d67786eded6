package lockfile_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/MediaConduit/conduit/lockfile"
)

// TestExampleFile keeps conduit.toml.example complete: it is valid, and every field that a conduit.toml can fill is filled
// by some entry.
func TestExampleFile(t *testing.T) {
	name := filepath.Join("..", "conduit.toml.example")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := lockfile.ParseManifest(name, data)
	if err != nil {
		t.Fatal(err)
	}
	everyField(t, "Manifest", reflect.ValueOf(*m))
	everyField(t, "Policy", reflect.ValueOf(m.Policy))
	for kind, entries := range map[string][]lockfile.Entry{"provider": m.Providers, "service": m.Services} {
		// What the other kind alone may have.
		unused := map[string][]string{"provider": {"Env", "Port", "Driver", "Idle", "Limits"}, "service": {"Config", "Pass", "Bundling", "Permissions"}}[kind]
		filled := map[string]bool{}
		for _, e := range entries {
			note(filled, reflect.ValueOf(e))
		}
		complete(t, kind, reflect.TypeFor[lockfile.Entry](), filled, unused)
	}
	for _, p := range m.Profiles {
		everyField(t, "Profile", reflect.ValueOf(p))
	}
	filled := map[string]bool{}
	for _, r := range m.Replace {
		note(filled, reflect.ValueOf(r))
	}
	complete(t, "Replacement", reflect.TypeFor[lockfile.Replacement](), filled, []string{"Local"}) // conduit.local.toml's
}

func everyField(t *testing.T, what string, v reflect.Value) {
	t.Helper()
	filled := map[string]bool{}
	note(filled, v)
	complete(t, what, v.Type(), filled, nil)
}

func note(filled map[string]bool, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Field(i)
		empty := f.IsZero()
		if f.Kind() == reflect.Map || f.Kind() == reflect.Slice {
			empty = f.Len() == 0
		}
		if !empty {
			filled[v.Type().Field(i).Name] = true
		}
	}
}

func complete(t *testing.T, what string, typ reflect.Type, filled map[string]bool, unused []string) {
	t.Helper()
	for _, name := range unused {
		filled[name] = true
	}
	for i := range typ.NumField() {
		if name := typ.Field(i).Name; !filled[name] {
			t.Errorf("conduit.toml.example leaves %s.%s empty", what, name)
		}
	}
}
