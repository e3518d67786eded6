package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Compare the lock with the rules for where packages may come from",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	c.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "List what in the lock the policy refuses, and why",
		Long: `List what the policy refuses: modules, libraries and Node.js of the lock by their sources, and what conduit.toml allows
itself beyond what its organisation does. The rules stand under [policy] in conduit.toml, in /etc/conduit/policy.toml
(Windows: %ProgramData%\conduit\policy.toml) and in the file that CONDUIT_POLICY names; all must allow. It makes no request.

The exit code is 5 where something is refused.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, given []string) error {
			refused := 0
			err := inProject(a, func(ctx context.Context, p *project.Project, _ []string) ([]project.Forbidden, error) {
				found, err := p.CheckPolicy(ctx)
				refused = len(found)
				return found, err
			}, a.printForbidden)(cmd, given)
			if err == nil && refused > 0 {
				err = &report.Error{Kind: report.Policy, What: "the policy refuses " + count(refused, "entry", "entries") + " of this project", Next: "mend what is listed, then type: conduit policy check"}
			}
			return err
		},
	})
	return c
}

func (a *app) printForbidden(found []project.Forbidden) error {
	for _, f := range found {
		text := fmt.Sprintf("%s %s: %s (%s)", f.Kind, f.ID, f.Why, f.Where())
		if len(f.Chain) > 0 {
			text += "\n  conduit.toml > " + strings.Join(f.Chain, " > ")
		}
		text += "\n  next: " + strings.ReplaceAll(f.Next, "\n", "\n        ")
		if _, err := fmt.Fprintln(a.stdout, printable(text)); err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return a.say("the policy allows everything in the lock")
	}
	return nil
}
