package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/bench/measure"
)

// The targets, in multiples of the time of the peer.
const (
	besideCompose = 1.1
	allAtOnce     = 0.5
)

const independent = 20

func main() {
	program := flag.String("conduit", "bin/conduit", "the conduit to measure")
	runs := flag.Int("runs", 7, "runs of each, of which the median counts")
	flag.Bool("keep", false, "not used: nothing is kept but docker compose")
	flag.Parse()
	var err error
	switch flag.Arg(0) {
	case "serve": // in a container
		wait, _ := time.ParseDuration(flag.Arg(1)) // none where it does not say
		time.Sleep(wait)
		err = http.ListenAndServe(":80", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	case "check":
		_, err = http.Get("http://127.0.0.1:80/")
	default:
		err = bench(*program, *runs)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "compose:", err)
		os.Exit(1)
	}
}

func bench(program string, runs int) (err error) {
	if program, err = filepath.Abs(program); err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	compose, err := buildCompose(filepath.Join(cache, "conduit-bench"))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "conduit-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	server, err := buildServer(dir)
	if err != nil {
		return err
	}
	missed := false
	for i, p := range projects() {
		w := world{conduit: program, compose: compose, dir: filepath.Join(dir, fmt.Sprint(i)), state: filepath.Join(dir, "state")}
		up, down, err := w.beside(p, server, runs)
		if err != nil {
			return err
		}
		missed = show("up, "+p.name, "conduit", up[0], "docker compose", up[1], besideCompose) || missed
		missed = show("down, "+p.name, "conduit", down[0], "docker compose", down[1], besideCompose) || missed
	}
	// The first is what services of media are like: what they need, they load when they start. The second is the engine alone.
	for i, wait := range []time.Duration{time.Second, 0} {
		w := world{conduit: program, compose: compose, dir: filepath.Join(dir, fmt.Sprint("many", i)), state: filepath.Join(dir, "state")}
		once, single, peer, err := w.many(server, wait, max(runs/2, 1))
		if err != nil {
			return err
		}
		what := fmt.Sprintf("up, %d independent services that are ready after %v", independent, wait)
		missed = show(what, "at once", once, "one after another", single, allAtOnce) || missed
		missed = show(what, "at once", once, "docker compose one after another", peer, allAtOnce) || missed
	}
	if missed {
		return errors.New("a target was missed")
	}
	return nil
}

// show prints a comparison and tells whether the target was missed.
func show(what, a string, got time.Duration, b string, beside time.Duration, most float64) bool {
	ratio, verdict := float64(got)/float64(beside), "ok"
	if ratio > most {
		verdict = "MISSED"
	}
	fmt.Printf("%s: %s %d ms, %s %d ms, ratio %.2f (target: %.1f)  %s\n", what, a, got.Milliseconds(), b, beside.Milliseconds(), ratio, most, verdict)
	return ratio > most
}

// world is a folder with a project for both.
type world struct {
	conduit, compose, dir, state string
}

// timed runs a command and returns how long it took.
func (w world) timed(program string, args ...string) (time.Duration, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "CONDUIT_CACHE="+filepath.Join(w.state, "cache"), "CONDUIT_STATE="+w.state, "COMPOSE_PROGRESS=quiet")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	began := time.Now()
	err := cmd.Run()
	took := time.Since(began)
	if err != nil {
		err = fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, stderr.String())
	}
	return took, err
}

