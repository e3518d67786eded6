package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

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
	nodes := list{"node"}
	flag.Var(&nodes, "node", "the Node.js programs to measure with, separated by commas")
	once := flag.String("once", "", "start the provider in this folder once and print the time; used by the program itself")
	kept := flag.Bool("kept", false, "with -once: hold the provider to permissions")
	flag.Parse()
	err := func() error {
		if *once != "" {
			return startOnce(context.Background(), *once, nodes[0], *kept)
		}
		return bench(context.Background(), nodes, *runs, *keep)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// list is a flag with several values.
type list []string

// String implements [flag.Value].
func (l *list) String() string { return strings.Join(*l, ",") }

// Set implements [flag.Value].
func (l *list) Set(value string) error {
	*l = strings.Split(value, ",")
	return nil
}

func bench(ctx context.Context, nodes []string, runs int, keep bool) (err error) {
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := install(ctx, dir); err != nil {
		return err
	}
	var missed []error
	for i, node := range nodes {
		missed = append(missed, compare(dir, filepath.Join(dir, "runs", strconv.Itoa(i)), node, runs))
	}
	return errors.Join(missed...)
}

// compare measures what lies in dir with one Node.js; work is for the runs' folders.
func compare(dir, work, node string, runs int) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if node, err = exec.LookPath(node); err != nil {
		return err
	}
	version, err := exec.Command(node, "--version").Output()
	if err != nil {
		return err
	}
	bare := func(file string) func(string) (*exec.Cmd, error) {
		return func(string) (*exec.Cmd, error) {
			cmd := exec.Command(node, filepath.Join(dir, file))
			cmd.Env = environment()
			return cmd, nil
		}
	}
	provider := func(args ...string) func(string) (*exec.Cmd, error) {
		return func(string) (*exec.Cmd, error) {
			return exec.Command(self, append(args, "-node", node, "-once", dir)...), nil
		}
	}
	results, err := measure.Alternate(work, runs,
		measure.Peer{Name: "node, a bundle of axios", Command: bare(bundleFile)},
		measure.Peer{Name: "node, axios from node_modules", Command: bare(moduleFile)},
		measure.Peer{Name: "conduit, first answer of a provider", Wall: measure.Nanoseconds, Command: provider()},
		measure.Peer{Name: "conduit, held to permissions by the kernel", Wall: measure.Nanoseconds, Command: provider("-kept")},
		measure.Peer{Name: "node, an empty module", Command: bare(emptyFile)},
	)
	if err != nil {
		return err
	}
	title := fmt.Sprintf("From the process to the first answer, Node.js %s, axios %s; median of %d runs in turns",
		strings.TrimPrefix(strings.TrimSpace(string(version)), "v"), axiosVersion(), runs)
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
