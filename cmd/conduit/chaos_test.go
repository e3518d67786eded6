//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/cache"
)

// TestChaos syncs with empty and half-filled caches while every host that is asked answers late, in part, wrongly, with errors or
// not at all: git hosts, the registry and its signatures, hosts of tarballs, mirrors, a checksum log, a registry of images. A sync that
// succeeds leaves what one without faults leaves, where the lock is made anew that too; one that fails says so with a
// documented exit code; after each, verify --deep finds nothing wrong; and without faults the same command succeeds.
// CONDUIT_CHAOS_SEED chooses other faults.
func TestChaos(t *testing.T) {
	t.Parallel()
	git, npm := disturbed(t)
	if err := git.AddArchive(below(txtar.Parse([]byte(chaosWorld)), "github/")); err != nil {
		t.Fatal(err)
	}
	nodeEverywhere(t, npm)
	images := imageHost(t)
	seed := seedOf(t, "CONDUIT_CHAOS_SEED", 1) // the same in every run, so that a change is to blame for what fails; make fuzz takes others

	var group sync.WaitGroup // of all kinds at once: most of them wait for their next attempt
	var exits [9]atomic.Int64
	var spoilt atomic.Int64
	syncs := 0
	for i, kind := range chaosKinds {
		syncs += kind.syncs
		d := disturb(t, git, npm, images.URL, kind, seed+uint64(i)<<16)
		group.Go(func() {
			var own [9]int
			d.suffer(rand.New(rand.NewPCG(seed, uint64(i))), func(exit int) { exits[exit].Add(1); own[exit]++ })
			n := int64(0)
			for _, h := range d.hosts {
				if n += h.spoilt.Load(); h.spoilt.Load() == 0 {
					t.Errorf("%s: no answer of %s was spoilt", kind.name, h.host)
				}
			}
			spoilt.Add(n)
			t.Logf("%s: %d answers were spoilt; exit codes of %d syncs: 0 %d times, 4 %d, 6 %d, 1 %d, 5 %d", kind.name, n, kind.syncs, own[0], own[4], own[6], own[1], own[5])
		})
	}
	group.Wait()
	t.Logf("%d answers were spoilt; %d syncs succeeded, %d failed with exit code 4, %d with 6, %d with 1, %d with 5", spoilt.Load(), exits[0].Load(), exits[4].Load(), exits[6].Load(), exits[1].Load(), exits[5].Load())
	if t.Failed() {
		return
	}
	if n := int64(syncs); n != 500 || exits[0].Load() < n/10 || exits[4].Load()+exits[6].Load() < n/20 {
		t.Errorf("these %d syncs met no faults that some survive and others do not", n)
	}
}

// suffer makes the syncs of a kind, each against hosts that spoil another part of their answers.
func (d *disturbance) suffer(rnd *rand.Rand, count func(exit int)) {
	if d.t.Failed() {
		return
	}
	if _, ok := d.conduit("lock"); !ok {
		return
	}
	d.cold()
	if _, ok := d.conduit("sync", "--locked"); !ok {
		return
	}
	whole := needed(d.content())
	locked := filepath.Join(d.project, "conduit.lock")
	lock, err := os.ReadFile(locked)
	if err != nil {
		d.t.Error(err)
		return
	}
	for i := range d.kind.syncs {
		d.forget(rnd)
		anew := rnd.Float64() < d.kind.anew
		rate := []float64{0.05, 0.2, 0.6}[rnd.IntN(3)]
		for _, h := range d.hosts {
			h.start(i, rate, anew)
		}
		args := []string{"sync", "--locked"}
		if anew {
			args = args[:1]
			if err := os.Remove(locked); err != nil {
				d.t.Error(err)
				return
			}
		}
		out, err := d.command(args...).CombinedOutput()
		exit, ok := exitOf(err)
		if !ok || !slices.Contains(append([]int{0, 4, 6}, d.kind.exits...), exit) || exit != 0 && !bytes.Contains(out, []byte("next: ")) {
			d.t.Errorf("%s, round %d: conduit %s: %v\n%s", d.kind.name, i, strings.Join(args, " "), err, out)
			return
		}
		count(exit)
		now, err := os.ReadFile(locked)
		if !bytes.Equal(now, lock) && !(exit != 0 && anew && errors.Is(err, fs.ErrNotExist)) {
			d.t.Errorf("%s, round %d: conduit %s left another conduit.lock than without faults, %v\n%s\n%s", d.kind.name, i, strings.Join(args, " "), err, out, now)
			return
		}
		if err := os.WriteFile(locked, lock, 0o666); err != nil {
			d.t.Error(err)
			return
		}
		if !d.intact(exit, whole) {
			d.t.Errorf("%s, round %d: conduit %s\n%s", d.kind.name, i, strings.Join(args, " "), out)
			return
		}
	}
	for _, h := range d.hosts {
		h.start(d.kind.syncs, 0, false)
	}
	if _, ok := d.conduit("sync", "--locked"); !ok || !d.intact(0, whole) {
		return
	}
	// What is built needs its sources no more, so that the same files as at first are there only after a sync from nothing.
	d.cold()
	d.recovers(whole, d.kind.name+", without faults")
}