// beside brings a project up and down by conduit and by docker compose in turns, once without counting. It returns the
// medians, conduit's first.
func (w world) beside(p project, server string, runs int) (up, down [2]time.Duration, err error) {
	folder := filepath.Join(w.dir, "app")
	if err := pack(folder, "app", p.file, server); err != nil {
		return up, down, err
	}
	toml := "conduit = \"0.1\"\n[services]\napp = \"file:./app\"\n"
	if err := os.WriteFile(filepath.Join(w.dir, "conduit.toml"), []byte(toml), 0o644); err != nil {
		return up, down, err
	}
	of := []string{"-p", strings.ToLower(filepath.Base(filepath.Dir(w.dir))) + filepath.Base(w.dir), "-f", filepath.Join(folder, "docker-compose.yml")}
	both := [2]struct {
		program  string
		up, down []string
	}{
		{w.conduit, []string{"up", "-d"}, []string{"down"}},
		{w.compose, append(of, "up", "--wait"), append(of, "down")},
	}
	if _, err := w.timed(w.conduit, "sync"); err != nil {
		return up, down, err
	}
	if _, err := w.timed(w.compose, append(of, "build")...); err != nil {
		return up, down, err
	}
	defer func() { // images and the volumes that both keep
		_, undo := w.timed(w.compose, append(of, "down", "--volumes", "--rmi", "all")...)
		_, stop := w.timed(w.conduit, "down")
		err = errors.Join(err, undo, stop)
	}()
	var ups, downs [2][]time.Duration
	for round := range runs + 1 {
		for i, peer := range both {
			start, err := w.timed(peer.program, peer.up...)
			if err != nil {
				return up, down, err
			}
			stop, err := w.timed(peer.program, peer.down...)
			if err != nil {
				return up, down, err
			}
			if round > 0 {
				ups[i], downs[i] = append(ups[i], start), append(downs[i], stop)
			}
		}
	}
	for i := range both {
		up[i], down[i] = measure.Median(ups[i]), measure.Median(downs[i])
	}
	return up, down, nil
}

// many brings up services that do not need each other, and that are ready some time after their start: all by one conduit, each
// by one of its own, and each by a docker compose of its own. It returns the medians in this order.
func (w world) many(server string, wait time.Duration, runs int) (once, single, peer time.Duration, err error) {
	toml := "conduit = \"0.1\"\n[services]\n"
	var apart, composed [independent][]string
	for i := range independent {
		folder := filepath.Join(w.dir, fmt.Sprint("p", i))
		if err := pack(folder, "app", slow(projects()[0].file, wait), server); err != nil {
			return 0, 0, 0, err
		}
		toml += fmt.Sprintf("s%d = \"file:./p%d\"\n", i, i)
		apart[i] = []string{"up", "-d", fmt.Sprint("s", i)}
		composed[i] = []string{"-p", strings.ToLower(filepath.Base(filepath.Dir(w.dir))) + fmt.Sprint("many", i), "-f", filepath.Join(folder, "docker-compose.yml"), "up", "--wait"}
	}
	if err := os.WriteFile(filepath.Join(w.dir, "conduit.toml"), []byte(toml), 0o644); err != nil {
		return 0, 0, 0, err
	}
	if _, err := w.timed(w.conduit, "sync"); err != nil {
		return 0, 0, 0, err
	}
	undo := func(more ...string) error {
		_, err := w.timed(w.conduit, "down")
		for _, args := range composed {
			_, e := w.timed(w.compose, append(append(args[:4:4], "down"), more...)...)
			err = errors.Join(err, e)
		}
		return err
	}
	for _, args := range composed {
		if _, err := w.timed(w.compose, append(args[:4:4], "build")...); err != nil {
			return 0, 0, 0, err
		}
	}
	ways := [3]struct {
		program string
		args    [][]string
		took    []time.Duration
	}{
		{program: w.conduit, args: [][]string{{"up", "-d"}}},
		{program: w.conduit, args: apart[:]},
		{program: w.compose, args: composed[:]},
	}
	for range runs {
		for i := range ways {
			var sum time.Duration
			for _, args := range ways[i].args {
				took, err := w.timed(ways[i].program, args...)
				if err != nil {
					return 0, 0, 0, errors.Join(err, undo("--rmi", "all"))
				}
				sum += took
			}
			ways[i].took = append(ways[i].took, sum)
			if err := undo(); err != nil {
				return 0, 0, 0, err
			}
		}
	}
	return measure.Median(ways[0].took), measure.Median(ways[1].took), measure.Median(ways[2].took), undo("--rmi", "all")
}
