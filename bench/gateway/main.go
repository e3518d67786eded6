package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/MediaConduit/conduit/bench/setup"
)

// Targets.
const (
	growthTarget = 32 << 20 // bytes of resident memory that the gateway may have more at the end than after a third of the time
	leftTarget   = 10       // descriptors that it may have more when the connections are closed than before there were any
)

const connections = 64

func main() {
	conduit := flag.String("conduit", "bin/conduit", "the binary that is measured")
	seconds := flag.Int("seconds", 30, "time of the load")
	flag.Int("runs", 1, "not used: it is one run")
	keep := flag.Bool("keep", false, "leave the folder with the project, and print its name")
	flag.Parse()
	if runtime.GOOS != "linux" {
		fmt.Println("gateway: on Linux only")
		return
	}
	if err := bench(*conduit, time.Duration(*seconds)*time.Second, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(conduit string, length time.Duration, keep bool) (err error) {
	if conduit, err = filepath.Abs(conduit); err != nil {
		return err
	}
	dir, done, err := setup.Folder(keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	g, err := start(conduit, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	return measure(g, length)
}

// files are the project.
var files = map[string]string{
	"conduit.toml":                   "conduit = \"0.1\"\n[providers]\necho = \"file:echo\"\n",
	"echo/MediaConduit.provider.yml": "id: echo\ntype: remote\nmain: index.js\n",
	"echo/index.js": `import { Text } from '@mediaconduit/mediaconduit';
export default class {
  id = 'echo'; name = 'Echo'; type = 'remote'; capabilities = ['text-to-text'];
  models = [{ id: 'echo', name: 'Echo', capabilities: ['text-to-text'] }];
  async configure() {}
  async isAvailable() { return true; }
  getModelsForCapability() { return this.models; }
  async getHealth() { return { status: 'healthy' }; }
  async getModel() { return { id: 'echo', isAvailable: async () => true, transform: async (input) => Text.fromString((Array.isArray(input) ? input[0] : input).content.toUpperCase()) }; }
}
`,
}

// gateway is a conduit serve.
type gateway struct {
	url     string
	process *exec.Cmd
	dir     string
}

// start makes the project in dir and serves it.
func start(conduit, dir string) (*gateway, error) {
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			return nil, err
		}
	}
	command := func(args ...string) *exec.Cmd {
		c := exec.Command(conduit, args...)
		c.Dir, c.Env = dir, append(os.Environ(), "CONDUIT_STATE="+filepath.Join(dir, "state"), "CONDUIT_CACHE="+filepath.Join(dir, "cache"))
		return c
	}
	if out, err := command("sync").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("conduit sync: %w\n%s", err, out)
	}
	c := command("serve", "-q", "--listen", "127.0.0.1:0")
	c.Stderr = os.Stderr
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	_, url, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		return nil, errors.Join(fmt.Errorf("conduit serve says %q", line), err, c.Process.Kill(), c.Wait())
	}
	return &gateway{url: url, process: c, dir: dir}, nil
}

// stop has the gateway end, as it does by itself after a signal.
func (g *gateway) stop() error {
	if err := g.process.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return g.process.Wait()
}

func measure(g *gateway, length time.Duration) error {
	if err := warm(g); err != nil {
		return err
	}
	descriptors, err := g.descriptors()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	done := make(chan result, 1)
	go func() { done <- load(ctx, g) }()
	time.Sleep(length / 3)
	early, err := g.resident()
	if err != nil {
		return err
	}
	r := <-done
	late, err := g.resident()
	if err != nil {
		return err
	}
	left, err := g.settled(descriptors + leftTarget)
	if err != nil {
		return err
	}
	fmt.Printf("gateway: %d calls in %s over %d connections: %.0f a second; median %s, 99 %% %s, longest %s\n",
		r.calls, length, connections, float64(r.calls)/length.Seconds(), r.percentile(50), r.percentile(99), r.percentile(100))
	return errors.Join(
		target("failed calls", fmt.Sprint(r.failed), "0", r.failed == 0 && r.calls > 0),
		target("resident memory, after a third of the time and at the end", fmt.Sprintf("%.1f and %.1f MiB", float64(early)/(1<<20), float64(late)/(1<<20)), fmt.Sprintf("at most %d MiB more", growthTarget>>20), late-early <= growthTarget),
		target("descriptors, before and after", fmt.Sprintf("%d and %d", descriptors, left), fmt.Sprintf("at most %d more", leftTarget), left <= descriptors+leftTarget),
	)
}

// target prints how a figure stands to its target, and fails where it is missed.
func target(name, got, want string, met bool) error {
	fmt.Printf("gateway: %s: %s, target %s\n", name, got, want)
	if !met {
		return fmt.Errorf("%s: %s misses the target of %s", name, got, want)
	}
	return nil
}
