package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/bench/setup"
)

func main() {
	program := flag.String("conduit", "bin/conduit", "the conduit to measure")
	runs := flag.Int("runs", 7, "counted runs of each peer; at least 5 of the slow ones")
	keep := flag.Bool("keep", false, "leave the folder with all runs, and print its name")
	only := flag.String("only", "", "measure one case: cold, distant, warm, idle, resolve or disk")
	snapshot := flag.String("snapshot", "", "folder that keeps the registry and the peers between benchmarks (default: conduit-bench in the user's cache folder)")
	serve := flag.String("serve", "", "be the registry of this folder; used by the program itself")
	resolve := flag.String("resolve", "", "resolve the libraries of the projects in this folder; used by the program itself")
	floor := flag.String("floor", "", "do the work in this file; used by the program itself")
	flag.Parse()
	err := func() error {
		switch {
		case *serve != "":
			return serveRegistry(*serve)
		case *resolve != "":
			return resolveOnce(*resolve)
		case *floor != "":
			return floorOnce(*floor)
		}
		return bench(*program, *snapshot, *only, *runs, *keep)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(program, snapshot, only string, runs int, keep bool) (err error) {
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	if snapshot == "" {
		if snapshot, err = os.UserCacheDir(); err != nil {
			return err
		}
		snapshot = filepath.Join(snapshot, "conduit-bench")
	}
	peers, err := installPeers(snapshot)
	if err != nil {
		return err
	}
	reg, err := startRegistry(filepath.Join(snapshot, "registry"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reg.close()) }()
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	w := &world{dir: dir, registry: reg, conduit: program, peers: peers}
	if err := w.setUp(); err != nil {
		return err
	}
	if err := reg.freeze(); err != nil {
		return err
	}
	var missed error
	for _, c := range []struct {
		name    string
		measure func(runs int) (missed, err error)
	}{{"cold", w.cold}, {"distant", w.distant}, {"warm", w.warm}, {"idle", w.idle}, {"resolve", w.resolve}, {"disk", w.disk}} {
		if only != "" && only != c.name {
			continue
		}
		m, err := c.measure(runs)
		if err != nil {
			return err
		}
		missed = errors.Join(missed, m)
	}
	return missed
}
