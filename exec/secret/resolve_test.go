package secret_test

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/secret"
	"github.com/MediaConduit/conduit/report"
)

// resolver has a folder with files and variables of its own.
func resolver(t *testing.T, files map[string]string, variables map[string]string) secret.Resolver {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		mode := os.FileMode(0o600)
		if strings.HasPrefix(content, "#!") {
			mode = 0o700
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), mode); err != nil {
			t.Fatal(err)
		}
	}
	return secret.Resolver{
		Dir:    dir,
		Lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		Where:  func(key string) string { return "conduit.toml (" + key + ")" },
	}
}

func TestReferences(t *testing.T) {
	r := resolver(t, map[string]string{"key": "from-file\r\n"}, map[string]string{"KEY": "from-variable"})
	settings := map[string]any{
		"a": "env:KEY", "b": map[string]any{"c": []any{"file:key", int64(3)}}, "d": []map[string]any{{"e": "file://" + filepath.Join(r.Dir, "key")}},
		"f": "plain", "g": true, "h": "literal:env:KEY", "i": "https://host/", "apiKey": "written here", "maxTokens": "12", "token": "",
	}
	got, found, err := r.Resolve(t.Context(), "provider p", settings)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"a": "from-variable", "b": map[string]any{"c": []any{"from-file", int64(3)}}, "d": []any{map[string]any{"e": "from-file"}},
		"f": "plain", "g": true, "h": "env:KEY", "i": "https://host/", "apiKey": "written here", "maxTokens": "12", "token": "",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	secrets := []secret.Found{{"a", "from-variable"}, {"apiKey", "written here"}, {"b.c[0]", "from-file"}, {"d[0].e", "from-file"}}
	if !reflect.DeepEqual(found, secrets) {
		t.Errorf("found %v", found)
	}
	if settings["a"] != "env:KEY" {
		t.Error("the settings were changed")
	}
	if got, found, err := r.Resolve(t.Context(), "provider p", nil); len(got)+len(found) > 0 || err != nil {
		t.Errorf("without settings: %v, %v, %v", got, found, err)
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	files := map[string]string{"empty": "\n", "binary": "\xff\xfe planted", "long": strings.Repeat("planted", 10_000)}
	for reference, want := range map[string][]string{
		"env:NOPE":          {"the variable NOPE is not set", "next: export NOPE=…"},
		"env:EMPTY":         {"the variable EMPTY is empty", "next: export EMPTY=…"},
		"env: production":   {"no name of a variable", `next: write the text as "literal:…"`},
		"file:nope":         {"there is no such file", "next: put the secret into ", "nope"},
		"file:":             {"it names no file"},
		"file:empty":        {"that is empty", "next: put the secret there"},
		"file:binary":       {"not text in UTF-8", "base64"},
		"file:long":         {"more than 64 KiB", "literal:…"},
		"file:.":            {"the file cannot be read: ", "directory"},
		"cmd:":              {"it names no command"},
		"cmd:sh 'a":         {"quotes do not match"},
		"cmd:sh x | sh y":   {"the command needs a shell", "cmd:sh -c '…'"},
		"cmd:no-such-vault": {"there is no program no-such-vault", "install no-such-vault"},
		"cmd:sh -c 'echo planted; echo planted >&2; exit 3'": {"the command failed (exit status 3)", "when you type: sh -c "},
	} {
		if runtime.GOOS == "windows" && strings.HasPrefix(reference, "cmd:sh -c") {
			continue
		}
		r := resolver(t, files, map[string]string{"EMPTY": ""})
		_, _, err := r.Resolve(t.Context(), "provider p", map[string]any{"apiKey": reference})
		if report.KindOf(err) != report.Usage {
			t.Errorf("%s: %v", reference, err)
			continue
		}
		for _, text := range append(want, "conduit.toml (apiKey): a setting of provider p refers to what is not there") {
			if !strings.Contains(err.Error(), text) {
				t.Errorf("%s: %v\nlacks %q", reference, err, text)
			}
		}
		if said := strings.ReplaceAll(err.Error(), strings.TrimPrefix(reference, "cmd:"), ""); strings.Contains(strings.ReplaceAll(said, "echo planted", ""), "planted") {
			t.Errorf("%s: %v\nshows the value", reference, err)
		}
	}
	_, _, err := resolver(t, nil, nil).Resolve(t.Context(), "provider p", map[string]any{"a": "env:ONE", "b": "env:TWO", "c": "env:ONE"})
	for _, text := range []string{"3 settings of provider p refer", `a = "env:ONE"`, `b = "env:TWO"`, "next: export ONE=…\n        export TWO=…"} {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("%v\nlacks %q", err, text)
		}
	}
}
