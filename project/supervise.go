package project

import (
	"context"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/exec/supervisor"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// SuperviseOptions say what [Project.Supervise] keeps running.
type SuperviseOptions struct {
	Names []string                // services, with those that they need; all when empty
	Hold  bool                    // keep a stable address for each
	Log   func(name, line string) // receives what they write; may be nil
}

// Supervise keeps services of the lock running until the context ends; then it stops them in reverse order. It ends before
// when all were stopped with [Project.Down], or with an error when all have failed for good.
func (p *Project) Supervise(ctx context.Context, opts SuperviseOptions) error {
	_, lock, err := p.current(ctx)
	if err != nil {
		return err
	}
	all := instances(lock)
	if _, err := choose(all, opts.Names); err != nil {
		return err
	}
	if len(all) == 0 {
		return &report.Error{Kind: report.Usage, What: "there is no service to keep running", Where: lockfile.Name, Next: "conduit get SOURCE    adds a provider or a service"}
	}
	state, err := service.StateDir()
	if err != nil {
		return err
	}
	return supervisor.New(supervisor.Options{
		Project: service.ProjectID(p.dir), State: state, Driver: p.services, Load: p.supervisable,
		Names: opts.Names, Hold: opts.Hold, Log: opts.Log,
	}).Run(ctx)
}

// supervisable are the services of the lock as a supervisor wants them, everything in place.
func (p *Project) supervisable(ctx context.Context) ([]supervisor.Service, error) {
	m, lock, err := p.permitted(ctx)
	if err != nil {
		return nil, err
	}
	all := instances(lock)
	out := make([]supervisor.Service, len(all))
	group, ctx := errgroup.WithContext(ctx)
	for i, in := range all {
		group.Go(func() error {
			set, err := p.settings(m, lockfile.KindService, in.name)
			if err != nil {
				return err
			}
			out[i].Idle = set.Idle
			for _, other := range all {
				if slices.Contains(lock.Services(in.module), other.module) {
					out[i].Needs = append(out[i].Needs, other.name)
				}
			}
			out[i].Spec, err = p.ready(ctx, m, lock, in)
			return err
		})
	}
	return out, group.Wait()
}

// supervisor returns the one that another conduit runs for the project, or nil.
func (p *Project) supervisor() (*supervisor.Client, error) {
	state, err := service.StateDir()
	if err != nil {
		return nil, err
	}
	return supervisor.Find(state, service.ProjectID(p.dir)), nil
}

// upThrough has the supervisor run the services and returns them as they are then.
func (p *Project) upThrough(ctx context.Context, s *supervisor.Client, chosen []instance) ([]service.Status, error) {
	var names []string
	for _, in := range chosen {
		names = append(names, in.name)
	}
	if err := s.Start(ctx, names); err != nil {
		return nil, err
	}
	all, err := p.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]service.Status, len(chosen))
	for i, in := range chosen {
		at := slices.IndexFunc(all, func(st service.Status) bool { return st.Name == in.name })
		if at < 0 {
			return nil, &report.Error{Kind: report.Service, What: "service " + in.name + " went away while it was started", Next: "conduit logs " + in.name + "; conduit up -d " + in.name}
		}
		out[i] = all[at]
	}
	return out, nil
}

// supervised completes what a driver says of services with what their supervisor says. A service that is not there at all
// because it waits, has failed or is idle is listed too.
func supervised(all []service.Status, states []supervisor.State, driver *service.Manager, project string) []service.Status {
	for _, st := range states {
		at := slices.IndexFunc(all, func(s service.Status) bool { return s.Name == st.Name })
		if at < 0 {
			if st.State == supervisor.Stopped {
				continue
			}
			at = len(all)
			all = append(all, service.Status{Name: st.Name, Project: project, Health: service.NoHealth, Ports: []service.Port{}, Failures: driver.Failures(project, st.Name)})
		}
		s := &all[at]
		s.Held, s.Restarts = st.Held, st.Restarts
		if st.State != supervisor.Running && !(st.State == supervisor.Stopped && !s.Running) && !(st.State == supervisor.Starting && s.Running) {
			s.State = st.State
		}
		if st.State == supervisor.Failed || st.State == supervisor.Waiting || s.Problem == "" {
			s.Problem = st.Reason
		}
		if s.Running && st.State == supervisor.Running && st.Health != "" && s.Health != service.Healthy {
			s.Health = st.Health // it has seen more than one probe
		}
	}
	slices.SortStableFunc(all, func(a, b service.Status) int { return strings.Compare(a.Name, b.Name) })
	return all
}
