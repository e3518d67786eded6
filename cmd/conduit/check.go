package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) checkCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check [DIR]",
		Short: "Read a provider's or service's folder as conduit does, for its author",
		Long: `Read the package in a folder, for its author: what conduit refuses in its manifest, compose file and code,
and what it changes so that several copies can run on one machine. Code is bundled without its libraries: package.json has to
declare each. The folder need not belong to a project. Nothing is started, fetched or written.

The exit code is 1 where something is refused, 8 where the folder holds no package; warnings alone leave it 0.`,
		Example: "  conduit check\n  conduit check ../whisper-service",
		Args:    args(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			dir := a.dir
			if len(given) > 0 {
				dir = given[0]
			}
			found, err := project.Check(a.context(cmd.Context()), dir)
			a.finish()
			if err != nil {
				return err
			}
			if err := a.print(found, func() error { return a.printChecked(found) }); err != nil {
				return err
			}
			if n := found.Errors(); n > 0 {
				return &report.Error{What: fmt.Sprintf("conduit refuses this package (errors: %d)", n), Where: dir, Next: "mend what is listed, then type: conduit check " + dir}
			}
			return nil
		},
	}
}

func (a *app) printChecked(found project.Checked) error {
	for _, f := range found.Findings {
		line := f.Level + ": " + printable(f.What)
		if f.Where != "" {
			line = printable(f.Where) + ": " + line
		}
		if f.Next != "" {
			line += "\n  next: " + strings.ReplaceAll(printable(f.Next), "\n", "\n        ")
		}
		if _, err := fmt.Fprintln(a.stdout, line); err != nil {
			return err
		}
	}
	if len(found.Findings) == 0 {
		return a.say("nothing to mend in this " + strings.Join(found.Kinds, " and "))
	}
	return nil
}
