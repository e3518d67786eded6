package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/mcp"
	"github.com/MediaConduit/conduit/project"
)

// mcpFlags are the flags of mcp serve.
type mcpFlags struct {
	timeout, idle time.Duration
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
		Short: "Serve a client over standard input and output",
		Long: `Serve every model of the project as a tool, until the client ends or an interrupt (Ctrl-C, SIGTERM). Standard output carries the
protocol only; what is to be told to you goes to standard error. docs/mcp.md shows how clients are configured.`,
		Example: "  conduit mcp serve\n  conduit -C /path/of/the/project mcp serve",
		Args:    args(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serveMCP(cmd.Context(), f) },
	}
	flags := serve.Flags()
	flags.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time of a call")
	flags.DurationVar(&f.idle, "idle", 10*time.Minute, "time without a call after which a provider is stopped; 0 for never")
	c.AddCommand(serve)
	return c
}

func (a *app) serveMCP(parent context.Context, f mcpFlags) (err error) {
	if f.timeout <= 0 {
		return usage("--timeout "+f.timeout.String()+" means nothing", "--timeout 30s")
	}
	if a.json {
		return usage("--json means nothing here: standard output carries the protocol, which is JSON", "leave it out")
	}
	pace.Stay()
	ctx := a.context(parent)
	p, err := a.open(ctx)
	if err != nil {
		return err
	}
	host, err := p.Host(context.WithoutCancel(ctx), project.HostOptions{Idle: f.idle})
	if err != nil {
		return err
	}
	defer func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		err = errors.Join(err, host.Close(limit))
	}()
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	server, err := mcp.New(mcp.Options{Host: host, Version: version(), Timeout: f.timeout, Files: true,
		Log: slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: level}))})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	return server.ServeStream(ctx, io.NopCloser(a.stdin), a.stdout)
}
