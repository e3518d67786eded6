//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
	"github.com/MediaConduit/conduit/resolve/source/sourcetest"
)

// killWorld is what the providers of TestKilledSync and TestChaos come from: a git host, a registry, libraries of several files.
const killWorld = `
-- github/acme/talk@v1.0.0/MediaConduit.provider.yml --
id: talk
type: remote
main: src/index.ts
dependencies: {one: ^1.0.0, two: ^1.0.0, three: ^1.0.0}
-- github/acme/talk@v1.0.0/src/index.ts --
import one from 'one';
import two from 'two';
import three from 'three';
export default class Talk { id = 'talk'; libraries = [one, two, three]; }
-- github/acme/voice@v1.0.0/MediaConduit.service.yml --
id: voice
-- npm/@acme/draw@1.0.0/package.json --
{"main": "index.js", "dependencies": {"one": "^1.0.0"}, "mediaconduit": {"id": "draw", "type": "remote"}}
-- npm/@acme/draw@1.0.0/MediaConduit.provider.yml --
id: draw
type: remote
main: index.js
serviceUrl: github:acme/voice@^1
-- npm/@acme/draw@1.0.0/index.js --
import one from 'one';
export default class Draw { id = 'draw'; library = one; }
-- npm/one@1.0.0/package.json --
{"main": "lib/index.js", "dependencies": {"two": "*"}}
-- npm/one@1.0.0/lib/index.js --
module.exports = { one: 1, two: require('two') };
-- npm/two@1.0.0/index.js --
exports.two = 2;
-- npm/three@1.0.0/index.js --
exports.three = 3;
`

const killProject = `conduit = "0.1"
[providers]
talk = "github:acme/talk@^1"
draw = "npm:@acme/draw@^1"
`

// machine is one user's machine: a project, a cache, and the programs' environment.
type machine struct {
	t       *testing.T
	project string
	cache   string
	program string
	env     []string
}

// newMachine makes a machine whose network is git and npm.
func newMachine(t *testing.T, git *sourcetest.Git, npm *npmtest.Registry) *machine {
	t.Helper()
	dir := t.TempDir()
	m := &machine{t: t, project: filepath.Join(dir, "project"), cache: filepath.Join(dir, "cache"), program: command(t)}
	t.Cleanup(m.cold)
	for name, text := range map[string]string{"project/conduit.toml": killProject, "gitconfig": git.GitConfig(), "home/.keep": ""} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	m.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Join(dir, "home"), "GIT_CONFIG_GLOBAL=" + filepath.Join(dir, "gitconfig"), "GIT_CONFIG_NOSYSTEM=1",
		"npm_config_registry=" + npm.URL(), "CONDUIT_CACHE=" + m.cache, "CONDUIT_STATE=" + filepath.Join(dir, "state"), "NO_PROXY=127.0.0.1",
		"DOCKER_HOST=unix://" + filepath.Join(dir, "no-engine.sock"), "CI=true"}
	return m
}

// cold empties the cache.
func (m *machine) cold() {
	if err := cache.RemoveAll(m.cache); err != nil {
		m.t.Error(err)
	}
}

