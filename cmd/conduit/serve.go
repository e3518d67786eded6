package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/docker/go-units"
	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/exec/secret"
	"github.com/MediaConduit/conduit/gateway"
	"github.com/MediaConduit/conduit/gateway/jobs"
	"github.com/MediaConduit/conduit/gateway/telemetry"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/manners"
)

// serveFlags are the flags of serve.
type serveFlags struct {
	listen, token, tokenFile, webhookSecret, maxBody, storage string
	idle                                                      time.Duration
	watch                                                     bool
	gateway                                                   gateway.Options
}

func (a *app) serveCommand() *cobra.Command {
	f := serveFlags{gateway: gateway.Options{Jobs: jobs.Options{Workers: 8, Waiting: 10_000}}.Defaults()}
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve the project's providers over HTTP: calls, jobs, OpenAI's API",
		Long: `Serve everything in the lock over HTTP, until an interrupt (Ctrl-C, SIGTERM): then calls that run may end, and jobs that wait
stay for the next time. Jobs that were accepted survive the end of this process, however that comes.

Without a token, only loopback addresses are served. References to secrets are those of conduit.toml: env:NAME, file:PATH,
cmd:PROGRAM. The log goes to standard error. The API is described by docs/gateway.md and by GET /openapi.json.`,
		Example: "  conduit serve\n  conduit serve --listen 127.0.0.1:0 --json\n  conduit serve --listen 0.0.0.0:8420 --token-file token",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.serve(cmd.Context(), f) },
	}
	g := &f.gateway
	flags := c.Flags()
	flags.StringVar(&f.listen, "listen", "127.0.0.1:8420", "address; port 0 takes a free one")
	flags.StringVar(&f.token, "token", "", "reference to the token that requests must have; a line each for several")
	flags.StringVar(&f.tokenFile, "token-file", "", "file with the token: short for --token file:PATH")
	flags.StringSliceVar(&g.Names, "allow-host", nil, "a further name by which a gateway on a loopback address may be called")
	flags.StringSliceVar(&g.Origins, "cors", nil, "origin whose pages may call, such as https://example.com")
	flags.StringVar(&g.Public, "public-url", "", "address by which clients reach the gateway, for links in answers")
	flags.StringVar(&f.maxBody, "max-body", "256MiB", "size of a request")
	flags.DurationVar(&g.Timeout, "timeout", g.Timeout, "time of a call, and for a request to arrive")
	flags.IntVar(&g.Concurrency, "concurrency", g.Concurrency, "calls at once; further ones get 429")
	flags.IntVar(&g.Connections, "connections", g.Connections, "connections at once; further ones wait")
	flags.DurationVar(&g.Drain, "drain", g.Drain, "time for calls to end after an interrupt")
	flags.DurationVar(&f.idle, "idle", 10*time.Minute, "time without a call after which a provider is stopped; 0 for never")
	flags.BoolVar(&f.watch, "watch", false, "lock and build a provider of a folder anew when that changes, and go on with it")
	flags.IntVar(&g.Jobs.Workers, "jobs", g.Jobs.Workers, "jobs that run at once")
	flags.IntVar(&g.Jobs.Waiting, "queue", g.Jobs.Waiting, "jobs that may wait; further ones get 429")
	flags.DurationVar(&g.Keep, "keep", g.Keep, "time for which results are kept")
	flags.StringVar(&f.storage, "storage", "10GiB", "size of all results that are kept; the oldest go first")
	flags.StringVar(&g.Dir, "data", "", "folder of jobs and results")
	flags.StringVar(&f.webhookSecret, "webhook-secret", "", "reference to the secret that webhooks are signed with; without it there are none")
	flags.StringSliceVar(&g.Jobs.Webhooks.Allow, "webhook-allow", nil, "host or network that webhooks may go to besides public addresses over https")
	return c
}

// serve runs the gateway.
func (a *app) serve(ctx context.Context, f serveFlags) (err error) {
	pace.Stay()
	if err := a.serveOptions(ctx, &f); err != nil {
		return err
	}
	// The project opens with the usual display; from then on the log has the terminal.
	p, err := a.open(a.context(ctx))
	a.finish()
	if err != nil {
		return err
	}
	logged := report.To(ctx, func(e report.Event) { logEvent(f.gateway.Log, e) })
	if f.gateway.Dir == "" {
		if f.gateway.Dir, err = gateway.Folder(p.Dir()); err != nil {
			return err
		}
	}
	host, err := p.Host(context.WithoutCancel(logged), project.HostOptions{Idle: f.idle, Watch: f.watch})
	if err != nil {
		return err
	}
	defer func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(logged), f.gateway.Drain)
		defer cancel()
		err = errors.Join(err, host.Close(limit))
	}()
	traces, shut, err := telemetry.OpenTraces(logged, manners.Version())
	if err != nil {
		return err
	}
	defer func() {
		limit, cancel := context.WithTimeout(context.WithoutCancel(logged), 5*time.Second)
		defer cancel()
		if lost := shut(limit); lost != nil {
			f.gateway.Log.Warn("traces were lost", "why", lost.Error())
		}
	}()
	f.gateway.Host, f.gateway.Services, f.gateway.Traces = host, p.Status, traces
	g, err := gateway.Open(logged, f.gateway)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Close()) }()
	l, err := a.listen(ctx, "conduit serve", f.listen, f.gateway.Tokens, "")
	if err != nil {
		return err
	}
	return g.Serve(logged, l)
}

