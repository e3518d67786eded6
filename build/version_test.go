package build

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

func TestVersionIsThatOfGoMod(t *testing.T) {
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	file, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range file.Require {
		if r.Mod.Path == "github.com/evanw/esbuild" {
			if r.Mod.Version != "v"+esbuildVersion {
				t.Errorf("go.mod requires esbuild %s, version.go says %s", r.Mod.Version, esbuildVersion)
			}
			return
		}
	}
	t.Error("go.mod does not require esbuild")
}

// TestVersionMeansBytes compares an artifact with the one that was built when testdata/artifact.txt was written: two
// conduits with one version must build the same bytes. UPDATE=1 writes the file anew.
func TestVersionMeansBytes(t *testing.T) {
	const record = "testdata/artifact.txt"
	a, err := newBuilder(t).Build(t.Context(), loadFixture(t, "testdata/libraries.txtar").input)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("UPDATE") != "" {
		writeFile(t, record, Version()+"\n"+a.Digest+"\n")
	}
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	version, digest, _ := strings.Cut(strings.TrimSpace(string(data)), "\n")
	switch {
	case version == Version() && digest != a.Digest:
		t.Errorf("the artifact's digest is %s, it was %s under the same version: raise format in version.go, then UPDATE=1 go test ./build", a.Digest, digest)
	case version != Version():
		t.Errorf("the version is %s, %s is for %s: UPDATE=1 go test ./build", Version(), record, version)
	}
}
