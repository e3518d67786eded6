package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Make this folder a project: write conduit.toml",
		Args:  noArgs,
		RunE: func(*cobra.Command, []string) error {
			path, err := project.Init(a.dir)
			if err != nil {
				return err
			}
			if a.json {
				a.printJSON(map[string]any{"result": map[string]string{"path": path}})
			} else if !a.quiet {
				fmt.Fprintf(a.stderr, "wrote %s\nnext: conduit get github:OWNER/REPO\n", path)
			}
			return nil
		},
	}
}

func (a *app) getCommand() *cobra.Command {
	var opts project.GetOptions
	c := &cobra.Command{
		Use:   "get SOURCE[@QUERY]...",
		Short: "Add or change providers and services",
		Long: `Add or change providers and services: find their versions, lock, fetch, verify and build them.

SOURCE is github:OWNER/REPO[//DIR], git:HOST/PATH, npm:NAME, file:PATH or an alias of conduit.toml.
QUERY is a version (v1, v1.2, v1.2.3), a range (^1.2), latest, upgrade, patch, a branch, a tag, a commit,
or none to remove the requirement.`,
		Example: "  conduit get github:MediaConduit/cowsay-provider@v1\n  conduit get npm:@acme/whisper-provider@^2 file:./providers/mine",
		Args:    args(cobra.MinimumNArgs(1)),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, sources []string) (gotten, error) {
			got, changes, err := p.Get(ctx, sources, opts)
			return gotten{got, orEmpty(changes)}, err
		}, func(r gotten) error {
			for _, g := range r.Got {
				switch {
				case a.quiet:
				case g.Removed:
					fmt.Fprintf(a.stderr, "removed %s\n", g.Name)
				case g.Version == "":
					fmt.Fprintf(a.stderr, "%s %s is %s\n", g.Kind, g.Name, g.Source)
				case g.Range == g.Version:
					fmt.Fprintf(a.stderr, "%s %s is %s %s\n", g.Kind, g.Name, g.Source, g.Version)
				default:
					fmt.Fprintf(a.stderr, "%s %s is %s %s (%s)\n", g.Kind, g.Name, g.Source, g.Version, g.Range)
				}
			}
			a.printChanges(r.Changes)
			return nil
		}),
	}
	c.Flags().StringVar(&opts.Name, "as", "", "the name in conduit.toml")
	a.acceptFlag(c)
	return c
}

// gotten is the result of get.
type gotten struct {
	Got     []project.Got     `json:"got"`
	Changes []lockfile.Change `json:"changes"`
}

func (a *app) removeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "remove NAME...",
		Short: "Remove providers and services",
		Args:  args(cobra.MinimumNArgs(1)),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, names []string) (changed, error) {
			changes, err := p.Remove(ctx, names)
			return changed{orEmpty(changes)}, err
		}, a.printChanged),
	}
	a.acceptFlag(c)
	return c
}

