package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify/sumdb"
)

func (a *app) mirrorCommand() *cobra.Command {
	var opts project.ImageOptions
	c := &cobra.Command{
		Use:   "mirror DIR",
		Short: "Add everything that a sync fetches to a mirror, and serve one",
		Long: `Add everything that a sync of this lock fetches, on any platform, to a mirror: a folder that any web server or CDN can serve, and
that is a mirror itself (file:///FOLDER). DIR is made where it does not exist; what a mirror has already stays, so that
many projects can share one. Of the images of services it has those that the lock pins.

A mirror is asked where CONDUIT_PROXY names it:

  CONDUIT_PROXY=https://mirror.example.com,direct

Every byte is compared with conduit.lock. docs/mirror.md is the handbook.`,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			ctx := a.context(cmd.Context())
			dir, err := filepath.Abs(given[0])
			if err != nil {
				return err
			}
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			out, err := p.Mirror(ctx, dir, opts)
			a.finish()
			if err != nil {
				return err
			}
			return a.print(out, func() error {
				return a.say(fmt.Sprintf("%s has %s, %s%s and %s of this lock; %s written", out.Dir, count(out.Commits, "commit", "commits"),
					count(out.Packages, "package", "packages"), images(out.Images), count(out.Tarballs, "tarball", "tarballs"), count(out.Written, "file", "files")))
			})
		},
	}
	imageFlags(c, &opts, strings.Join(project.EnginePlatforms, ", "))
	c.AddCommand(a.mirrorServeCommand())
	return c
}

func (a *app) mirrorServeCommand() *cobra.Command {
	var listen, token, tokenFile string
	c := &cobra.Command{
		Use:   "serve DIR",
		Short: "Serve a mirror over HTTP",
		Long: `Serve a mirror over HTTP, until an interrupt. Without a token, only loopback addresses are served; clients send it as a bearer token
or as the password of any user, which .netrc or the address in CONDUIT_PROXY may hold. There is no TLS: clients take addresses without
it on their own machine only, so put a proxy that has it in front for others.`,
		Example: "  conduit mirror serve /srv/mirror\n  conduit mirror serve /srv/mirror --listen 127.0.0.1:8430 --token-file token",
		Args:    args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			admitted, err := tokens(cmd.Context(), token, tokenFile)
			if err != nil {
				return err
			}
			return a.serveMirror(cmd.Context(), given[0], listen, admitted)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8430", "address; port 0 takes a free one")
	c.Flags().StringVar(&token, "token", "", "reference to the token that requests must have; a line each for several")
	c.Flags().StringVar(&tokenFile, "token-file", "", "file with the token: short for --token file:PATH")
	return c
}

func (a *app) serveMirror(ctx context.Context, dir, listen string, tokens []string) error {
	pace.Stay()
	if _, err := os.Stat(filepath.Join(dir, mirror.MarkFile)); err != nil {
		return &report.Error{Kind: report.Usage, What: "the folder is no mirror", Where: dir, Why: "it has no " + mirror.MarkFile, Next: "conduit mirror " + dir + "    in a project makes it one"}
	}
	root, err := os.OpenRoot(dir) // links do not lead out of it
	if err != nil {
		return &report.Error{What: "cannot open the mirror", Where: dir, Err: err, Next: "make the folder readable"}
	}
	defer root.Close()
	return a.serveHandler(ctx, "conduit mirror serve "+dir, listen, tokens, mirror.Handler(root.FS(), tokens))
}

// networkVariables are the variables that say whom conduit asks, as conduit env shows them: without logins.
func networkVariables() ([][2]string, error) {
	route, err := project.Route()
	if err != nil {
		return nil, err
	}
	log, err := logName()
	if err != nil {
		return nil, err
	}
	return [][2]string{
		{mirror.EnvProxy, route.String()},
		{mirror.EnvNoProxy, os.Getenv(mirror.EnvNoProxy)},
		{mirror.EnvPrivate, os.Getenv(mirror.EnvPrivate)},
		{sumdb.Env, log},
		{project.EnvNoSumDB, os.Getenv(project.EnvNoSumDB)},
	}, nil
}
