package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look at what conduit needs of this machine and of this project",
		Long: `Look at the cache, Node.js, the Docker engine, the npm registry and, in a project, at its files, its git hosts, what is
synced and which secrets are missing. Nothing is changed. The exit code is 1 where something is broken.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			opts, err := a.options()
			if err != nil {
				return err
			}
			checks := project.Doctor(a.context(cmd.Context()), opts)
			a.finish()
			broken := 0
			for _, c := range checks {
				if c.State == project.Broken {
					broken++
				}
			}
			if err := a.print(checks, func() error { return a.printChecks(checks) }); err != nil || broken == 0 {
				return err
			}
			return &report.Error{What: count(broken, "problem", "problems") + " found", Next: "what mends each stands behind \"next:\""}
		},
	}
}

func (a *app) printChecks(checks []project.Finding) error {
	for _, c := range checks {
		if _, err := fmt.Fprintf(a.stdout, "%-8s %s: %s\n", c.State, printable(c.Name), printable(oneLine(c.Detail))); err != nil {
			return err
		}
		for i, line := range strings.Split(c.Next, "\n") {
			lead := "  next: "
			if i > 0 {
				lead = "        "
			}
			if c.Next != "" {
				fmt.Fprintf(a.stdout, "%8s %s%s\n", "", lead, printable(line))
			}
		}
	}
	return nil
}
