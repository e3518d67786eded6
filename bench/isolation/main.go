package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/MediaConduit/conduit/bench/measure"
	"github.com/MediaConduit/conduit/bench/setup"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/project"
)

// ratioTarget is how many times longer a call may take beside a provider that takes what it can get.
const ratioTarget = 2

// calls are how many are measured in each state.
const calls = 300

// work is the two providers.
//
//go:embed work
var work embed.FS

func main() {
	flag.String("conduit", "", "not used: what is measured is the library; every benchmark takes it")
	flag.Int("runs", 0, "not used: the states are compared in one run")
	flag.Parse()
	if err := bench(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context) (err error) {
	dir, done, err := setup.Folder(false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	if err := os.Setenv("CONDUIT_STATE", filepath.Join(dir, "state")); err != nil {
		return err
	}
	p, err := setup.Project(ctx, work, dir)
	if err != nil {
		return err
	}
	host, err := p.Host(ctx, project.HostOptions{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, host.Close(ctx)) }()
	states := []string{"loop", "memory"}
	if _, tasks := plugin.Enforced(); tasks {
		states = append(states, "fork")
	} else {
		fmt.Println("the kernel puts no end to forking here: not tried")
	}
	for range 2 { // the first time warms up
		if _, err := latency(ctx, host); err != nil {
			return err
		}
	}
	fmt.Printf("\nA call of 2 ms beside another provider that takes what it can get; median of %d calls, on %d processors\n", calls, runtime.NumCPU())
	var failures []error
	for _, state := range states {
		before, err := latency(ctx, host)
		if err != nil {
			return err
		}
		beside, err := disturbed(ctx, p, host, state)
		if err != nil {
			return err
		}
		ratio := float64(beside) / float64(before)
		fmt.Printf("%s: %s alone, %s beside it: %.2f times, target at most %d\n", state, before, beside, ratio, ratioTarget)
		if ratio > ratioTarget {
			failures = append(failures, fmt.Errorf("%s: %.2f times misses the target of %d", state, ratio, ratioTarget))
		}
	}
	return errors.Join(failures...)
}

// disturbed is the latency while the hog does its worst, again and again when it was ended for it.
func disturbed(ctx context.Context, p *project.Project, host *project.Host, state string) (out time.Duration, err error) {
	own, err := p.Host(ctx, project.HostOptions{})
	if err != nil {
		return 0, err
	}
	hogging, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for hogging.Err() == nil {
			_, _ = own.Transform(hogging, project.RunRequest{Provider: "hog", Model: state, Inputs: []plugin.Media{plugin.Text("go")}})
		}
	}()
	time.Sleep(time.Second) // until it does
	out, err = latency(ctx, host)
	stop()
	<-ended
	return out, errors.Join(err, own.Close(hogging)) // at once: the hog hears nothing
}

// latency is the median time of a call of the quiet provider.
func latency(ctx context.Context, host *project.Host) (time.Duration, error) {
	var times []time.Duration
	for range calls {
		begun := time.Now()
		if _, err := host.Transform(ctx, project.RunRequest{Provider: "quiet", Model: "quiet", Inputs: []plugin.Media{plugin.Text("moo")}}); err != nil {
			return 0, err
		}
		times = append(times, time.Since(begun))
	}
	return measure.Median(times), nil
}
