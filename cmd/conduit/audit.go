package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) auditCommand() *cobra.Command {
	var opts project.AuditOptions
	c := &cobra.Command{
		Use:   "audit",
		Short: "Ask what is known to be wrong with the libraries of the lock",
		Long: `Ask the npm registry for advisories about the libraries of the lock, and say who brings them in and what mends it. With
--database no advisory is asked for: a folder with files in the OSV format is read, such as the unpacked dump of OSV's
ecosystem npm; with --offline too, nothing at all is asked.

The exit code is 1 where something is found at the level or above.`,
		Example: "  conduit audit\n  conduit audit --level high --json\n  conduit audit --offline --database osv-npm",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, given []string) error {
			found := 0
			err := inProject(a, func(ctx context.Context, p *project.Project, _ []string) (project.Audit, error) {
				result, err := p.Audit(ctx, opts)
				found = len(result.Findings)
				return result, err
			}, a.printAudit)(cmd, given)
			if err == nil && found > 0 {
				err = &report.Error{What: "advisories are about libraries of this project: " + count(found, "finding", "findings"), Next: "mend what is listed, then type: conduit audit"}
			}
			return err
		},
	}
	c.Flags().StringVar(&opts.Level, "level", "low", "report from this severity on: low, moderate, high or critical")
	c.Flags().StringVar(&opts.Database, "database", "", "a folder of files in the OSV format to read instead of asking the registry")
	return c
}

func (a *app) printAudit(found project.Audit) error {
	for _, f := range found.Findings {
		text := fmt.Sprintf("%s: %s %s: %s\n  %s\n  concerns %s\n", f.Severity, f.Library, f.Advisory, f.Title, f.URL, f.Range)
		for _, u := range f.Uses {
			text += fmt.Sprintf("  %s uses %s\n", u.Provider, strings.Join(u.Path, " > "))
		}
		text += "  next: " + strings.ReplaceAll(f.Next, "\n", "\n        ")
		if _, err := fmt.Fprintln(a.stdout, printable(text)); err != nil {
			return err
		}
	}
	text := fmt.Sprintf("%s looked at", count(found.Libraries, "library", "libraries"))
	if len(found.Findings) == 0 {
		text += ", nothing known against them"
	}
	if found.Below > 0 {
		text += fmt.Sprintf(" (findings below the level: %d)", found.Below)
	}
	return a.say(text)
}
