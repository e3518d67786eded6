package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// npmInstalled returns a folder with the packages that a folder of testdata locks. It is kept for later runs. Where npm is
// missing the test is skipped, but never under CI.
func npmInstalled(t *testing.T, name string) string {
	t.Helper()
	if _, err := exec.LookPath("npm"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("npm is needed under CI: ", err)
		}
		t.Skip("npm is not installed")
	}
	lock, err := os.ReadFile(filepath.Join(testdata, name, "package-lock.json"))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(lock)
	kept = filepath.Join(kept, "conduit-test-"+name+"-"+hex.EncodeToString(sum[:6]))
	if _, err := os.Stat(kept); err == nil {
		return kept
	}
	work := kept + fmt.Sprint(".", os.Getpid())
	defer os.RemoveAll(work)
	if err := os.CopyFS(work, os.DirFS(filepath.Join(testdata, name))); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev")
	c.Dir = work
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
	if err := os.Rename(work, kept); err != nil {
		if _, serr := os.Stat(kept); serr != nil { // else another run was first
			t.Fatal(err)
		}
	}
	return kept
}
