package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) updateCommand() *cobra.Command {
	var opts project.UpdateOptions
	var patch, minor, major bool
	c := &cobra.Command{
		Use:   "update [NAME...]",
		Short: "Move locked versions to the highest that conduit.toml allows",
		Long: `Move locked versions to the highest that the ranges of conduit.toml and of the packages allow, and show
what changes: versions, and what the new ones declare beyond the old (capabilities, services, environment, hosts, permissions).

NAME is a name in conduit.toml, a service's name, a source, or "node" for the Node.js of [toolchain]; without one,
everything is updated. The range of Node.js is rewritten only by "conduit update node --major".
A version or commit that conduit.toml names exactly stays. What comes from a branch moves only where conduit.toml
names the branch (@main) or no version at all.
--libraries chooses the npm libraries of the providers anew, as of now, and leaves the providers themselves where they
are unless --patch, --minor or --major is there too.`,
		Example: "  conduit update\n  conduit update cowsay --patch\n  conduit update --major --dry-run\n  conduit update cowsay --libraries\n  conduit update node",
		RunE: func(cmd *cobra.Command, names []string) error {
			var err error
			if opts.Level, err = level(patch, minor, major); err != nil {
				return err
			}
			opts.Names = names
			return inProject(a, func(ctx context.Context, p *project.Project, _ []string) (project.Updated, error) {
				out, err := p.Update(ctx, opts)
				out.Moves, out.Ranges, out.Notes, out.Changes = orEmpty(out.Moves), orEmpty(out.Ranges), orEmpty(out.Notes), orEmpty(out.Changes)
				return out, err
			}, func(out project.Updated) error { return a.printUpdate(out, opts.DryRun) })(cmd, names)
		},
	}
	flags := c.Flags()
	flags.BoolVar(&patch, "patch", false, "stay within the minor version")
	flags.BoolVar(&minor, "minor", false, "stay within the major version")
	flags.BoolVar(&major, "major", false, "go to the newest release; ranges in conduit.toml that do not allow it are rewritten")
	flags.BoolVar(&opts.Libraries, "libraries", false, "choose the libraries of providers anew, as of now")
	a.acceptFlag(c)
	flags.BoolVar(&opts.DryRun, "dry-run", false, "only show what would change")
	return c
}

func level(patch, minor, major bool) (project.Level, error) {
	out, given := project.Highest, 0
	for _, l := range []struct {
		set   bool
		level project.Level
	}{{patch, project.Patch}, {minor, project.Minor}, {major, project.Major}} {
		if l.set {
			out = l.level
			given++
		}
	}
	if given > 1 {
		return out, &report.Error{Kind: report.Usage, What: "--patch, --minor and --major exclude each other", Next: "conduit update --help"}
	}
	return out, nil
}

// printUpdate prints the table of moves on standard output, and what else there is to say on standard error.
func (a *app) printUpdate(out project.Updated, dry bool) error {
	if len(out.Moves) > 0 {
		w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "NAME\tKIND\tOLD\tNEW\tBETWEEN")
		for _, m := range out.Moves {
			between := m.Commits
			if len(m.Releases) > 1 {
				between = fmt.Sprintf("%d releases", len(m.Releases))
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", printable(m.Name), m.Kind, cmp.Or(m.Old, "-"), cmp.Or(m.New, "-"), cmp.Or(between, "-"))
		}
		if err := w.Flush(); err != nil {
			return err
		}
	}
	for _, m := range out.Moves {
		a.printGains(m)
	}
	if a.quiet {
		return nil
	}
	for _, r := range out.Ranges {
		fmt.Fprintf(a.stderr, "conduit.toml: %s %s\n", r.Name, r.Range)
	}
	for _, note := range out.Notes {
		fmt.Fprintln(a.stderr, printable(note))
	}
	libraries := 0
	for _, c := range out.Changes {
		switch {
		case c.Kind == "library" && !a.verbose:
			libraries++
		case c.Kind == "library" || c.Op == lockfile.Changed:
			fmt.Fprintln(a.stderr, printable(c.String()))
			for _, line := range permissionLines(c.Permissions) {
				fmt.Fprintln(a.stderr, "  "+line)
			}
		}
	}
	if libraries > 0 {
		fmt.Fprintf(a.stderr, "%s changed (-v shows them)\n", count(libraries, "library", "libraries"))
	}
	switch {
	case len(out.Changes) == 0 && len(out.Ranges) == 0:
		fmt.Fprintln(a.stderr, "nothing to update")
	case dry:
		fmt.Fprintln(a.stderr, "nothing was written (--dry-run)")
	}
	return nil
}

// printGains prints what the new version of a module declares beyond the old one.
func (a *app) printGains(m project.Move) {
	for _, g := range []struct {
		what string
		list []string
	}{{"capability", m.Gains.Capabilities}, {"requires", m.Gains.Requires}, {"environment", m.Gains.Environment}, {"host", m.Gains.Hosts}} {
		for _, text := range g.list {
			fmt.Fprintf(a.stdout, "%s: + %s %s\n", printable(m.Name), g.what, printable(text))
		}
	}
	for _, line := range permissionLines(m.Permissions) {
		fmt.Fprintf(a.stdout, "%s: %s\n", printable(m.Name), line)
	}
}

func (a *app) outdatedCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "outdated",
		Short: "List what has newer versions",
		Long: `List the locked providers and services, and the Node.js of [toolchain], whose source has something newer. ALLOWED is where conduit update would take
them as far as the ranges go, NEWEST what there is; conduit update --major rewrites ranges. It changes nothing.`,
		Args: noArgs,
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) ([]project.Outdated, error) {
			return p.Outdated(ctx)
		}, func(list []project.Outdated) error {
			if len(list) == 0 {
				return a.say("everything is up to date")
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tKIND\tLOCKED\tALLOWED\tNEWEST\tSOURCE")
			for _, o := range list {
				allowed := o.Allowed
				if o.Pinned {
					allowed = "(pinned)"
				}
				fmt.Fprintln(w, strings.Join([]string{printable(o.Name), o.Kind, o.Locked, allowed, o.Newest, printable(o.Source)}, "\t"))
			}
			return w.Flush()
		}),
	}
}

func (a *app) tidyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "tidy",
		Short: "Take out of conduit.toml and conduit.lock what has no effect",
		Long: `Take out of conduit.toml what has no effect, and lock again:
  [services] entries without settings, bound or name of their own that a package requires anyway
  [replace] and [exclude] entries for what nothing requires
Locked versions stay.`,
		Args: noArgs,
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) (tidied, error) {
			dropped, changes, err := p.Tidy(ctx)
			return tidied{orEmpty(dropped), orEmpty(changes)}, err
		}, func(r tidied) error {
			for _, d := range r.Dropped {
				if !a.quiet {
					fmt.Fprintf(a.stderr, "conduit.toml: dropped %s from [%s]: %s\n", printable(d.Key), d.Table, printable(d.Why))
				}
			}
			a.printChanges(r.Changes)
			if len(r.Dropped) == 0 && len(r.Changes) == 0 {
				return a.say("nothing to tidy")
			}
			return nil
		}),
	}
	a.acceptFlag(c)
	return c
}

// tidied is the result of tidy.
type tidied struct {
	Dropped []project.Dropped `json:"dropped"`
	Changes []lockfile.Change `json:"changes"`
}
