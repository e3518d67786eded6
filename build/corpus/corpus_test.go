package corpus

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/bench/registry"
	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
)

// TestCorpus runs every member twice, under plain Node.js from what npm installed and from an artifact that conduit
// built, and compares what they say; and it builds every artifact twice, in different circumstances.
func TestCorpus(t *testing.T) {
	members := readMembers(t)
	if len(members) < 62 {
		t.Errorf("only %d members", len(members))
	}
	l := newLab(t)
	var mu sync.Mutex
	var table []string
	t.Run("members", func(t *testing.T) {
		for _, m := range members {
			t.Run(m.id(), func(t *testing.T) {
				t.Parallel()
				line := l.check(t, m)
				mu.Lock()
				defer mu.Unlock()
				table = append(table, line)
			})
		}
	})
	slices.Sort(table)
	t.Logf("%d of %d members:\n%s", len(table), len(members), strings.Join(table, "\n"))
}

// lab is what all members share.
type lab struct {
	conduit  string // the program
	registry string // address of the npm registry, or of what keeps its answers
	plain    string // compiled members beside a node_modules
	here     place
	there    place
}

func newLab(t *testing.T) *lab {
	t.Helper()
	kept, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	kept = filepath.Join(kept, "conduit-test-corpus")
	npm, err := registry.Start(filepath.Join(kept, "registry"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { npm.Close() })
	work := scratch(t)
	l := &lab{conduit: filepath.Join(work, "conduit"), registry: npm.URL(), plain: filepath.Join(work, "plain"),
		here: newPlace(t, filepath.Join(work, "here"), false), there: newPlace(t, filepath.Join(work, "elsewhere", "and deeper"), true)}
	goBuild := command{args: []string{"go", "build", "-o", l.conduit, "github.com/MediaConduit/conduit/cmd/conduit"}, env: goEnv()}
	if _, err := goBuild.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	modules := install(t, kept, l.registry)
	t.Logf("npm ci: %.1f s", time.Since(began).Seconds())
	compile(t, l.plain)
	write(t, filepath.Join(l.plain, "plain.mjs"), read(t, "testdata/plain.mjs"))
	if err := os.Symlink(modules, filepath.Join(l.plain, "node_modules")); err != nil {
		t.Fatal(err)
	}
	return l
}

// check does with one member what the test promises, and says how conduit treated its libraries.
func (l *lab) check(t *testing.T, m member) string {
	want := m.plain(t, l.plain)
	if want == "" {
		t.Fatal("the member says nothing")
	}
	project := filepath.Join(l.here.dir, filepath.FromSlash(m.id()))
	m.provider(t, filepath.Join(project, "provider"))
	write(t, filepath.Join(project, "conduit.toml"), "conduit = \"0.1\"\n\n[providers]\nmember = \"file:./provider\"\n")
	l.here.run(t, l, project, "sync") // which locks first
	got := strings.TrimSpace(l.here.run(t, l, project, "run", "member", "say"))
	if got != want {
		t.Errorf("from the artifact:\n%s\nunder plain Node.js:\n%s", got, want)
	}
	digest := l.here.artifact(t, project)

	other := filepath.Join(l.there.dir, filepath.FromSlash(m.id()))
	copyTree(t, project, other)
	l.there.run(t, l, other, "sync", "--locked") // which also compares the artifact with the lock
	if again := l.there.artifact(t, other); again != digest {
		t.Errorf("%s here, %s elsewhere", digest, again)
	}
	return fmt.Sprintf("%-32s %s", m.id(), l.here.treatment(t, digest))
}

// treatment says which libraries the artifact does not hold, and why.
func (p place) treatment(t *testing.T, digest string) string {
	t.Helper()
	c, err := cache.Open(p.cache)
	if err != nil {
		t.Fatal(err)
	}
	artifact, ok := build.New(c).Find(digest)
	if !ok {
		t.Fatalf("no artifact %s", digest)
	}
	if len(artifact.Externals) == 0 {
		return "bundled"
	}
	var own []string
	for _, e := range artifact.Externals {
		if e.Direct() && e.Why != build.WhyPlatform {
			own = append(own, e.ID+" "+e.Why)
		}
	}
	return fmt.Sprintf("%d outside: %s", len(artifact.Externals), strings.Join(own, ", "))
}
