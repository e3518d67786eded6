package corpus

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/verify"
)

// nobody is a user who owns nothing.
const nobody = 65534

// place is where, and as whom, conduit builds.
type place struct {
	dir    string // projects
	cache  string
	prefix []string // what runs conduit as another user
	env    []string
}

// newPlace makes a place of its own: folders, a cache, a home. A foreign one differs in all that an artifact must not
// depend on: it has another user, if this test may become one, and uses one processor.
func newPlace(t *testing.T, dir string, foreign bool) place {
	t.Helper()
	p := place{dir: filepath.Join(dir, "projects"), cache: filepath.Join(dir, "cache")}
	home, tmp := filepath.Join(dir, "home"), filepath.Join(dir, "tmp")
	for _, each := range []string{p.dir, p.cache, home, tmp} {
		if err := os.MkdirAll(each, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	p.env = []string{"CI=true", "CONDUIT_CACHE=" + p.cache, "CONDUIT_STATE=" + filepath.Join(home, "state"), "HOME=" + home, "USERPROFILE=" + home}
	if !foreign {
		return p
	}
	p.env = append(p.env, "GOMAXPROCS=1", "TMPDIR="+tmp, "USER=somebody-else", "LOGNAME=somebody-else", "LANG=tr_TR.UTF-8", "TZ=Asia/Tokyo", "NODE_PATH="+home)
	if os.Geteuid() != 0 {
		return p
	}
	if _, err := exec.LookPath("setpriv"); err != nil {
		t.Fatal("root needs setpriv (Debian package util-linux) to become another user: ", err)
	}
	p.prefix = []string{"setpriv", "--reuid=" + strconv.Itoa(nobody), "--regid=" + strconv.Itoa(nobody), "--clear-groups"}
	for _, each := range []string{p.dir, p.cache, home, tmp} {
		if err := os.Chown(each, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// run runs conduit in a project and returns its result.
func (p place) run(t *testing.T, l *lab, project string, args ...string) string {
	t.Helper()
	c := command{args: append(append(p.prefix, l.conduit, "-C", project), args...), dir: p.dir, env: append(p.env, "npm_config_registry="+l.registry)}
	out, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// artifact is the digest of what was built for the project, as its files say and not its lock.
func (p place) artifact(t *testing.T, project string) string {
	t.Helper()
	lock, err := lockfile.ReadLock(project)
	if err != nil {
		t.Fatal(err)
	}
	module, ok := lock.Provider("member")
	if !ok {
		t.Fatal("the lock has no provider")
	}
	c, err := cache.Open(p.cache)
	if err != nil {
		t.Fatal(err)
	}
	artifact, ok := build.New(c).Find(module.Artifact)
	if !ok {
		t.Fatalf("%s was not built in %s", module.Artifact, p.cache)
	}
	digest, err := verify.ArtifactDigest(artifact.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

// scratch is a folder that other users can read too, unlike that of t.TempDir.
func scratch(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "conduit-corpus-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cache.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// copyTree copies a project. The copy belongs to whom the folder belongs that is to hold it.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		write(t, to+strings.TrimPrefix(name, from), read(t, name))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// goEnv is what the go command needs of this environment to use its cache.
func goEnv() []string {
	var env []string
	for _, v := range os.Environ() {
		if strings.HasPrefix(v, "GO") || strings.HasPrefix(v, "XDG_") {
			env = append(env, v)
		}
	}
	return env
}
