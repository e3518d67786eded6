package lockfile

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

func TestEdit(t *testing.T) {
	provider := func(name, source string) func(*Editor) {
		return func(e *Editor) { e.SetProvider(name, source) }
	}
	remove := func(name string) func(*Editor) { return func(e *Editor) { e.Remove(name) } }
	for _, c := range []struct {
		name, before string
		edit         func(*Editor)
		after        string
	}{
		{"string replaced, comment and alignment kept", "[providers]\na   =  \"github:o/a@^1\"   # why\nb = 'github:o/b'\n", provider("a", "github:o/a@^2"),
			"[providers]\na   =  \"github:o/a@^2\"   # why\nb = 'github:o/b'\n"},
		{"same value, other quotes", "[providers]\nb = 'github:o/b'\n", provider("b", "github:o/b"), "[providers]\nb = 'github:o/b'\n"},
		{"quoted name", "[providers]\n\"a\" = \"x\"\n", provider("a", "y"), "[providers]\n\"a\" = \"y\"\n"},
		{"appended after the last entry", "[providers]\n  a = \"x\" # c\n# d\n\n[services]\n", provider("b", "y"),
			"[providers]\n  a = \"x\" # c\n  b = \"y\"\n# d\n\n[services]\n"},
		{"appended after comments of an empty table", "[providers]\n# a = \"x\"\n\n[services]\n", provider("b", "y"), "[providers]\n# a = \"x\"\nb = \"y\"\n\n[services]\n"},
		{"a comment of the next header stays with it", "[providers]\n# services\n[services]\n", provider("b", "y"), "[providers]\nb = \"y\"\n# services\n[services]\n"},
		{"no newline at the end", "[providers]\na = \"x\"", provider("b", "y"), "[providers]\na = \"x\"\nb = \"y\"\n"},
		{"table made", "conduit = \"0.1\"\n", provider("b", "y"), "conduit = \"0.1\"\n\n[providers]\nb = \"y\"\n"},
		{"empty file", "", provider("b", "y"), "[providers]\nb = \"y\"\n"},
		{"CRLF", "[providers]\r\na = \"x\"\r\n", provider("b", "y"), "[providers]\r\na = \"x\"\r\nb = \"y\"\r\n"},
		{"BOM", "\xef\xbb\xbf[providers]\n", provider("b", "y"), "\xef\xbb\xbf[providers]\nb = \"y\"\n"},
		{"before sub-tables", "[providers]\na = \"x\"\n[providers.c]\nsource = \"z\"\n", provider("b", "y"), "[providers]\na = \"x\"\nb = \"y\"\n[providers.c]\nsource = \"z\"\n"},
		{"only sub-tables", "[providers.c]\nsource = \"z\"\n", provider("b", "y"), "[providers.c]\nsource = \"z\"\n\n[providers]\nb = \"y\"\n"},
		{"after a value of several lines", "[providers]\na = { source = \"x\", env = [\n  \"A\", # ]\n] }\n", provider("b", "y"), "[providers]\na = { source = \"x\", env = [\n  \"A\", # ]\n] }\nb = \"y\"\n"},
		{"inline table without version", "[providers]\na = { source = \"github:o/a@^1\", env = [\"A\"] } # c\n", provider("a", "github:o/a@^2"),
			"[providers]\na = { source = \"github:o/a@^2\", env = [\"A\"] } # c\n"},
		{"inline table with version", "[providers]\na = { source = \"github:o/a\", version = \"^1\", config = { source = \"no\" } }\n", provider("a", "github:p/a@^2"),
			"[providers]\na = { source = \"github:p/a\", version = \"^2\", config = { source = \"no\" } }\n"},
		{"sub-table", "[providers.a]\nversion = \"^1\" # v\nsource = \"github:o/a\"\n", provider("a", "github:o/a@^2"), "[providers.a]\nversion = \"^2\" # v\nsource = \"github:o/a\"\n"},
		{"dotted keys in the table", "[providers]\na.source = \"x\"\na.env = []\n", provider("a", "y"), "[providers]\na.source = \"y\"\na.env = []\n"},
		{"dotted keys at the root", "providers.a = \"x\"\nconduit = \"0.1\"\n", provider("b", "y"), "providers.a = \"x\"\nproviders.b = \"y\"\nconduit = \"0.1\"\n"},
		{"inline root table", "providers = { a = \"x\", c = { source = \"z\" } }\n", provider("b", "y"), "providers = { a = \"x\", c = { source = \"z\" }, b = \"y\" }\n"},
		{"empty inline root table", "providers = {}\n", provider("b", "y"), "providers = { b = \"y\" }\n"},
		{"service", "[providers]\na = \"x\"\n", func(e *Editor) { e.SetService("s", "y") }, "[providers]\na = \"x\"\n\n[services]\ns = \"y\"\n"},
		{"name and value escaped", "", func(e *Editor) { e.SetReplace("github:a/b", "file:../\"b\\") }, "[replace]\n\"github:a/b\" = \"file:../\\\"b\\\\\"\n"},
		{"replacement changed", "[replace]\n'github:a/b' = \"file:../b\"\n", func(e *Editor) { e.SetReplace("github:a/b", "file:../c") }, "[replace]\n'github:a/b' = \"file:../c\"\n"},
		{"replacement removed", "[replace]\n\"github:a/b\" = \"file:../b\"\n\"c\" = \"d\"\n", func(e *Editor) { e.RemoveReplace("github:a/b") }, "[replace]\n\"c\" = \"d\"\n"},
		{"removed with its comment, others kept", "[providers]\n# one\na = \"x\" # gone\n# two\nb = \"y\"\n", remove("a"), "[providers]\n# one\n# two\nb = \"y\"\n"},
		{"value of several lines removed", "[providers]\na = { source = \"x\", env = [\n \"A\",\n] }\nb = \"y\"\n", remove("a"), "[providers]\nb = \"y\"\n"},
		{"sub-table removed", "[providers.a]\nsource = \"x\"\n[providers.a.config]\nk = 1\n\n# s\n[services]\n", remove("a"), "# s\n[services]\n"},
		{"sub-table between others removed", "[services]\nx = \"x\"\n\n[providers.a]\nsource = \"x\"\n\n[providers.b]\nsource = \"y\"\n", remove("a"), "[services]\nx = \"x\"\n\n[providers.b]\nsource = \"y\"\n"},
		{"dotted keys removed", "[providers]\na.source = \"x\"\nb = \"y\"\na.env = []\n", remove("a"), "[providers]\nb = \"y\"\n"},
		{"first of an inline table removed", "providers = { a = \"x\", b = \"y\" }\n", remove("a"), "providers = { b = \"y\" }\n"},
		{"last of an inline table removed", "providers = { a = \"x\", b = \"y\" }\n", remove("b"), "providers = { a = \"x\" }\n"},
		{"only one of an inline table removed", "providers = { a = { source = \"x\" } }\n", remove("a"), "providers = {  }\n"},
		{"both tables", "[providers]\na = \"x\"\n[services]\na = \"y\"\n", remove("a"), "[providers]\n[services]\n"},
		{"removed from a file without newline", "[providers]\na = \"x\"", remove("a"), "[providers]\n"},
		{"nothing to remove", "[providers]\na = \"x\"\n", remove("b"), "[providers]\na = \"x\"\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := Edit([]byte(c.before))
			c.edit(e)
			if e.Err() != nil {
				t.Fatal(e.Err())
			}
			if got := string(e.Bytes()); got != c.after {
				t.Errorf("before\n%s\ngot\n%s\nwant\n%s", c.before, got, c.after)
			}
			first := string(e.Bytes())
			if c.edit(e); string(e.Bytes()) != first {
				t.Errorf("the same edit again changed it to\n%s", e.Bytes())
			}
		})
	}
}

