package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/bench/registry"
)

// registryProcess is the registry in a process of its own: a process that is started counts the memory of the one that
// starts it as its own peak, so that the one that measures has to be small.
type registryProcess struct {
	url   string
	cmd   *exec.Cmd
	stdin io.WriteCloser
	out   *bufio.Reader
}

func startRegistry(dir string) (*registryProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, "-serve", dir)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &registryProcess{cmd: cmd, stdin: stdin, out: bufio.NewReader(stdout)}
	r.url, err = r.answer()
	return r, err
}

func (r *registryProcess) answer() (string, error) {
	line, err := r.out.ReadString('\n')
	return strings.TrimSpace(line), err
}

// freeze ends recording, see [registry.Registry.Freeze].
func (r *registryProcess) freeze() error { return r.tell("freeze") }

// distance sets how far away the registry is, see [registry.Registry.SetDistance].
func (r *registryProcess) distance(roundTrip time.Duration) error { return r.tell(roundTrip.String()) }

func (r *registryProcess) tell(what string) error {
	_, err := fmt.Fprintln(r.stdin, what)
	if err == nil {
		_, err = r.answer()
	}
	return err
}

func (r *registryProcess) close() error { return errors.Join(r.stdin.Close(), r.cmd.Wait()) }

// serveRegistry serves until its input ends. It prints its address; a duration that it reads is its distance, another line
// makes it freeze.
func serveRegistry(dir string) error {
	r, err := registry.Start(dir)
	if err != nil {
		return err
	}
	fmt.Println(r.URL())
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		if roundTrip, err := time.ParseDuration(in.Text()); err == nil {
			r.SetDistance(roundTrip)
		} else {
			r.Freeze()
		}
		fmt.Println("done")
	}
	return errors.Join(in.Err(), r.Close())
}
