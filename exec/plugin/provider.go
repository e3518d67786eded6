package plugin

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/MediaConduit/conduit/exec/landlock"
	providerv1 "github.com/MediaConduit/conduit/exec/plugin/proto"
	"github.com/MediaConduit/conduit/report"
	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
)

const (
	handshakeTime = time.Minute     // for a process to say where it listens; Node takes 0.1 s on an idle machine
	graceTime     = 2 * time.Second // for a provider to end by itself after it was asked to
	maxSocketDir  = 60              // bytes; a unix socket's path is limited to about 104 and go-plugin adds to it
)

// Provider is a running provider. Its methods may be called concurrently.
type Provider struct {
	spec     Spec
	recorder *recorder
	client   *goplugin.Client
	process  *process
	rpc      providerv1.ProviderClient
	services Services

	refusals  atomic.Int64    // of the kernel, that it told of
	doubted   atomic.Bool     // somebody finds out whether it answers
	alive     context.Context // ends with the process or at Close
	end       context.CancelFunc
	closing   chan struct{} // closed when Close ends a process that had not ended by itself
	closeOnce sync.Once
	closed    chan struct{} // closed when the last trace of the process is gone
}

// Start starts a provider and loads it: when it returns, the provider's class has been constructed and its settings have
// been applied. services answers the provider's questions about its services; nil if it has none. The caller must Close the
// provider. ctx bounds the start only.
//
// Errors are [*report.Error]: Provider with the provider's own words where it cannot be loaded, Timeout and Interrupted
// for ctx. Nothing runs after an error.
func Start(ctx context.Context, spec Spec, services Services) (*Provider, error) {
	cmd, err := command(spec)
	if err != nil {
		return nil, err
	}
	if spec.Access != nil && !landlock.Supported().Files {
		spec.Access = nil // as on systems that have nothing of the kind
	}
	if spec.Access != nil && len(spec.Command) == 0 && spec.NodeVersion == "" {
		if cmd.Path, err = nodeProgram(ctx, spec, cmd.Path); err != nil {
			return nil, err
		}
	}
	early, late := split(spec.Env, len(spec.Command) > 0)
	open, line, err := newOpening(late)
	if err != nil {
		return nil, err // strings can be written as JSON
	}
	rec := &recorder{log: spec.Log, secrets: newRedactor(spec.Secrets)}
	p := &Provider{
		spec: spec, recorder: rec, services: services, process: newProcess(cmd, rec, line, spec.Memory),
		closing: make(chan struct{}), closed: make(chan struct{}),
	}
	p.alive, p.end = context.WithCancel(context.WithoutCancel(ctx))
	stdout, stderr := rec.stream(), rec.stream()
	go func() {
		<-p.closed
		_ = stdout.Close()
		_ = stderr.Close()
	}()
	p.client = goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          goplugin.PluginSet{pluginName: &contract{}},
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		SkipHostEnv:      true,
		StartTimeout:     handshakeTime,
		GRPCDialOptions:  []grpc.DialOption{grpc.WithPerRPCCredentials(open)},
		SyncStdout:       stdout,
		SyncStderr:       stderr,
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: socketParent(spec.Env)},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Debug, JSONFormat: true, Output: rec}),
		RunnerFunc: func(_ hclog.Logger, given *exec.Cmd, socketDir string) (runner.Runner, error) {
			p.process.folders = []string{socketDir} // go-plugin leaves it behind when the process cannot be started
			cmd.Env = append(append([]string(nil), early...), given.Env...)
			cmd.Env = append(cmd.Env, parentVariable+"="+strconv.Itoa(os.Getpid()), openingVariable+"=1")
			if p.process.watched {
				cmd.Env = append(cmd.Env, watchedVariable+"=1")
			}
			if spec.Access == nil {
				return p.process, nil
			}
			r, err := newReach(spec, cmd.Path, socketDir)
			if r != nil {
				cmd.Env = r.environment(cmd.Env)
				p.process.reach, p.process.folders = r, append(p.process.folders, r.calls)
			}
			return p.process, p.foldersError(err)
		},
	})
	if err := p.start(ctx); err != nil {
		p.kill()
		_ = p.Close()
		return nil, err
	}
	return p, nil
}

