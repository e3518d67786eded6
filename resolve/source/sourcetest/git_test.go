package sourcetest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

const archive = `
-- a/b@v1.0.0/file --
one
-- a/b@sub+v2.0.0/file --
two
-- a/b@main/dir/other --
three
`

// lsRemote is what git itself sees through the settings of the test server.
func lsRemote(t *testing.T, g *sourcetest.Git, url string) string {
	t.Helper()
	settings := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(settings, []byte(g.GitConfig()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "ls-remote", url)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+settings, "GIT_TERMINAL_PROMPT=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestRepositories(t *testing.T) {
	g, same := sourcetest.NewGit(t), sourcetest.NewGit(t)
	for _, server := range []*sourcetest.Git{g, same} {
		if err := server.AddArchive(txtar.Parse([]byte(archive))); err != nil {
			t.Fatal(err)
		}
	}
	refs := lsRemote(t, g, "https://github.com/a/b")
	for _, name := range []string{"HEAD", "refs/heads/main", "refs/tags/v1.0.0", "refs/tags/sub/v2.0.0"} {
		if !strings.Contains(refs, "\t"+name+"\n") {
			t.Errorf("no %s in\n%s", name, refs)
		}
	}
	if other := lsRemote(t, same, "https://github.com/a/b.git"); other != refs {
		t.Errorf("hashes differ:\n%s\n%s", refs, other)
	}
	if n := len(g.Requests("a/b")); n == 0 || n != len(g.Requests("")) {
		t.Errorf("%d requests counted", n)
	}
	clone := t.TempDir()
	if out, err := exec.Command("git", "-C", clone, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := os.WriteFile(filepath.Join(clone, "run"), []byte("x"), 0o755); err != nil {
		t.Fatal(err)
	}
	hash, err := g.AddFolder("git.example.com/c/d", clone, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if refs := lsRemote(t, g, "https://git.example.com/c/d"); !strings.Contains(refs, hash+"\trefs/tags/v1.0.0") {
		t.Errorf("no %s in\n%s", hash, refs)
	}
	if err := g.AddClone("c/clone", clone); err != nil {
		t.Error(err)
	}
}