func (m *machine) command(args ...string) *exec.Cmd {
	c := exec.Command(m.program, args...)
	c.Dir, c.Env = m.project, m.env
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// conduit runs a command that must succeed.
func (m *machine) conduit(args ...string) (output string, ok bool) {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Errorf("conduit %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), err == nil
}

// kill starts a command, and kills it and all that it started after a while. It reports whether it was still running.
func (m *machine) kill(after time.Duration, args ...string) bool {
	m.t.Helper()
	c := m.command(args...)
	if err := c.Start(); err != nil {
		m.t.Fatal(err)
	}
	time.Sleep(after)
	_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL) // no process any more is as good
	return c.Wait() != nil
}

// content lists what the cache holds, but for what may be swept later: locks, unfinished documents.
func (m *machine) content() []string {
	m.t.Helper()
	var out []string
	err := filepath.WalkDir(m.cache, func(path string, e fs.DirEntry, err error) error {
		rel, rerr := filepath.Rel(m.cache, path)
		switch {
		case err != nil || rerr != nil:
			return fmt.Errorf("%w %w", err, rerr)
		case rel == "lock":
			return filepath.SkipDir
		case !e.IsDir() && !strings.HasPrefix(rel, filepath.Join("tmp", "doc-")) && !strings.HasPrefix(rel, "meta"):
			out = append(out, rel)
		}
		return nil
	})
	if err != nil {
		m.t.Error(err)
	}
	return out
}

// disturbed are the hosts of killWorld.
func disturbed(t *testing.T) (*sourcetest.Git, *npmtest.Registry) {
	t.Helper()
	git := sourcetest.NewGit(t)
	npm := hostRegistry(t)
	archive := txtar.Parse([]byte(killWorld))
	if err := git.AddArchive(below(archive, "github/")); err != nil {
		t.Fatal(err)
	}
	if err := npm.PublishArchive(below(archive, "npm/")); err != nil {
		t.Fatal(err)
	}
	return git, npm
}

// seedOf is the seed that a variable asks for, or the usual one. It is logged.
func seedOf(t *testing.T, variable string, usual uint64) uint64 {
	t.Helper()
	seed := usual
	if text := os.Getenv(variable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%s=%d", variable, seed)
	return seed
}

// kills is how many syncs are killed.
const kills = 56

// TestKilledSync kills cold syncs with SIGKILL, at moments that are spread over the time one takes. Every sync after that
// succeeds, verify --deep finds nothing wrong, and the cache holds what a sync that nobody killed leaves, tarballs aside. Then the
// same for cache prune. CONDUIT_KILL_SEED repeats a run's moments.
func TestKilledSync(t *testing.T) {
	git, npm := disturbed(t)
	seed := seedOf(t, "CONDUIT_KILL_SEED", uint64(time.Now().UnixNano()))

	const workers = 2
	machines := make([]*machine, workers)
	var group sync.WaitGroup
	results := make([]tally, workers)
	for i := range workers {
		machines[i] = newMachine(t, git, npm)
		group.Go(func() { results[i] = machines[i].killAll(kills/workers, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	group.Wait()
	var all tally
	for _, r := range results {
		all.syncs += r.syncs
		all.prunes += r.prunes
		all.took = max(all.took, r.took)
	}
	t.Logf("a cold sync takes up to %v; of %d, %d were killed while they ran, and %d prunes", all.took, kills, all.syncs, all.prunes)
	if all.syncs < 50 {
		t.Errorf("only %d syncs were killed while they ran", all.syncs)
	}
}

// tally counts what was killed while it ran, and how long an undisturbed sync took.
type tally struct {
	syncs, prunes int
	took          time.Duration
}

func (m *machine) killAll(n int, rnd *rand.Rand) (done tally) {
	if _, ok := m.conduit("lock"); !ok {
		return done
	}
	for range 2 {
		m.cold()
		start := time.Now()
		if _, ok := m.conduit("sync", "--locked"); !ok {
			return done
		}
		done.took = max(done.took, time.Since(start))
	}
	whole := m.content()
	for i := 0; i < n && done.syncs < n; i++ {
		m.cold()
		// One moment in each of n equal parts. A sync that ends before its moment moves the next ones forward.
		moment := time.Duration((float64(i) + rnd.Float64()) / float64(n) * float64(done.took) * 0.95)
		for !m.kill(moment, "sync", "--locked") {
			m.cold()
			moment = moment * 3 / 4
		}
		done.syncs++
		if !m.recovers(whole, fmt.Sprintf("killed after %v", moment)) {
			return done
		}
	}
	for range n / 7 {
		if m.kill(time.Duration(rnd.Int64N(int64(40*time.Millisecond)))+5*time.Millisecond, "cache", "prune", "--all") {
			done.prunes++
		}
		if !m.recovers(nil, "killed prune") { // a provider that is built needs no source
			return done
		}
	}
	m.conduit("cache", "prune")
	for _, dir := range []string{"lock", "tmp"} {
		left, err := os.ReadDir(filepath.Join(m.cache, dir))
		left = slices.DeleteFunc(left, func(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), "doc-") }) // swept after an hour
		if err != nil || len(left) > 0 {
			m.t.Errorf("after a prune %s holds %v, %v", dir, left, err)
		}
	}
	return done
}

// recovers syncs and verifies after something was killed, and compares what the cache holds with whole unless that is nil.
// An artifact may have been complete when a tarball that it was built from was not yet kept: nobody needs it any more.
func (m *machine) recovers(whole []string, what string) bool {
	m.t.Helper()
	if _, ok := m.conduit("sync", "--locked"); !ok {
		m.t.Error(what)
		return false
	}
	if _, ok := m.conduit("verify", "--deep"); !ok {
		m.t.Error(what)
		return false
	}
	if got := m.content(); whole != nil && !slices.Equal(needed(got), needed(whole)) {
		m.t.Errorf("%s: the cache holds\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(whole, "\n"))
		return false
	}
	return true
}

// needed is content without library tarballs, which an artifact that is there does not need.
func needed(content []string) []string {
	return slices.DeleteFunc(slices.Clone(content), func(path string) bool {
		return strings.HasPrefix(path, "library"+string(filepath.Separator)) || strings.HasPrefix(path, filepath.Join("record", "library"))
	})
}
