package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/mcp"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// mcpFlags are the flags of mcp serve.
type mcpFlags struct {
	listen, token, tokenFile string
	timeout, idle, drain     time.Duration
}

func (a *app) mcpCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "mcp",
		Short: "Offer the project's models as tools of the Model Context Protocol",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var f mcpFlags
	serve := &cobra.Command{
		Use:   "serve",
		Short: "Serve a client over standard input and output, or clients over HTTP",
		Long: `Serve every model of the project as a tool, until the client ends or an interrupt (Ctrl-C, SIGTERM). Standard output carries the
protocol only; what is to be told to you goes to standard error. docs/mcp.md shows how clients are configured.

With --listen, serve clients over streamable HTTP. Without a token, only loopback addresses are served. References to secrets are
those of conduit.toml: env:NAME, file:PATH, cmd:PROGRAM. Clients cannot name files of this machine then.`,
		Example: "  conduit mcp serve\n  conduit -C /path/of/the/project mcp serve\n  conduit mcp serve --listen 127.0.0.1:8421",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serveMCP(cmd.Context(), f) },
	}
	flags := serve.Flags()
	flags.StringVar(&f.listen, "listen", "", "serve over HTTP on this address; port 0 takes a free one")
	flags.StringVar(&f.token, "token", "", "reference to the token that requests must have; a line each for several")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the token: short for --token file:PATH")
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time of a call")
	flags.DurationVar(&f.idle, "idle", 10*time.Minute, "time without a call after which a provider is stopped; 0 for never")
	flags.DurationVar(&f.drain, "drain", 30*time.Second, "time for calls over HTTP to end after an interrupt")
	c.AddCommand(serve)
	return c
}

func (a *app) serveMCP(ctx context.Context, f mcpFlags) (err error) {
	if f.timeout <= 0 {
		return usage("--timeout "+f.timeout.String()+" means nothing", "--timeout 30s")
	}
	if f.drain <= 0 {
		return usage("--drain "+f.drain.String()+" means nothing", "--drain 30s")
	}
	if f.listen == "" {
		if f.token != "" || f.tokenFile != "" {
			return usage("a token is for clients over HTTP", "conduit mcp serve --listen 127.0.0.1:8421 --token …    or leave it out")
		}
		if a.json {
			return usage("--json means nothing here: standard output carries the protocol, which is JSON", "leave it out")
		}
	}
	allowed, err := tokens(ctx, f.token, f.tokenFile)
	if err != nil {
		return err
	}
	pace.Stay()
	// The project opens with the usual display; from then on the log has the terminal.
	p, err := a.open(a.context(ctx))
	a.finish()
	if err != nil {
		return err
	}
	log := a.logger()
	ctx = report.To(ctx, func(e report.Event) { logEvent(log, e) })
	host, err := p.Host(context.WithoutCancel(ctx), project.HostOptions{Idle: f.idle})
	if err != nil {
		return err
	}
	defer func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, host.Close(limit))
	}()
	server, err := mcp.New(mcp.Options{Host: host, Version: manners.Version(), Timeout: f.timeout, Files: f.listen == "", Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if f.listen == "" {
		return server.ServeStream(ctx, io.NopCloser(a.stdin), a.stdout)
	}
	l, err := a.listen(ctx, "conduit mcp serve", f.listen, allowed, mcp.Path)
	if err != nil {
		return err
	}
	return server.ServeHTTP(ctx, l, mcp.HTTPOptions{Allowed: mcp.Tokens(allowed), Drain: f.drain})
}
