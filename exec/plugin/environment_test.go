package plugin_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/exec/plugin"
)

func TestEnvironment(t *testing.T) {
	have := map[string]string{"PATH": "/bin", "LANG": "C", "TOKEN": "t", "OTHER": "o", "EMPTY": ""}
	lookup := func(name string) (string, bool) {
		value, ok := have[name]
		return value, ok
	}
	got := plugin.Environment([]string{"TOKEN", "PATH", "ABSENT", "EMPTY", "", "A=B"}, lookup)
	if want := []string{"PATH=/bin", "LANG=C", "TOKEN=t", "EMPTY="}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestLongTemporaryFolder has a TMPDIR under which no socket fits.
func TestLongTemporaryFolder(t *testing.T) {
	s, _ := spec(t, "echo")
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 120))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	s.Env = append(s.Env, "TMPDIR="+long)
	if got := text(t, start(t, s, nil), ""); got != "hello" {
		t.Errorf("says %q", got)
	}
}