func TestEditErrors(t *testing.T) {
	for _, text := range []string{"[providers]\na = 1\n", "[providers]\na = { version = \"1\" }\n", "[providers]\na = [\n", "[[providers]]\nb = 1\n", "providers = 3\n"} {
		e := Edit([]byte(text))
		e.SetProvider("a", "x")
		if e.Err() == nil || !strings.Contains(e.Err().Error(), "the entry \"a\" in [providers] cannot be edited") || !strings.Contains(e.Err().Error(), "conduit lock") {
			t.Errorf("%q: %v", text, e.Err())
		}
		e.Remove("a")
		if string(e.Bytes()) != text {
			t.Errorf("%q became %q", text, e.Bytes())
		}
	}
}

// Random edits of the example change what they name and nothing else.
func TestEditProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		text := []byte(example)
		if i%2 == 1 {
			text = NewManifest()
		}
		model := map[string]string{}
		m, err := ParseManifest("x", text)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Providers {
			model[p.Name] = p.Source + "@" + p.Range
		}
		comments := strings.Count(string(text), "#")
		e := Edit(text)
		for range 20 {
			name := []string{"cowsay", "mine", "a", "b", "c.d"}[r.IntN(5)]
			if r.IntN(3) == 0 {
				e.Remove(name)
				delete(model, name)
				continue
			}
			source := fmt.Sprintf("github:o/r%d@^%d", r.IntN(3), r.IntN(3))
			e.SetProvider(name, source)
			model[name] = source
		}
		if e.Err() != nil {
			t.Fatal(e.Err())
		}
		after, err := ParseManifest("x", e.Bytes())
		if err != nil {
			t.Fatalf("%v in\n%s", err, e.Bytes())
		}
		got := map[string]string{}
		for _, p := range after.Providers {
			got[p.Name] = p.Source + "@" + p.Range
		}
		if !reflect.DeepEqual(got, model) {
			t.Fatalf("got %v, want %v in\n%s", got, model, e.Bytes())
		}
		if strings.Count(string(e.Bytes()), "#") != comments {
			t.Fatalf("comments lost in\n%s", e.Bytes())
		}
		if len(after.Services) != len(m.Services) || !reflect.DeepEqual(after.Aliases, m.Aliases) || !reflect.DeepEqual(after.Exclude, m.Exclude) ||
			len(after.Replace) != len(m.Replace) || len(after.Profiles) != len(m.Profiles) || after.Node != m.Node {
			t.Fatalf("other tables changed in\n%s", e.Bytes())
		}
	}
}

func TestSetNode(t *testing.T) {
	for _, c := range [][3]string{
		{"# a\n[toolchain]\nnode = \"^22\" # ours\n", "^24.1.0", "# a\n[toolchain]\nnode = \"^24.1.0\" # ours\n"},
		{"toolchain = { node = '^22' }\n", "^24", "toolchain = { node = \"^24\" }\n"},
		{"toolchain.node = \"^22\"\n", "^22", "toolchain.node = \"^22\"\n"},
	} {
		e := Edit([]byte(c[0]))
		e.SetNode(c[1])
		if e.Err() != nil || string(e.Bytes()) != c[2] {
			t.Errorf("%q: %q, %v", c[0], e.Bytes(), e.Err())
		}
	}
	e := Edit([]byte("conduit = \"0.1\"\n"))
	e.SetNode("^22")
	if m, err := ParseManifest(ManifestName, e.Bytes()); err != nil || m.Node != "^22" {
		t.Errorf("%q: %v", e.Bytes(), err)
	}
}