// serveOptions completes the options by what flags say in words.
func (a *app) serveOptions(ctx context.Context, f *serveFlags) (err error) {
	for flag, number := range map[string]int{"concurrency": f.gateway.Concurrency, "connections": f.gateway.Connections, "jobs": f.gateway.Jobs.Workers, "queue": f.gateway.Jobs.Waiting} {
		if number < 1 {
			return usage(fmt.Sprintf("--%s %d means nothing", flag, number), "--"+flag+" 8")
		}
	}
	for flag, time := range map[string]time.Duration{"timeout": f.gateway.Timeout, "drain": f.gateway.Drain, "keep": f.gateway.Keep} {
		if time <= 0 {
			return usage(fmt.Sprintf("--%s %s means nothing", flag, time), "--"+flag+" 30s")
		}
	}
	for _, size := range []struct {
		flag, text string
		to         *int64
	}{{"max-body", f.maxBody, &f.gateway.MaxBody}, {"storage", f.storage, &f.gateway.Storage}} {
		if *size.to, err = units.RAMInBytes(size.text); err != nil || *size.to < 1 {
			return usage("--"+size.flag+" "+size.text+" is no size", "--"+size.flag+" 256MiB")
		}
	}
	if f.gateway.Tokens, err = tokens(ctx, f.token, f.tokenFile); err != nil {
		return err
	}
	f.gateway.Jobs.Webhooks.Secret, err = reference(ctx, "--webhook-secret", f.webhookSecret)
	f.gateway.Log = a.logger()
	return err
}

// tokens are what --token refers to, or what --token-file holds.
func tokens(ctx context.Context, token, file string) ([]string, error) {
	if file != "" {
		if token != "" {
			return nil, usage("--token and --token-file say the same", "leave out one of them")
		}
		token = "file:" + file
	}
	found, err := reference(ctx, "--token", token)
	if err != nil {
		return nil, err
	}
	out := strings.Fields(found)
	return out, gateway.CheckTokens(out)
}

// reference follows a reference to a secret; "" is none. A secret itself would be in the list of processes.
func reference(ctx context.Context, flag, text string) (string, error) {
	if text == "" {
		return "", nil
	}
	if !slices.ContainsFunc([]string{"env:", "file:", "cmd:"}, func(kind string) bool { return strings.HasPrefix(text, kind) }) {
		return "", usage(flag+" is to refer to a secret: everybody on this machine can see the command line", flag+" env:NAME    or file:PATH, or cmd:PROGRAM")
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", &report.Error{What: "cannot tell the working folder", Err: err}
	}
	found, _, err := secret.Resolver{Dir: dir, Lookup: os.LookupEnv}.Resolve(ctx, flag, map[string]any{"value": text})
	var told *report.Error
	if errors.As(err, &told) { // in conduit.toml a text that only looks like a reference has a way to be written, here it has none
		told.Next, _, _ = strings.Cut(told.Next, "\nor write the text as")
	}
	if err != nil {
		return "", err
	}
	value, _ := found["value"].(string)
	return value, nil
}

// logger writes to standard error: lines of JSON under --json, else of text.
func (a *app) logger() *slog.Logger {
	level := slog.LevelInfo
	switch {
	case a.verbose:
		level = slog.LevelDebug
	case a.quiet:
		level = slog.LevelWarn
	}
	opts := &slog.HandlerOptions{Level: level}
	if a.json {
		return slog.New(slog.NewJSONHandler(a.stderr, opts))
	}
	return slog.New(slog.NewTextHandler(a.stderr, opts))
}

// logEvent writes what a library reports into the log.
func logEvent(to *slog.Logger, e report.Event) {
	level := slog.LevelDebug
	switch e.Type {
	case report.Warning:
		level = slog.LevelWarn
	case report.Info:
		level = slog.LevelInfo
	}
	to.Log(context.Background(), level, string(e.Type), "step", e.Step, "subject", e.Subject, "message", e.Message, "where", e.Where)
}