// exitOf is the exit code of a command that was run.
func exitOf(err error) (code int, ok bool) {
	var e *exec.ExitError
	if errors.As(err, &e) {
		return e.ExitCode(), e.Exited()
	}
	return 0, err == nil
}

// forget leaves the cache as it is, takes one kind of entries out of it, all of them but the provider host, which takes longest to
// make, or empties it.
func (m *machine) forget(rnd *rand.Rand) {
	m.t.Helper()
	kinds := []string{"module", "library", "artifact", "meta", "toolchain"}
	switch i := rnd.IntN(12); {
	case i < len(kinds):
		m.take(kinds[i])
	case i < 10:
		m.take(kinds...)
	case i == 10:
		m.cold()
	}
}

// take takes all entries of these kinds out of the cache, but for the provider host.
func (m *machine) take(kinds ...string) {
	m.t.Helper()
	for _, kind := range kinds {
		for _, dir := range []string{filepath.Join("record", kind), kind} {
			entries, err := os.ReadDir(filepath.Join(m.cache, dir))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				m.t.Error(err)
			}
			for _, e := range entries {
				id := strings.TrimSuffix(e.Name(), ".json")
				if _, err := os.Stat(filepath.Join(m.cache, "artifact", id, "host.cjs")); kind == "artifact" && err == nil {
					continue
				}
				if err := cache.RemoveAll(filepath.Join(m.cache, dir, e.Name())); err != nil {
					m.t.Error(err)
				}
			}
		}
	}
}

// intact checks what a sync left: all that the lock names where it succeeded, and nothing that is damaged in any case.
func (m *machine) intact(exit int, whole []string) bool {
	m.t.Helper()
	out, err := m.command("verify", "--deep", "--json").Output()
	code, ok := exitOf(err)
	var said struct {
		Error struct{ What, Why string }
	}
	if err := json.Unmarshal(out[bytes.LastIndexByte(bytes.TrimSpace(out), '\n')+1:], &said); err != nil {
		m.t.Errorf("verify --deep: %v\n%s", err, out)
		return false
	}
	absent := strings.Contains(said.Error.What+said.Error.Why, "is not in the cache yet")
	if !ok || code != 0 && (exit == 0 || code != 3 || !absent) {
		m.t.Errorf("verify --deep: %v\n%s", err, out)
		return false
	}
	if exit != 0 {
		return true
	}
	got := m.content()
	for _, path := range whole {
		if kind, _, _ := strings.Cut(path, string(filepath.Separator)); kind != "artifact" && kind != "toolchain" {
			continue
		}
		if !slices.Contains(got, path) {
			m.t.Errorf("the cache lacks %s", path)
			return false
		}
	}
	return true
}
