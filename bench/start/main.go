package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/bench/setup"
)

// Targets for a provider's first answer, in multiples of the peer.
const (
	bundleTarget  = 1.25
	modulesTarget = 0.9
)

// permissionsTarget is for a provider's first answer when it is held to permissions, in multiples of one that is not.
const permissionsTarget = 1.05

func main() {
	flag.String("conduit", "", "not used: what is measured is the library; every benchmark takes it")
	runs := flag.Int("runs", 15, "counted runs of each peer")
	keep := flag.Bool("keep", false, "leave the folder with the artifact, the bundle and node_modules, and print its name")
	once := flag.String("once", "", "start the provider in this folder once and print the time; used by the program itself")
	kept := flag.Bool("kept", false, "with -once: hold the provider to permissions")
	flag.Parse()
	err := func() error {
		if *once != "" {
			return startOnce(context.Background(), *once, *kept)
		}
		return bench(context.Background(), *runs, *keep)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, runs int, keep bool) (err error) {
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := install(ctx, dir); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	node := func(args ...string) func(string) (*exec.Cmd, error) {
		return func(string) (*exec.Cmd, error) {
			cmd := exec.Command("node", args...)
			cmd.Env = environment()
			return cmd, nil
		}
	}
	results, err := measure.Alternate(filepath.Join(dir, "runs"), runs,
		measure.Peer{Name: "node, a bundle of axios", Command: node(filepath.Join(dir, bundleFile))},
		measure.Peer{Name: "node, axios from node_modules", Command: node(filepath.Join(dir, moduleFile))},
		measure.Peer{Name: "conduit, first answer of a provider", Wall: measure.Nanoseconds, Command: func(string) (*exec.Cmd, error) {
			return exec.Command(self, "-once", dir), nil
		}},
		measure.Peer{Name: "conduit, held to permissions by the kernel", Wall: measure.Nanoseconds, Command: func(string) (*exec.Cmd, error) {
			return exec.Command(self, "-kept", "-once", dir), nil
		}},
		measure.Peer{Name: "node, an empty module", Command: node(filepath.Join(dir, emptyFile))},
	)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("From the process to the first answer, axios %s; median of %d runs in turns", axiosVersion(), runs)
	if err := measure.Table(os.Stdout, title, results); err != nil {
		return err
	}
	return errors.Join(
		target("first answer against a bundle of axios", results[2].Ratio(results[0]), bundleTarget),
		target("first answer against axios from node_modules", results[2].Ratio(results[1]), modulesTarget),
		target("held to permissions against not", results[3].Ratio(results[2]), permissionsTarget),
	)
}

// target prints how a ratio stands to its target, and fails where it is missed.
func target(name string, ratio, limit float64) error {
	fmt.Printf("%s: %.2f, target at most %.2f\n", name, ratio, limit)
	if ratio > limit {
		return fmt.Errorf("%s: %.2f misses the target of %.2f", name, ratio, limit)
	}
	return nil
}
