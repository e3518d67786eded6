package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/MediaConduit/conduit/bench/setup"
)

// Targets.
const (
	medianTarget = time.Millisecond // that a text call takes more than the function inside Node.js, at the median
	rateTarget   = 2000             // calls a second, 32 at a time
	ratioTarget  = 0.5              // of the bare server's calls a second
	memoryTarget = 64 << 20         // bytes that 200 MB need on their way in and out
)

// The measurements.
const (
	calls  = 1000 // of each
	atOnce = 32
	large  = 200_000_000 // bytes of the file
	small  = 1000        // bytes of the file that it is compared with
)

// work is the provider and its peers.
//
//go:embed work
var work embed.FS

func main() {
	conduit := flag.String("conduit", "bin/conduit", "the binary that is measured with the file")
	runs := flag.Int("runs", 7, "counted runs of each peer")
	keep := flag.Bool("keep", false, "leave the folder with the project, and print its name")
	flag.Parse()
	if err := bench(context.Background(), *conduit, *runs, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, conduit string, runs int, keep bool) (err error) {
	conduit, err = filepath.Abs(conduit)
	if err != nil {
		return err
	}
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := os.Setenv("CONDUIT_STATE", filepath.Join(dir, "state")); err != nil {
		return err
	}
	if err := os.Setenv("CONDUIT_CACHE", filepath.Join(dir, "cache")); err != nil {
		return err
	}
	p, err := setup.Project(ctx, work, dir)
	if err != nil {
		return err
	}
	return errors.Join(texts(ctx, p, dir, runs), file(ctx, conduit, dir, runs))
}

// target prints how a figure stands to its target, and fails where it is missed.
func target(name, got, want string, met bool) error {
	fmt.Printf("%s: %s, target %s\n", name, got, want)
	if !met {
		return fmt.Errorf("%s: %s misses the target of %s", name, got, want)
	}
	return nil
}
