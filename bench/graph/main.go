package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/bench/setup"
	"github.com/MediaConduit/conduit/lockfile"
)

// Targets, in multiples of the peer; see README.md on what has none.
const (
	lockTarget  = 0.5
	scaleTarget = 12
)

func main() {
	program := flag.String("conduit", "bin/conduit", "the conduit to measure")
	modules := flag.Int("modules", 1000, "modules in the graph")
	runs := flag.Int("runs", 7, "counted runs of each peer")
	keep := flag.Bool("keep", false, "leave the folder with the graph and the caches, and print its name")
	solve := flag.Int("solve", 0, "solve so many requirements once and print the time; used by the program itself")
	flag.Parse()
	err := func() error {
		if *solve > 0 {
			return solveOnce(*solve)
		}
		return bench(*program, *modules, *runs, *keep)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(program string, modules, runs int, keep bool) (err error) {
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	w := newWorld(modules)
	g, err := newGolang(dir, w)
	if err != nil {
		return err
	}
	c, err := newConduit(dir, program, w)
	if err != nil {
		return err
	}
	if err := agree(g, c); err != nil {
		return err
	}
	what := fmt.Sprintf("%d modules, %d versions, %d requirements, warm caches, offline; median of %d runs in turns", modules, modules*versions, w.edges(), runs)
	missed, err := compareLocks(filepath.Join(dir, "runs"), what, runs, g, c)
	if err != nil {
		return err
	}
	results, err := measure.Alternate(filepath.Join(dir, "scale"), runs, scalePeer(10_000), scalePeer(100_000))
	if err != nil {
		return err
	}
	if err := measure.Table(os.Stdout, "Growth of the time to solve (user+sys counts the whole process)", results); err != nil {
		return err
	}
	return errors.Join(missed, target("100,000 against 10,000 requirements", results[1].Ratio(results[0]), scaleTarget))
}

// agree checks that both tools select the same versions, since else they do not do the same work.
func agree(g *golang, c *conduit) error {
	a, err := g.selected()
	if err != nil {
		return err
	}
	b, err := c.selected()
	if err != nil {
		return err
	}
	if !maps.Equal(a, b) {
		return fmt.Errorf("go selects %d modules, conduit %d, and not the same versions", len(a), len(b))
	}
	return nil
}

// compareLocks measures both tools with and without what an earlier run wrote.
func compareLocks(work, what string, runs int, g *golang, c *conduit) (missed, err error) {
	for _, with := range []struct {
		title             string
		goFiles, ourFiles []string
	}{
		{"No go.sum, no conduit.lock", []string{"go.mod"}, []string{lockfile.ManifestName}},
		{"With go.sum, with conduit.lock", []string{"go.mod", "go.sum"}, []string{lockfile.ManifestName, lockfile.Name}},
	} {
		results, err := measure.Alternate(filepath.Join(work, with.title), runs,
			measure.Peer{Name: "go mod graph", Command: func(dir string) (*exec.Cmd, error) {
				return g.command(dir, "mod", "graph"), copyFiles(g.project, dir, with.goFiles)
			}},
			measure.Peer{Name: "conduit lock --offline", Command: func(dir string) (*exec.Cmd, error) {
				return c.command(dir, "lock", "--offline"), copyFiles(c.project, dir, with.ourFiles)
			}})
		if err != nil {
			return nil, err
		}
		if err := measure.Table(os.Stdout, with.title+": "+what, results); err != nil {
			return nil, err
		}
		missed = errors.Join(missed, target("conduit lock against go mod graph, "+with.title, results[1].Ratio(results[0]), lockTarget))
	}
	return missed, nil
}

func target(what string, ratio, limit float64) error {
	if ratio > limit {
		return fmt.Errorf("%s: ratio %.2f, target %.2f", what, ratio, limit)
	}
	return nil
}

func copyFiles(from, to string, names []string) error {
	for _, name := range names {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
