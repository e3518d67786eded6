package plugin_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestModules asks a provider's module what it knows of itself and has it import, linked by the host and, where a package
// lies beside it, loaded by Node.
func TestModules(t *testing.T) {
	const facts = `{"file":"provider.mjs","dir":true,"url":true,"resolved":true,"later":"function","parts":["function","number"],"place":true,"other":`
	s, log := spec(t, "modules")
	if got, want := text(t, start(t, s, nil), "echo"), facts+`"ERR_MODULE_NOT_FOUND"}`; got != want {
		t.Errorf("linked by the host: %s, want %s", got, want)
	}
	if log.has("warn", "") {
		t.Error("it warns of what concerns nobody")
	}

	dir := t.TempDir()
	beside := filepath.Join(dir, "node_modules", "beside-package")
	if err := os.MkdirAll(beside, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"package.json": `{"name": "beside-package", "exports": {"import": "./index.mjs"}}`, "index.mjs": "export default 'found';\n",
	} {
		if err := os.WriteFile(filepath.Join(beside, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	artifact := filepath.Join(dir, "artifact") // as a layout has it
	if err := os.CopyFS(artifact, os.DirFS(s.Artifact)); err != nil {
		t.Fatal(err)
	}
	s.Artifact = artifact
	if got, want := text(t, start(t, s, nil), "echo"), facts+`"found"}`; got != want {
		t.Errorf("loaded by Node: %s, want %s", got, want)
	}
}
