package manifest_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/MediaConduit/conduit/manifest"
)

func TestLicence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"license": " MIT "}`: "MIT",
		`{"license": {"type": "ISC", "url": "https://example.com"}}`: "ISC",
		`{"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}`:    "(MIT OR Apache-2.0)",
		`{"licenses": ["BSD"]}`: "BSD",
		`{"license": "", "licenses": [{"url": "https://example.com"}, 3]}`: "",
		`{"license": false}`: "",
		`{`:                  "",
	} {
		if got := manifest.Licence([]byte(text)); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestReadLicence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{nil, ""},
		{map[string]string{"package.json": `{"license": "MIT"}`, "MediaConduit.provider.yml": "license: ISC"}, "MIT"},
		{map[string]string{"package.json": `{}`, "MediaConduit.provider.yml": "id: a\nlicense: ISC"}, "ISC"},
		{map[string]string{"package.json": `{`, "MediaConduit.service.yml": "license: 0BSD"}, "0BSD"},
		{map[string]string{"MediaConduit.service.yml": "\t"}, ""},
	} {
		dir := t.TempDir()
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := manifest.ReadLicence(t.Context(), dir, "it"); err != nil || got != c.want {
			t.Errorf("%v: %q, %v", c.files, got, err)
		}
	}
}