func (a *app) lockCommand() *cobra.Command {
	var check, diff bool
	c := &cobra.Command{
		Use:   "lock",
		Short: "Resolve conduit.toml and write conduit.lock",
		Long: `Resolve conduit.toml and write conduit.lock. What the lock holds stays where conduit.toml still allows it.
Conflict markers of a merge in conduit.lock are resolved: both sides' versions count.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := a.context(cmd.Context())
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			switch {
			case check && diff:
				return a.lockDiff(ctx, p)
			case diff:
				return &report.Error{Kind: report.Usage, What: "--diff goes with --check", Next: "conduit lock --check --diff"}
			case !check:
				changes, err := p.Lock(ctx)
				a.finish()
				if err != nil {
					return err
				}
				return a.print(changed{orEmpty(changes)}, func() error { return a.printChanged(changed{changes}) })
			}
			if err := p.CheckLock(ctx); err != nil {
				return err
			}
			return a.upToDate()
		},
	}
	c.Flags().BoolVar(&check, "check", false, "only tell whether conduit.lock is up to date (exit 3 if not); write nothing")
	a.acceptFlag(c)
	c.Flags().BoolVar(&diff, "diff", false, "with --check: show what locking would change")
	return c
}

// lockDiff prints what locking would change, and fails as lock --check does where that is something.
func (a *app) lockDiff(ctx context.Context, p *project.Project) error {
	stale, changes, err := p.LockDiff(ctx)
	a.finish()
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(map[string]any{"result": map[string]any{"changes": orEmpty(changes)}})
	} else {
		for _, c := range changes {
			fmt.Fprintln(a.stdout, printable(c.String()))
		}
	}
	if len(stale) == 0 && len(changes) > 0 {
		return &report.Error{Kind: report.Lock, What: "conduit.lock is not what locking would write", Next: "conduit lock"}
	}
	if len(stale) > 0 {
		return lockfile.StaleError(stale)
	}
	if err := p.CheckLock(ctx); err != nil || a.json {
		return err
	}
	return a.upToDate()
}

// upToDate is the result of a check that found nothing.
func (a *app) upToDate() error {
	return a.print(map[string]bool{"upToDate": true}, func() error { return a.say("conduit.lock is up to date") })
}

func (a *app) syncCommand() *cobra.Command {
	var opts project.SyncOptions
	c := &cobra.Command{
		Use:   "sync",
		Short: "Fetch, verify and build what conduit.lock names",
		Args:  noArgs,
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) (changed, error) {
			changes, err := p.Sync(ctx, opts)
			return changed{orEmpty(changes)}, err
		}, a.printChanged),
	}
	c.Flags().BoolVar(&opts.Locked, "locked", false, "exactly the lock, or fail: never write conduit.lock")
	return c
}

func (a *app) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "List providers, services and the toolchain with their locked versions",
		Args:    noArgs,
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) ([]project.Item, error) {
			return p.List(ctx)
		}, func(items []project.Item) error {
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			fmt.Fprintln(w, "NAME\tKIND\tVERSION\tSOURCE\tLIBRARIES\tSYNCED")
			for _, it := range items {
				version := it.Version
				if version == "" {
					version = "-"
				}
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\n", it.Name, it.Kind, version, printable(it.Source), it.Libraries, yes(it.Synced))
				if a.verbose {
					for _, r := range it.Requires {
						fmt.Fprintf(w, "  requires %s\n", printable(r))
					}
					for _, pair := range [][2]string{{"commit", it.Commit}, {"sum", it.Sum}, {"signer", printable(it.Signer)}, {"artifact", it.Artifact}, {"in place of", it.Replaces},
						{"platforms", strings.Join(it.Platforms, ", ")}} {
						if pair[1] != "" {
							fmt.Fprintf(w, "  %s %s\n", pair[0], pair[1])
						}
					}
					printPermissions(w, it.Permits)
					printOutside(w, it.Outside)
				}
			}
			return w.Flush()
		}),
	}
}

// printPermissions says what a provider may reach, and who says so.
func printPermissions(w io.Writer, list []project.Granted) {
	for _, g := range list {
		what := strings.Join(g.Allowed, ", ")
		switch {
		case g.Any:
			what = "any"
		case len(g.Allowed) == 0:
			what = "none"
		}
		fmt.Fprintf(w, "  permits %s: %s (%s)\n", g.Key, printable(what), g.From)
	}
}

// printOutside names the libraries that a provider's bundle does not hold, and why. What is outside only because one of
// them uses it is counted.
func printOutside(w io.Writer, list []build.External) {
	used := 0
	for _, e := range list {
		if !e.Direct() {
			used++
			continue
		}
		text := "  beside the bundle " + e.ID + ": " + e.Why
		if e.Where != "" {
			text += " (" + e.Where + ")"
		}
		fmt.Fprintln(w, printable(text))
	}
	if used > 0 {
		fmt.Fprintf(w, "  and %s that these use\n", count(used, "library", "libraries"))
	}
}

func (a *app) verifyCommand() *cobra.Command {
	var opts project.VerifyOptions
	c := &cobra.Command{
		Use:   "verify",
		Short: "Compare every cached byte that the lock names with the lock",
		Args:  noArgs,
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) (project.Verified, error) {
			return p.Verify(ctx, opts)
		}, func(v project.Verified) error {
			text := fmt.Sprintf("verified %s, %s, %s, %s", count(v.Modules, "module", "modules"), count(v.Libraries, "library", "libraries"),
				count(v.Artifacts, "artifact", "artifacts"), count(v.Tools, "tool", "tools"))
			text += images(v.Images)
			if v.Signed > 0 {
				text += ", " + count(v.Signed, "signature", "signatures")
			}
			if opts.Deep {
				text += fmt.Sprintf(", and all %d entries of the cache", v.Entries)
			}
			return a.say(text)
		}),
	}
	c.Flags().BoolVar(&opts.Deep, "deep", false, "the whole cache, and what is inside the tarballs")
	return c
}

// changed is the result of a command that may have changed the lock.
type changed struct {
	Changes []lockfile.Change `json:"changes"`
}

func (a *app) printChanged(r changed) error {
	a.printChanges(r.Changes)
	return nil
}

func (a *app) printChanges(changes []lockfile.Change) {
	if a.quiet {
		return
	}
	libraries := 0
	for _, c := range changes {
		if c.Kind == "library" && !a.verbose {
			libraries++
			continue
		}
		fmt.Fprintln(a.stderr, printable(c.String()))
		for _, line := range permissionLines(c.Permissions) {
			fmt.Fprintln(a.stderr, "  "+line)
		}
	}
	if libraries > 0 {
		fmt.Fprintf(a.stderr, "%s changed (-v shows them)\n", count(libraries, "library", "libraries"))
	}
}

// permissionLines are how what a provider declares differs, a line each: what is gone, then what is new.
func permissionLines(d *permission.Diff) (out []string) {
	if d == nil {
		return nil
	}
	for _, line := range d.Removed {
		out = append(out, printable("- permission "+line))
	}
	for _, line := range d.Added {
		out = append(out, printable("+ permission "+line))
	}
	return out
}

// say prints a sentence about what was done, for people.
func (a *app) say(text string) error {
	a.finish()
	if a.json {
		a.printJSON(map[string]any{"result": text})
	} else if !a.quiet {
		fmt.Fprintln(a.stderr, text)
	}
	return nil
}

// count is a number of things in words.
func count(n int, one, several string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", several)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// orEmpty is list as JSON shows an empty one: [] and not null.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
