package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/resolve"
)

// solveOnce solves a locked graph with n requirements and prints the nanoseconds that it took. It runs as a process of
// its own, so that no run inherits another's heap.
func solveOnce(n int) error {
	p, err := lockedProblem(n / requirements)
	if err != nil {
		return err
	}
	start := time.Now()
	_, err = resolve.Solve(context.Background(), p)
	fmt.Println(time.Since(start).Nanoseconds())
	return err
}

// lockedProblem is what a lock of n modules says: no origin is asked, so that the solver alone is measured.
func lockedProblem(n int) (resolve.Problem, error) {
	r := rand.New(rand.NewPCG(1, 1))
	source := func(i int) resolve.Source { return resolve.Source{Kind: resolve.GitHub, Path: "w/" + name(i)} }
	caret, err := resolve.ParseRange("^1.0")
	if err != nil {
		return resolve.Problem{}, err
	}
	p := resolve.Problem{Root: []resolve.Requirement{{Name: "m", Kind: resolve.KindService, Source: source(0), Range: caret, Locked: "v1.1.0"}}}
	for i := range n {
		l := resolve.Locked{Source: source(i), Version: "v1.1.0", Kind: resolve.KindService}
		for j := range requirements {
			to := i + 1
			if j > 0 {
				to += r.IntN(reach)
			}
			if to < n {
				l.Requires = append(l.Requires, resolve.LockedNeed{Source: source(to).String(), Range: "^1.0", Version: "v1.1.0"})
			}
		}
		p.Locked = append(p.Locked, l)
	}
	return p, nil
}

// scalePeer is this program as the peer that solves n requirements.
func scalePeer(n int) measure.Peer {
	return measure.Peer{
		Name: fmt.Sprintf("solve %d requirements", n),
		Wall: measure.Nanoseconds,
		Command: func(string) (*exec.Cmd, error) {
			self, err := os.Executable()
			return exec.Command(self, "-solve", strconv.Itoa(n)), err
		},
	}
}