func (p *Provider) start(ctx context.Context) error {
	release := context.AfterFunc(ctx, p.kill)
	defer release()
	if err := ctx.Err(); err != nil {
		return p.contextError(ctx, "starting")
	}
	if _, err := p.client.Start(); err != nil {
		return p.startError(ctx, err)
	}
	conn, err := p.client.Client()
	if err != nil {
		return p.startError(ctx, err)
	}
	raw, err := conn.Dispense(pluginName)
	if err != nil {
		return p.startError(ctx, err)
	}
	p.rpc = raw.(providerv1.ProviderClient)
	go p.watch()
	go p.answer()
	return p.load(ctx)
}

// watch ends everything that belongs to the process when it has ended.
func (p *Provider) watch() {
	<-p.process.exited
	p.end()
}

// Exited is closed when the provider's process has ended, for whatever reason.
func (p *Provider) Exited() <-chan struct{} { return p.process.exited }

// Close asks the provider to end, and ends it and all that it started if it has not done so within two seconds. When it
// returns, no process and no file of it is left. It may be called several times, from several goroutines.
func (p *Provider) Close() error {
	p.closeOnce.Do(func() {
		select {
		case <-p.process.exited:
		default:
			close(p.closing)
		}
		// Kill asks the provider first, and waits for its answer as long as the process lives: that is what the timer ends.
		timer := time.AfterFunc(graceTime, p.kill)
		p.client.Kill()
		timer.Stop()
		p.end()
		if p.process.started() {
			p.kill()
			<-p.process.exited
		}
		for _, dir := range p.process.folders {
			_ = os.RemoveAll(dir)
		}
		close(p.closed)
	})
	<-p.closed
	return nil
}

// kill ends the process group at once.
func (p *Provider) kill() { _ = p.process.Kill(context.Background()) }

// command is the process to start, without its environment.
func command(spec Spec) (*exec.Cmd, error) {
	argv := spec.Command
	if len(argv) == 0 {
		node := spec.Node
		if node == "" {
			node = "node"
		}
		// The host links the artifact's module by itself, see load.ts; of the warnings the host makes records. Options of V8
		// would have it throw away the code that is compiled into Node.
		argv = []string{node, "--no-warnings", "--experimental-vm-modules"}
		if spec.Memory > 0 {
			argv = append(argv, "--max-old-space-size="+strconv.FormatInt(spec.Memory*heapShare/100>>20, 10))
		}
		argv = append(argv, spec.Host, filepath.Join(spec.Artifact, "provider.mjs"))
	}
	path, err := lookPath(argv[0], spec)
	if err != nil {
		if len(spec.Command) == 0 {
			return nil, nodeMissing(spec, argv[0], err)
		}
		return nil, &report.Error{
			Kind: report.Provider, Where: "provider " + spec.Name, What: "its program cannot be started", Err: err,
			Next: "check the command " + argv[0] + " that the provider's package declares",
		}
	}
	if spec.Dir != "" {
		if err := os.MkdirAll(spec.Dir, 0o700); err != nil {
			return nil, &report.Error{
				Kind: report.Failure, Where: "provider " + spec.Name, What: "its data folder cannot be made", Err: err,
				Next: "make " + spec.Dir + " writable",
			}
		}
	}
	// Not CommandContext: the process outlives the context of its start, and is always ended as a group.
	cmd := exec.Command(path, argv[1:]...)
	cmd.Dir = spec.Dir
	return cmd, nil
}

// lookPath finds an executable by the PATH that the provider gets: it may differ from conduit's own.
func lookPath(name string, spec Spec) (string, error) {
	if filepath.Base(name) != name {
		return exec.LookPath(name)
	}
	var path string
	for _, entry := range spec.Env {
		if value, ok := cutPrefixFold(entry, "PATH="); ok {
			path = value
		}
	}
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// cutPrefixFold is strings.CutPrefix, without regard to case where the names of variables have none.
func cutPrefixFold(entry, prefix string) (string, bool) {
	if len(entry) < len(prefix) {
		return "", false
	}
	if head := entry[:len(prefix)]; head != prefix && (runtime.GOOS != "windows" || !strings.EqualFold(head, prefix)) {
		return "", false
	}
	return entry[len(prefix):], true
}

// socketParent is where go-plugin makes its folder for the socket: the provider's TMPDIR unless its path is too long for a socket.
func socketParent(env []string) string {
	dir := os.TempDir()
	for _, entry := range env {
		if value, ok := cutPrefixFold(entry, "TMPDIR="); ok && value != "" {
			dir = value
		}
	}
	if _, err := os.Stat(dir); (err != nil || len(dir) > maxSocketDir) && runtime.GOOS != "windows" {
		return "/tmp"
	}
	return dir
}

var errGone = errors.New("the provider's process has ended")
