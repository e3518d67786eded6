package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/report"
)

// habits are what users of other package managers and of docker compose type for our commands.
var habits = map[string][]string{
	"get":    {"add", "install"},
	"sync":   {"install", "fetch", "build", "restore", "ci"},
	"remove": {"rm", "uninstall", "delete"},
	"update": {"upgrade"},
	"list":   {"show", "info"},
	"run":    {"exec"},
	"up":     {"start"},
	"serve":  {"server", "gateway", "daemon"},
	"down":   {"stop"},
	"ps":     {"status"},
	"env":    {"config", "doctor"},
}

// setHelp makes help for a command that does not exist the same mistake as its use, with conduit help and with --help.
func (a *app) setHelp(root *cobra.Command) {
	show := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, given []string) {
		if cmd.HasSubCommands() && cmd.Flags().NArg() > 0 {
			a.noCommand = noCommand(cmd, cmd.Flags().Arg(0)) // cobra asks this function for no error
			return
		}
		show(cmd, given)
	})
	root.SetHelpCommand(&cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Show what a command is for",
		RunE: func(_ *cobra.Command, given []string) error {
			cmd, rest, err := root.Find(given)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return noCommand(cmd, rest[0])
			}
			cmd.InitDefaultHelpFlag()
			return cmd.Help()
		},
	})
}

// noCommand is the error for a word that is no command of cmd.
func noCommand(cmd *cobra.Command, word string) error {
	path := cmd.CommandPath()
	e := &report.Error{Kind: report.Usage, What: fmt.Sprintf("there is no command %q", strings.TrimPrefix(path+" "+word, "conduit ")),
		Next: path + " --help    lists the commands"}
	near := called(cmd, word)
	if near == nil {
		near = cmd.SuggestionsFor(word)
	}
	if len(near) > 0 {
		e.Next = "did you mean " + path + " " + strings.Join(near, " or "+path+" ") + "?"
	}
	return e
}

// called are the commands below cmd that other programs call by this word: whoever types it means these, and no name that looks like it.
func called(cmd *cobra.Command, word string) (names []string) {
	for _, c := range cmd.Commands() {
		if slices.ContainsFunc(c.SuggestFor, func(s string) bool { return strings.EqualFold(s, word) }) {
			names = append(names, c.Name())
		}
	}
	return names
}
