package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/bench/measure"
)

// Targets, in multiples of the peer.
const (
	coldBuildTarget   = 1.0  // bun install and bun build
	coldTarget        = 1.25 // bun install, which builds nothing
	coldNpmTarget     = 0.1
	distantTarget     = 1.0 // bun install and bun build
	warmTarget        = 0.3
	idleTarget        = 0.5
	resolveColdTarget = 2
	resolveWarmTarget = 1
	memoryTarget      = 256 << 20 // bytes
	diskTarget        = 0.5       // of pnpm's store
)

// peer runs scripts of a tool, in new projects or in those of setUp, with a new home or the full one.
func (w *world) peer(name, script string, newProjects, newHome, locked bool) measure.Peer {
	t := w.tool(name)
	return measure.Peer{Name: name, Command: func(dir string) (*exec.Cmd, error) {
		at, home := w.done[name], w.full[name]
		if newProjects {
			at = filepath.Join(dir, "projects")
			if err := w.lay(t, at, locked); err != nil {
				return nil, err
			}
		}
		if newHome {
			home = filepath.Join(dir, "home")
		}
		return w.command(t, script, at, home)
	}}
}

func named(name string, p measure.Peer) measure.Peer {
	p.Name = name
	return p
}

func (w *world) measure(title, folder string, runs int, peers ...measure.Peer) ([]measure.Result, error) {
	results, err := measure.Alternate(filepath.Join(w.dir, folder), runs, peers...)
	if err != nil {
		return nil, err
	}
	return results, measure.Table(os.Stdout, fmt.Sprintf("%s: eight projects; median of %d runs in turns", title, runs), results)
}

// cold has empty caches and lock files.
func (w *world) cold(runs int) (missed, err error) {
	bun, conduit := w.tool("bun"), w.tool("conduit")
	floor, err := w.floor()
	if err != nil {
		return nil, err
	}
	results, err := w.measure("Cold, with lock files", "cold", runs,
		named("bun install", w.peer("bun", bun.install, true, true, true)),
		named("bun install + bun build", w.peer("bun", bun.install+"; cd $top; "+bun.build, true, true, true)),
		named("conduit sync (builds too)", w.peer("conduit", conduit.install, true, true, true)),
		floor)
	if err != nil {
		return nil, err
	}
	slow, err := w.measure("The same beside slower ones", "cold-slow", min(runs, 5),
		named("npm ci", w.peer("npm", w.tool("npm").install, true, true, true)),
		named("pnpm install", w.peer("pnpm", w.tool("pnpm").install, true, true, true)),
		named("conduit sync (builds too)", w.peer("conduit", conduit.install, true, true, true)))
	if err != nil {
		return nil, err
	}
	missed = errors.Join(
		target("cold, conduit sync against bun install and bun build", results[2].Ratio(results[1]), coldBuildTarget),
		target("cold, conduit sync against bun install alone", results[2].Ratio(results[0]), coldTarget),
		target("cold, conduit sync against npm ci", slow[2].Ratio(slow[0]), coldNpmTarget))
	if peak := results[2].Peak; peak > memoryTarget {
		missed = errors.Join(missed, fmt.Errorf("cold: conduit sync takes %d MiB of memory, target %d", peak>>20, memoryTarget>>20))
	}
	return missed, nil
}

// away is a round trip to a registry, as many users have it.
const away = 80 * time.Millisecond

// distant is cold with a registry that is a round trip away.
func (w *world) distant(runs int) (missed, err error) {
	if err := w.registry.distance(away); err != nil {
		return nil, err
	}
	results, err := w.measure(fmt.Sprintf("Cold, with lock files, the registry a round trip of %v away", away), "distant", runs,
		named("bun install", w.peer("bun", w.tool("bun").install, true, true, true)),
		named("bun install + bun build", w.peer("bun", w.tool("bun").install+"; cd $top; "+w.tool("bun").build, true, true, true)),
		named("conduit sync (builds too)", w.peer("conduit", w.tool("conduit").install, true, true, true)))
	if err := errors.Join(err, w.registry.distance(0)); err != nil {
		return nil, err
	}
	return target("distant, conduit sync against bun install and bun build", results[2].Ratio(results[1]), distantTarget), nil
}

// warm is a new copy of the projects on a machine whose caches are full.
func (w *world) warm(runs int) (missed, err error) {
	results, err := w.measure("New copy of the projects, full caches", "warm", runs,
		named("bun install", w.peer("bun", w.tool("bun").install, true, false, true)),
		named("conduit sync (artifacts too)", w.peer("conduit", w.tool("conduit").install, true, false, true)))
	if err != nil {
		return nil, err
	}
	return target("warm, conduit sync against bun install", results[1].Ratio(results[0]), warmTarget), nil
}

// idle has nothing to do.
func (w *world) idle(runs int) (missed, err error) {
	results, err := w.measure("Nothing to do", "idle", 2*runs,
		named("bun install", w.peer("bun", w.tool("bun").install, false, false, true)),
		named("conduit sync", w.peer("conduit", w.tool("conduit").install, false, false, true)))
	if err != nil {
		return nil, err
	}
	return target("nothing to do, conduit sync against bun install", results[1].Ratio(results[0]), idleTarget), nil
}

// resolve chooses versions where there is no lock.
func (w *world) resolve(runs int) (missed, err error) {
	for _, c := range []struct {
		title string
		cold  bool
		limit float64
	}{{"Versions chosen without a lock, cold", true, resolveColdTarget}, {"Versions chosen without a lock, documents cached", false, resolveWarmTarget}} {
		results, err := w.measure(c.title, fmt.Sprint("resolve-", c.cold), runs,
			named("bun install --lockfile-only", w.peer("bun", w.tool("bun").resolve, true, c.cold, false)),
			named("conduit's resolution of libraries", w.peer("conduit", w.tool("conduit").resolve, true, c.cold, false)))
		if err != nil {
			return nil, err
		}
		missed = errors.Join(missed, target(c.title+", conduit against bun", results[1].Ratio(results[0]), c.limit))
	}
	return missed, nil
}

// disk compares what the caches hold.
func (w *world) disk(int) (missed, err error) {
	size := map[string]int64{}
	for name, dir := range map[string]string{"conduit": "conduit", "bun": "bun", "pnpm": "pnpm", "npm": "npm"} {
		if size[name], err = usage(filepath.Join(w.full[name], dir)); err != nil {
			return nil, err
		}
	}
	fmt.Printf("\nDisk of the full caches, MB\n  conduit %d   pnpm %d   bun %d   npm %d\n", size["conduit"]/1e6, size["pnpm"]/1e6, size["bun"]/1e6, size["npm"]/1e6)
	return target("disk, conduit's cache against pnpm's store", float64(size["conduit"])/float64(size["pnpm"]), diskTarget), nil
}

// usage is what the file system has allocated for a folder, in bytes; what has several names counts once.
func usage(dir string) (int64, error) {
	out, err := exec.Command("du", "-sk", dir).Output()
	if err != nil {
		return 0, err
	}
	size, _, _ := strings.Cut(string(out), "\t")
	kilobytes, err := strconv.ParseInt(size, 10, 64)
	return kilobytes << 10, err
}

func target(what string, ratio, limit float64) error {
	if ratio > limit {
		return fmt.Errorf("%s: ratio %.2f, target %.2f", what, ratio, limit)
	}
	return nil
}
