package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/report"
)

// newRoot builds the command tree for the arguments of one command line.
func newRoot(a *app, given []string) *cobra.Command {
	root := &cobra.Command{
		Use:   "conduit",
		Short: "Package manager and runner for media providers",
		Long: `conduit manages the media providers of a project and the services they talk to.

  conduit init                                          make this folder a project
  conduit get github:MediaConduit/cowsay-provider@v1    add a provider
  conduit run cowsay "moo"                              run its model
  conduit sync --locked                                 in CI: exactly the lock, or fail`,
		Args:                       noArgs,
		Version:                    versionText(),
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
		SilenceErrors:              true,
		SilenceUsage:               true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.journal.By(cmd.CommandPath())
			return a.checkFlags()
		},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetIn(a.stdin)
	root.SetArgs(given)
	root.SetVersionTemplate("{{.Version}}\n")
	a.setHelp(root)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.json = a.json || slices.Contains(given, "--json") // one that stands after the mistake has not been read
		return &report.Error{Kind: report.Usage, What: err.Error(), Next: cmd.CommandPath() + " --help"}
	})
	root.CompletionOptions.HiddenDefaultCmd = false
	flags := root.PersistentFlags()
	flags.StringVarP(&a.dir, "directory", "C", ".", "work in this folder")
	flags.BoolVar(&a.json, "json", false, "machine output: a line of JSON for each event, then the result")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "print results, warnings and errors only")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "show details and the logs of providers and services")
	flags.BoolVar(&a.offline, "offline", false, "make no network request (CONDUIT_OFFLINE=1)")
	flags.StringVar(&a.profile, "profile", "", "settings of [profile.NAME]")
	flags.StringVar(&a.progress, "progress", "auto", "auto, tty, plain or none")
	flags.StringVar(&a.color, "color", "auto", "auto, always or never (NO_COLOR)")
	for _, group := range []struct {
		id, title string
		commands  []*cobra.Command
	}{
		{"packages", "Packages:", []*cobra.Command{a.initCommand(), a.getCommand(), a.removeCommand(), a.tidyCommand(), a.lockCommand(), a.syncCommand(),
			a.updateCommand(), a.outdatedCommand(), a.listCommand(), a.whyCommand(), a.graphCommand(), a.verifyCommand(), a.policyCommand(), a.auditCommand(), a.sbomCommand(), a.vendorCommand(), a.mirrorCommand(), a.sumdbCommand(), a.checkCommand(), a.mergeDriverCommand()}},
		{"running", "Running:", []*cobra.Command{a.runCommand(), a.modelsCommand(), a.upCommand(), a.downCommand(), a.restartCommand(), a.serveCommand(), a.mcpCommand(), a.psCommand(), a.logsCommand(), a.portCommand()}},
		{"self", "conduit itself:", []*cobra.Command{a.cacheCommand(), a.doctorCommand(), a.envCommand(), a.schemaCommand(), a.versionCommand()}},
	} {
		root.AddGroup(&cobra.Group{ID: group.id, Title: group.title})
		for _, c := range group.commands {
			c.GroupID = group.id
			c.SuggestFor = habits[c.Name()]
			root.AddCommand(c)
		}
	}
	root.SetHelpCommandGroupID("self")
	root.SetCompletionCommandGroupID("self")
	return root
}

// checkFlags refuses values of global flags that mean nothing.
func (a *app) checkFlags() error {
	for _, f := range []struct {
		name, value string
		allowed     []string
	}{
		{"progress", a.progress, []string{"auto", "tty", "plain", "none"}},
		{"color", a.color, []string{"auto", "always", "never"}},
	} {
		if !slices.Contains(f.allowed, f.value) {
			return &report.Error{Kind: report.Usage, What: fmt.Sprintf("--%s %s means nothing", f.name, f.value), Next: "use one of " + strings.Join(f.allowed, ", ")}
		}
	}
	if err := a.enter(); err != nil {
		return err
	}
	if v := os.Getenv("CONDUIT_OFFLINE"); v != "" && v != "0" && v != "false" {
		a.offline = true
	}
	return nil
}

// enter goes to the folder of -C, as go and git do: what the command line names is then seen from there.
func (a *app) enter() error {
	if a.dir == "." {
		return nil
	}
	if err := os.Chdir(a.dir); err != nil {
		return &report.Error{Kind: report.Usage, What: "cannot work in that folder", Where: a.dir, Err: errors.Unwrap(err), Next: "name an existing folder with -C"}
	}
	a.dir = "."
	return nil
}

// noArgs refuses arguments. What stands after a command that has commands of its own was meant as one of these.
func noArgs(cmd *cobra.Command, given []string) error {
	if len(given) == 0 {
		return nil
	}
	if cmd.HasSubCommands() {
		return noCommand(cmd, given[0])
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("%s takes no arguments, and %q is one", cmd.CommandPath(), given[0]), Next: "usage: " + cmd.UseLine()}
}

// args is one of cobra's checks of argument counts with our kind of error.
func args(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, given []string) error {
		if err := check(cmd, given); err != nil {
			return &report.Error{Kind: report.Usage, What: cmd.CommandPath() + ": " + err.Error(), Next: "usage: " + cmd.UseLine()}
		}
		return nil
	}
}
