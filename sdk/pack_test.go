package sdk

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestPackage: what npm publishes of this folder is what the binary embeds, all of src/ and nothing else.
func TestPackage(t *testing.T) {
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is needed under CI: ", err)
		}
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	c := exec.Command("npm", "pack", "--silent", "--pack-destination", dir)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("npm pack: %v\n%s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "mediaconduit-mediaconduit-"+Version+".tgz"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	packed := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		packed[strings.TrimPrefix(h.Name, "package/")] = data
	}
	err = fs.WalkDir(FS, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if path != "package.json" && !strings.HasPrefix(path, "src/") {
			return nil // the host is part of conduit
		}
		data, err := fs.ReadFile(FS, path)
		if err != nil {
			return err
		}
		if got, ok := packed[path]; !ok {
			t.Errorf("%s is not in the package", path)
		} else if !bytes.Equal(got, data) {
			t.Errorf("%s is another in the package", path)
		}
		delete(packed, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range packed {
		t.Errorf("the package holds %s, the binary does not", path)
	}
}
