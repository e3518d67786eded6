package manifest

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/report"
)

// seeds adds the files of all archives in testdata.
func seeds(f *testing.F, add func(name string, data []byte)) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, m := range archive.Files {
			if m.Name != "want" {
				add(m.Name, m.Data)
			}
		}
	}
}

// check is what holds for every content of a manifest: a result that can be handed on as JSON, or an error that names
// the package and a remedy.
func check(t *testing.T, result any, err error) {
	t.Helper()
	if err != nil {
		var e *report.Error
		if !errors.As(err, &e) || e.Where == "" || e.What == "" || e.Next == "" {
			t.Fatalf("error without place or remedy: %#v", err)
		}
		return
	}
	if _, err := json.Marshal(result); err != nil {
		t.Fatal(err)
	}
}

func FuzzReadProvider(f *testing.F) {
	seeds(f, func(name string, data []byte) {
		if strings.HasSuffix(name, ".json") {
			f.Add([]byte("id: x"), data)
		} else {
			f.Add(data, []byte("{}"))
		}
	})
	f.Fuzz(func(t *testing.T, yml, pkg []byte) {
		dir := t.TempDir()
		if len(yml) > 0 {
			write(t, filepath.Join(dir, "MediaConduit.provider.yml"), yml)
		}
		write(t, filepath.Join(dir, "package.json"), pkg)
		p, err := ReadProvider(context.Background(), dir, "x")
		check(t, p, err)
		if err != nil {
			return
		}
		if p.ID == "" || p.Name == "" || p.Type != "local" && p.Type != "remote" {
			t.Errorf("%+v", p)
		}
		for _, libs := range []map[string]string{p.Libraries, p.Optional, p.Peers} {
			if _, ok := libs[SDKPackage]; ok {
				t.Error("the SDK is among the libraries")
			}
		}
		lines := p.Permissions.Lines() // as the lock keeps them
		if back, err := permission.ParseLines(lines); err != nil || !slices.Equal(back.Lines(), lines) {
			t.Errorf("permissions %q: %v", lines, err)
		}
		for _, c := range p.Capabilities {
			if Capability(c) != c {
				t.Errorf("capability %q is not normalised", c)
			}
		}
		for _, path := range []string{p.Main, p.PackageMain} {
			if path != "" && !filepath.IsLocal(filepath.FromSlash(path)) {
				t.Errorf("%q leaves the package", path)
			}
		}
	})
}

func FuzzReadService(f *testing.F) {
	seeds(f, func(name string, data []byte) {
		f.Add(data, strings.HasSuffix(name, ".json"))
	})
	f.Fuzz(func(t *testing.T, data []byte, isJSON bool) {
		dir, name := t.TempDir(), "MediaConduit.service.yml"
		if isJSON {
			name = "prizm.config.json"
		}
		write(t, filepath.Join(dir, name), data)
		s, err := ReadService(context.Background(), dir, "x")
		check(t, s, err)
		if err != nil {
			return
		}
		if s.ID == "" || !filepath.IsLocal(filepath.FromSlash(s.ComposeFile)) {
			t.Errorf("%+v", s)
		}
		if s.Health.Path != "" && !strings.HasPrefix(s.Health.Path, "/") {
			t.Errorf("health path %q", s.Health.Path)
		}
		if s.Process != nil && len(s.Process.Command) == 0 {
			t.Error("a process without a command")
		}
	})
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
