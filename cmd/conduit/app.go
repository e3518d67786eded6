package main

import (
	"context"
	"io"
	"os"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/report/journal"
	"github.com/spf13/cobra"
)

// app is what all commands share: the streams, the global flags and the progress display.
type app struct {
	stdin          io.Reader
	stdout, stderr *os.File

	dir      string // -C
	json     bool
	quiet    bool
	verbose  bool
	offline  bool
	accept   bool // --accept
	profile  string
	progress string
	color    string
	logs     bool // what services write is what the command is for

	noCommand error // help was asked for a command that does not exist
	lost      error // the result could not be written

	display display
	journal *journal.Log
}

// context returns ctx with the progress display attached.
func (a *app) context(ctx context.Context) context.Context {
	if a.display == nil {
		a.display = a.newDisplay()
	}
	return report.To(ctx, a.display.event)
}

// finish takes the progress display off the terminal, before anything else is printed.
func (a *app) finish() {
	if a.display != nil {
		a.display.close()
		a.display = nil
	}
}

// open opens the project of the working folder, or of -C.
func (a *app) open(ctx context.Context) (*project.Project, error) {
	opts, err := a.options()
	if err != nil {
		return nil, err
	}
	return a.openWith(ctx, opts)
}

func (a *app) openWith(ctx context.Context, opts project.Options) (*project.Project, error) {
	p, err := project.Open(ctx, opts)
	if err == nil {
		a.journal.In(p.Dir())
	}
	return p, err
}

func (a *app) options() (project.Options, error) {
	store, err := openCache()
	if err != nil {
		return project.Options{}, err
	}
	return project.Options{Dir: a.dir, Cache: store, Offline: a.offline, Profile: a.profile, Accept: a.accept}, nil
}

// inProject is a command's RunE: it opens the project, does what the command is for, and prints the result, as JSON under
// --json and else by text.
func inProject[T any](a *app, do func(context.Context, *project.Project, []string) (T, error), text func(T) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, given []string) error {
		ctx := a.context(cmd.Context())
		p, err := a.open(ctx)
		if err != nil {
			return err
		}
		result, err := do(ctx, p, given)
		a.finish()
		if err != nil {
			return err
		}
		return a.print(result, func() error { return text(result) })
	}
}

// print prints a command's result: as JSON under --json, else by text.
func (a *app) print(result any, text func() error) error {
	if a.json {
		a.printJSON(map[string]any{"result": result})
		return nil
	}
	return text()
}

// acceptFlag lets a command take in what a person has to agree to.
func (a *app) acceptFlag(c *cobra.Command) {
	c.Flags().BoolVar(&a.accept, "accept", false, "take in versions that somebody else signed than the ones before, or that declare that they need more of the machine")
}
