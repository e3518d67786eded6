package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/project"
)

func (a *app) upCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "up [NAME...]",
		Short: "Start services and wait until they are healthy",
		Args:  args(cobra.ArbitraryArgs),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, names []string) ([]service.Status, error) {
			return p.Up(ctx, names)
		}, a.printStatus),
	}
}

func (a *app) restartCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restart [NAME...]",
		Short: "Stop services, start them again and wait until they are healthy",
		Args:  args(cobra.ArbitraryArgs),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, names []string) ([]service.Status, error) {
			return p.Restart(ctx, names)
		}, a.printStatus),
	}
}

func (a *app) downCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down [NAME...]",
		Short: "Stop services and remove their containers and networks; volumes stay",
		Args:  args(cobra.ArbitraryArgs),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, names []string) (string, error) {
			return "stopped", p.Down(ctx, names)
		}, a.say),
	}
}

func (a *app) psCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "List the project's services as they are now",
		Args:  args(cobra.NoArgs),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, _ []string) ([]service.Status, error) {
			list, err := p.Status(ctx)
			return orEmpty(list), err
		}, a.printStatus),
	}
}

func (a *app) printStatus(list []service.Status) error {
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tVERSION\tDRIVER\tSTATE\tHEALTH\tADDRESS\tUPTIME")
	for _, s := range list {
		version, address, uptime := s.Version, s.Address(), "-"
		if version == "" {
			version = "-"
		}
		if address == "" {
			address = "-"
		}
		if s.Running && !s.Started.IsZero() {
			uptime = time.Since(s.Started).Round(time.Second).String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(s.Name), version, s.Driver, s.State, s.Health, address, uptime)
		if a.verbose {
			fmt.Fprintf(w, "  source %s, id %s, image %s\n", printable(s.Source), s.ID, printable(s.Image))
			if s.ContainerCheck != "" {
				fmt.Fprintf(w, "  the container's own check says %s\n", s.ContainerCheck)
			}
		}
	}
	return w.Flush()
}

func (a *app) logsCommand() *cobra.Command {
	var opts service.LogOptions
	c := &cobra.Command{
		Use:   "logs NAME",
		Short: "Show the log of a service or provider",
		Args:  args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			ctx := a.context(cmd.Context())
			p, err := a.open(ctx)
			if err != nil {
				return err
			}
			err = p.Logs(ctx, given[0], opts, func(line string) {
				if a.json {
					a.printJSON(map[string]any{"log": map[string]string{"service": given[0], "line": line}})
				} else {
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
	return c
}

func (a *app) portCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "port NAME [CONTAINER-PORT]",
		Short: "Print the host port of a running service",
		Args:  args(cobra.RangeArgs(1, 2)),
		RunE: inProject(a, func(ctx context.Context, p *project.Project, given []string) (int, error) {
			container := 0
			if len(given) == 2 {
				n, err := strconv.Atoi(given[1])
				if err != nil || n < 1 || n > 65535 {
					return 0, usage(given[1]+" is no port number", "conduit port "+given[0]+" 80")
				}
				container = n
			}
			return p.Port(ctx, given[0], container)
		}, func(port int) error {
			_, err := fmt.Fprintln(a.stdout, port)
			return err
		}),
	}
}
