package corpus

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// install has npm install what package-lock.json names and returns the node_modules. It is kept from one test to the
// next, as long as the lock stays the same.
func install(t *testing.T, scratch, registry string) string {
	t.Helper()
	manifest, lock := read(t, "testdata/package.json"), read(t, "testdata/package-lock.json")
	sum := sha256.Sum256([]byte(manifest + lock))
	key := runtime.GOOS + "-" + runtime.GOARCH + "-" + hex.EncodeToString(sum[:8])
	dir := filepath.Join(scratch, "npm-ci", key)
	if _, err := os.Stat(dir); err == nil {
		return filepath.Join(dir, "node_modules")
	}
	if err := os.RemoveAll(filepath.Join(scratch, "npm-ci")); err != nil { // those of other locks
		t.Fatal(err)
	}
	part := filepath.Join(scratch, "npm-ci", "part")
	write(t, filepath.Join(part, "package.json"), manifest)
	write(t, filepath.Join(part, "package-lock.json"), lock)
	c := command{args: []string{"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-bin-links"}, dir: part,
		env: []string{"npm_config_registry=" + registry, "npm_config_cache=" + filepath.Join(part, ".npm")}}
	if _, err := c.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(part, ".npm")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(part, dir); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "node_modules")
}

// plain runs the compiled member in dir under Node.js alone.
func (m member) plain(t *testing.T, dir string) string {
	t.Helper()
	c := command{args: []string{"node", filepath.Join(dir, "plain.mjs"), filepath.Join(dir, string(m.format), string(m.format), m.name()+".js")}, dir: dir}
	out, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}
