package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/flags"
	"github.com/docker/compose/v5/pkg/api"
	sdk "github.com/docker/compose/v5/pkg/compose"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// dockerDriver runs services with Docker Compose's own Go SDK.
type dockerDriver struct {
	state   string
	timeout time.Duration

	mu  sync.Mutex
	cli *command.DockerCli
}

var _ Driver = (*dockerDriver)(nil)

// pingTimeout bounds the wait for an engine that may be at the other end of a network.
const pingTimeout = 5 * time.Second

func (d *dockerDriver) Name() string { return Docker }

// connect returns the command line client that the compose SDK works through. It honours DOCKER_HOST, DOCKER_CONTEXT, the
// current docker context and the user's docker config, and has streams that go nowhere.
func (d *dockerDriver) connect(ctx context.Context) (*command.DockerCli, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cli != nil {
		return d.cli, nil
	}
	quiet()
	var said bytes.Buffer
	heard := &tap{to: &said}
	cli, err := command.NewDockerCli(
		command.WithBaseContext(context.WithoutCancel(ctx)),
		command.WithInputStream(io.NopCloser(strings.NewReader(""))),
		command.WithOutputStream(io.Discard),
		command.WithErrorStream(heard),
		command.WithUserAgent("conduit"),
	)
	if err == nil {
		err = cli.Initialize(flags.NewClientOptions())
	}
	if err != nil {
		return nil, unreachable("", err)
	}
	// The client is made on first use, and a failure to make it (an unknown context, a malformed address) ends the process
	// in Client(). DockerEndpoint() makes it too and only writes the failure to the error stream.
	said.Reset()
	endpoint := cli.DockerEndpoint().Host
	heard.close()
	if text := strings.TrimSpace(said.String()); text != "" || endpoint == "" {
		return nil, unreachable(cli.CurrentContext()+" "+endpoint, errors.New(text))
	}
	d.cli = cli
	return cli, nil
}

func (d *dockerDriver) close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cli == nil {
		return nil
	}
	err := d.cli.Client().Close()
	d.cli = nil
	return err
}

// Ping asks the engine whether it is there.
func (d *dockerDriver) Ping(ctx context.Context) error {
	_, err := d.engine(ctx)
	return err
}

// engine returns the client of an engine that answers.
func (d *dockerDriver) engine(ctx context.Context) (client.APIClient, error) {
	cli, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := cli.DockerEndpoint().Host
	pctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	// The API version is agreed on with the first ping.
	if _, err := cli.Client().Ping(pctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		if ctx.Err() != nil {
			return nil, failed(ctx, err, "asking the Docker engine", endpoint, startEngine)
		}
		return nil, unreachable(cli.CurrentContext()+" "+endpoint, err)
	}
	return cli.Client(), nil
}

// unreachable is the error for an engine that does not answer; tried is "CONTEXT ADDRESS".
func unreachable(tried string, err error) error {
	name, address, _ := strings.Cut(tried, " ")
	from := "docker context " + name
	if host := os.Getenv(client.EnvOverrideHost); host != "" {
		from = "DOCKER_HOST"
		if address == "" {
			address = host
		}
	}
	why := err.Error()
	switch {
	case address != "":
		why = fmt.Sprintf("tried %s (from %s): %s", address, from, why)
	case name != "":
		why = fmt.Sprintf("tried %s: %s", from, why)
	}
	return &report.Error{Kind: report.Service, What: "no Docker engine answers", Why: why, Next: startEngine, Err: fmt.Errorf("%w: %w", ErrNoEngine, err)}
}

// sdk returns compose's service. Its progress goes to events about name and its output, which only builds have, to out.
func (d *dockerDriver) sdk(ctx context.Context, name string, out io.Writer) (api.Compose, error) {
	cli, err := d.connect(ctx)
	if err != nil {
		return nil, err
	}
	return sdk.NewComposeService(cli,
		sdk.WithStreams(out, out, strings.NewReader("")),
		sdk.WithEventProcessor(&progress{ctx: ctx, name: name}),
		// Compose asks before it replaces a volume whose declaration has changed. Data is kept.
		sdk.WithPrompt(func(string, bool) (bool, error) { return false, nil }),
	)
}

// local tells whether the engine runs on this machine, where its 127.0.0.1 is ours.
func (d *dockerDriver) local() bool {
	host := d.cli.DockerEndpoint().Host
	for _, prefix := range []string{"unix://", "npipe://", "fd://", "tcp://127.0.0.1", "tcp://localhost", "tcp://[::1]"} {
		if strings.HasPrefix(host, prefix) {
			return true
		}
	}
	return false
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
