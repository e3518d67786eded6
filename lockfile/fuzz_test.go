package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/BurntSushi/toml"

	"github.com/MediaConduit/conduit/report"
)

func FuzzParseManifest(f *testing.F) {
	f.Add([]byte(example))
	f.Add(NewManifest())
	f.Add([]byte("[providers.a]\nsource = \"github:a/b\"\nenv = [\"A\"]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest("conduit.toml", data)
		if err != nil {
			var e *report.Error
			if !errors.As(err, &e) || e.Where == "" || e.Next == "" {
				t.Fatalf("error without place or remedy: %#v", err)
			}
			return
		}
		if _, err := m.Requirements(); err != nil {
			t.Fatalf("a parsed manifest has a bad requirement: %v", err)
		}
	})
}

func FuzzParseOrganisation(f *testing.F) {
	f.Add([]byte("[policy]\nallow = [\"github:acme/*\",\n\"npm:**\"]\ndeny = [\"npm:x\"]\nsha1 = []\nhosts = [\"h\"]\nbuild = [\"a@1\"]\nimages = \"locked\""))
	f.Add([]byte("policy = { allow = ['**'], deny = ['npm:a', # c\n'acme'] }"))
	f.Add([]byte("policy.allow = [1]\nallow = []"))
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := ParseOrganisation("/etc/policy.toml", data)
		if err != nil {
			var e *report.Error
			if !errors.As(err, &e) || e.Where == "" || e.Next == "" || e.Kind != report.Policy {
				t.Fatalf("error of another kind, or without place or remedy: %#v", err)
			}
			return
		}
		for _, rule := range append(o.Policy.Allow, o.Policy.Deny...) {
			if line := bytes.Split(data, []byte("\n"))[rule.Line-1]; rule.Pattern.String() == "" || len(line) == 0 {
				t.Fatalf("%q is not in line %d", rule.Pattern, rule.Line)
			}
		}
	})
}

func FuzzEdit(f *testing.F) {
	for _, text := range []string{example, string(NewManifest()), "providers = { a = \"x\", b = { source = \"y\" } }", "providers.a = 1\n[services]\n",
		"[providers]\na.source = \"x\" # c\na.version = \"y\"\n[providers.b]\nsource = '''z'''\n", "\xef\xbb\xbf[providers]\r\na=\"x\"\r\n"} {
		f.Add([]byte(text), "a", "github:o/r@^1")
		f.Add([]byte(text), "c d", "\"\\\n")
	}
	f.Fuzz(func(t *testing.T, data []byte, name, source string) {
		before := map[string]any{}
		_, err := toml.Decode(string(data), &before)
		e := Edit(data)
		e.RemoveReplace("no such source \x00")
		if (e.Err() != nil) && err == nil {
			if _, scanErr := scan(data); scanErr == nil {
				t.Fatal(e.Err())
			}
			return
		}
		if !bytes.Equal(e.Bytes(), data) {
			t.Fatalf("an edit of nothing changed %q to %q", data, e.Bytes())
		}
		e.SetProvider(name, source)
		if e.Err() != nil {
			if !bytes.Equal(e.Bytes(), data) {
				t.Fatal("a failed edit changed the content")
			}
			return
		}
		set := decodeMap(t, e.Bytes())
		for key, value := range before {
			if key != "providers" && fmt.Sprint(value) != fmt.Sprint(set[key]) {
				t.Fatalf("%q: setting a provider changed %q in %q", data, key, e.Bytes())
			}
		}
		once := e.Bytes()
		if e.SetProvider(name, source); e.Err() != nil || !bytes.Equal(e.Bytes(), once) {
			t.Fatalf("%q: setting it again changed %q to %q (%v)", data, once, e.Bytes(), e.Err())
		}
		e.Remove(name)
		if e.Err() != nil {
			t.Fatalf("%q: %v in %q", data, e.Err(), once)
		}
		after := decodeMap(t, e.Bytes())
		if providers, ok := after["providers"].(map[string]any); ok {
			if _, there := providers[name]; there {
				t.Fatalf("%q: %q is still in %q", data, name, e.Bytes())
			}
		}
	})
}

func decodeMap(t *testing.T, data []byte) map[string]any {
	t.Helper()
	out := map[string]any{}
	if _, err := toml.Decode(string(data), &out); err != nil {
		t.Fatalf("%v in %q", err, data)
	}
	return out
}
