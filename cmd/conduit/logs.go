package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/exec/service"
)

func (a *app) logsCommand() *cobra.Command {
	var opts service.LogOptions
	var since string
	c := &cobra.Command{
		Use:   "logs [NAME...]",
		Short: "Show the logs of services or of a provider",
		Long: `Show what services have written, all of them without a name, each line with the service's name where there are several; or
what a provider has. What went wrong with a service before is told on standard error.`,
		Example: "  conduit logs -f\n  conduit logs cowsay-service --since 10m\n  conduit logs cowsay-service -n 100",
		RunE: func(cmd *cobra.Command, given []string) error {
			var err error
			if opts.Since, err = moment(since, time.Now()); err != nil {
				return err
			}
			if opts.Tail < 0 {
				return usage(fmt.Sprintf("%d is no number of lines", opts.Tail), "conduit logs -n 100    or without -n for all lines")
			}
			ctx := a.context(cmd.Context())
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			lines := &lineDisplay{colours: a.coloured()}
			several := len(given) != 1
			err = p.Logs(ctx, given, opts, func(name, line string) {
				switch {
				case a.json:
					a.printJSON(map[string]any{"log": map[string]string{"service": name, "line": line}})
				case several:
					fmt.Fprintln(a.stdout, lines.paint(printable(name), printable(name+" | "+line)))
				default:
					fmt.Fprintln(a.stdout, printable(line))
				}
			})
			if opts.Follow && context.Cause(ctx) != nil {
				return nil // the way to end it
			}
			return err
		},
	}
	c.Flags().IntVarP(&opts.Tail, "tail", "n", 0, "only the last N lines")
	c.Flags().BoolVarP(&opts.Follow, "follow", "f", false, "go on as lines are written")
	c.Flags().StringVar(&since, "since", "", "only what was written since then: 10m, or 2026-01-31T12:00:00Z")
	return c
}

// moment reads a time, or how long ago it was; "" is the zero time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return now.Add(-d), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, usage(text+" is no time", "conduit logs --since 10m    or --since "+now.UTC().Format(time.RFC3339))
	}
	return at, nil
}
