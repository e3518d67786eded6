package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// diskRounds is how many syncs TestFaultyDisk makes on a disk that fails.
const diskRounds = 100

// TestFaultyDisk syncs while the file system fails: system calls for files of the cache, the project, the state and the folder of
// temporary files end with EIO, ENOSPC, EACCES, EMFILE and the like, now and then, or always for a folder. A sync that succeeds leaves
// what one without faults leaves; one that fails says so with exit code 1, which file it was and what to do; after
// each, verify --deep finds nothing wrong, and without faults the same command succeeds. CONDUIT_DISK_SEED chooses other faults.
func TestFaultyDisk(t *testing.T) {
	t.Parallel()
	git, npm := disturbed(t)
	seed := seedOf(t, "CONDUIT_DISK_SEED", 1)
	const workers = 2
	var group sync.WaitGroup
	var mu sync.Mutex
	exits, faults := map[int]int{}, 0
	for i := range workers {
		m := newMachine(t, git, npm)
		dir := filepath.Dir(m.project)
		if err := os.Mkdir(filepath.Join(dir, "tmp"), 0o777); err != nil {
			t.Fatal(err)
		}
		m.env = append(m.env, "TMPDIR="+filepath.Join(dir, "tmp"))
		d := &faultyDisk{dir: dir, seed: seed + uint64(i)<<16}
		group.Go(func() {
			m.wear(d, diskRounds/workers, rand.New(rand.NewPCG(seed, uint64(i))), func(exit, failed int) {
				mu.Lock()
				defer mu.Unlock()
				exits[exit]++
				faults += failed
			})
		})
	}
	group.Wait()
	t.Logf("%d calls failed; exit codes of %d syncs: %v", faults, diskRounds, exits)
	if !t.Failed() && (exits[0] < diskRounds/10 || exits[1] < diskRounds/10) {
		t.Error("these are no faults that some syncs survive and others do not")
	}
}

// wear makes n syncs on a disk that fails in another way each time.
func (m *machine) wear(d *faultyDisk, n int, rnd *rand.Rand, count func(exit, failed int)) {
	if _, ok := m.conduit("lock"); !ok {
		return
	}
	m.cold()
	if _, ok := m.conduit("sync", "--locked"); !ok {
		return
	}
	whole := needed(m.content())
	locked := filepath.Join(m.project, "conduit.lock")
	lock, err := os.ReadFile(locked)
	if err != nil {
		m.t.Error(err)
		return
	}
	for i := range n {
		m.forget(rnd)
		broken := rnd.IntN(4) == 0
		rate := []float64{0.001, 0.005, 0.03}[rnd.IntN(3)]
		d.start(i, rate, broken)
		args := []string{"sync", "--locked"}
		if rnd.IntN(4) == 0 {
			args = args[:1]
			if err := os.Remove(locked); err != nil {
				m.t.Error(err)
				return
			}
		}
		out, err := d.runOn(m.command(args...))
		exit, ok := exitOf(err)
		failed := d.failures()
		about := fmt.Sprintf("round %d: conduit %s: %v\n%s\nfailed were:\n%s", i, strings.Join(args, " "), err, out, strings.Join(failed, "\n"))
		if !ok || exit != 0 && (exit != 1 || !bytes.Contains(out, []byte("next: ")) || !bytes.Contains(out, []byte(d.dir))) {
			m.t.Error(about)
			return
		}
		count(exit, len(failed))
		now, err := os.ReadFile(locked)
		if !bytes.Equal(now, lock) && !(exit != 0 && len(args) == 1 && errors.Is(err, fs.ErrNotExist)) {
			m.t.Errorf("conduit.lock is another one, %v\n%s\n%s", err, now, about)
			return
		}
		if err := os.WriteFile(locked, lock, 0o666); err != nil {
			m.t.Error(err)
			return
		}
		if !m.intact(exit, whole) {
			m.t.Error(about)
			return
		}
		if out, ok := m.conduit("sync", "--locked"); !ok || !m.intact(0, whole) {
			m.t.Errorf("without faults: %s\n%s", out, about)
			return
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
	m.cold()
	m.recovers(whole, "on a disk without faults")
}
