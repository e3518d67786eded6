package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/cmd/conduit/pace"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/project"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) upCommand() *cobra.Command {
	var detach, wait, hold bool
	c := &cobra.Command{
		Use:   "up [NAME...]",
		Short: "Start services and keep them running; -d returns when they are healthy",
		Long: `Start services, in the order in which they need each other, and show what they write. One that ends is started again, with
growing pauses and up to a limit. An interrupt (Ctrl-C, SIGTERM) stops them in reverse order.

With -d, start them, wait until they are healthy and return; nobody restarts them then but the Docker engine, where a
compose file says so.`,
		Example: "  conduit up\n  conduit up -d\n  conduit up --hold",
		Args:    args(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, names []string) error {
			if !detach && !wait {
				return a.supervise(cmd, project.SuperviseOptions{Names: names, Hold: hold})
			}
			if hold {
				return usage("--hold needs a conduit that stays", "conduit up --hold    in the foreground, or as a service of the system: docs/services.md shows a systemd unit")
			}
			return inProject(a, func(ctx context.Context, p *project.Project, names []string) ([]service.Status, error) {
				return p.Up(ctx, names)
			}, a.printStatus)(cmd, names)
		},
	}
	c.Flags().BoolVarP(&detach, "detach", "d", false, "return when they are healthy")
	c.Flags().BoolVar(&wait, "wait", false, "the same as --detach")
	c.Flags().BoolVar(&hold, "hold", false, "keep a stable address on 127.0.0.1 for each service, across restarts")
	return c
}

// supervise runs services in the foreground. Its logs go to standard error as every event does.
func (a *app) supervise(cmd *cobra.Command, opts project.SuperviseOptions) error {
	pace.Stay()
	a.logs = true
	ctx := a.context(cmd.Context())
	p, err := a.open(ctx)
	if err != nil {
		return err
	}
	opts.Log = func(name, line string) {
		report.Emit(ctx, report.Event{Type: report.Log, Step: "service", Subject: name, Message: line})
	}
	err = p.Supervise(ctx, opts)
	a.finish()
	return err
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
		RunE: inProject(a, func(ctx context.Context, p *project.Project, names []string) ([]string, error) {
			return p.Down(ctx, names)
		}, func([]string) error { return a.say("stopped") }),
	}
}

func (a *app) psCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "ps",
		Short: "List the project's services as they are now",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, given []string) error {
			var failed error
			var waiting []string // for up
			err := inProject(a, func(ctx context.Context, p *project.Project, _ []string) ([]service.Status, error) {
				list, err := p.Status(ctx)
				failed = givenUp(list)
				if len(list) == 0 && err == nil {
					waiting = notStarted(ctx, p)
				}
				return orEmpty(list), err
			}, func(list []service.Status) error {
				if len(waiting) > 0 {
					return a.say(strings.Join(waiting, ", ") + ": not started\nnext: conduit up")
				}
				return a.printStatus(list)
			})(cmd, given)
			return cmp.Or(err, failed)
		},
	}
}

// notStarted are the names of the lock's services where none runs, none where there is no lock that says.
func notStarted(ctx context.Context, p *project.Project) []string {
	var names []string
	items, _ := p.List(ctx)
	for _, it := range items {
		if it.Kind == lockfile.KindService {
			names = append(names, it.Name)
		}
	}
	return names
}

// givenUp is the error for services that their supervisor has given up, nil where there is none.
func givenUp(list []service.Status) error {
	var names []string
	for _, s := range list {
		if s.State == "failed" {
			names = append(names, s.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return &report.Error{Kind: report.Service, What: strings.Join(names, ", ") + " failed and will not be started again",
		Next: "conduit logs " + names[0] + "    shows what it wrote\nconduit restart " + strings.Join(names, " ") + "    tries again"}
}

func (a *app) printStatus(list []service.Status) error {
	if len(list) == 0 {
		return a.say("this project has no services")
	}
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
		driver := s.Driver
		if driver == "" {
			driver = "-" // it has not been started yet
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", printable(s.Name), version, driver, s.State, s.Health, address, uptime)
		if a.verbose {
			fmt.Fprintf(w, "  source %s, id %s, image %s\n", printable(s.Source), s.ID, printable(s.Image))
			if s.Problem != "" {
				fmt.Fprintf(w, "  problem: %s\n", printable(oneLine(s.Problem)))
			}
			for _, f := range s.Failures {
				fmt.Fprintf(w, "  %s\n", printable(f.String()))
			}
			if s.ContainerCheck != "" {
				fmt.Fprintf(w, "  the container's own check says %s\n", s.ContainerCheck)
			}
		}
	}
	return w.Flush()
}

// oneLine joins the lines of a text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

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
