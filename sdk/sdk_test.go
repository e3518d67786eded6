package sdk

import (
	"encoding/json"
	"io/fs"
	"testing"
)

func TestFile(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"", "src/index.ts"},
		{"/", "src/index.ts"},
		{"/src", "src/index.ts"},
		{"/src/index.js", "src/index.ts"},
		{"/src/media/types/provider", "src/media/types/provider.ts"},
		{"/src/media/types/provider.js", "src/media/types/provider.ts"},
		{"/src/media/types/provider.ts", "src/media/types/provider.ts"},
		{"/dist/media/types/provider.js", "src/media/types/provider.ts"},
		{"/dist/src/media/types/provider", "src/media/types/provider.ts"},
		{"/src/media/assets/roles", "src/media/assets/roles/index.ts"},
		{"/src/media/assets/roles/", "src/media/assets/roles/index.ts"},
		{"/src/media/models/abstracts/TextTo3DModel", "src/media/models/abstracts/TextTo3DModel.ts"},
		{"/package.json", "package.json"},
		{"/src/media/nothing", ""},
		{"/host/src/main", ""},
		{"/src/../host/src/main", ""},
		{"/src/media", ""},
		{"x/src", ""},
	} {
		got, ok := File(Name + c.path)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("File(%q) = %q, %v; want %q", Name+c.path, got, ok, c.want)
		}
	}
}

func TestPackageSaysTheVersion(t *testing.T) {
	data, err := fs.ReadFile(FS, "package.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct{ Name, Version string }
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	if p.Name != Name || p.Version != Version {
		t.Errorf("package.json says %s %s, want %s %s", p.Name, p.Version, Name, Version)
	}
}

func TestRuntimeIsThere(t *testing.T) {
	if _, err := fs.Stat(FS, Runtime); err != nil {
		t.Error(err)
	}
}
