package project

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// Logs hands the log lines of services to line, with the name of the service, one line at a time; those of all services
// that have been started when names is empty. A single name may be a provider's. The failures that are remembered of a
// service are reported before.
func (p *Project) Logs(ctx context.Context, names []string, opts service.LogOptions, line func(name, line string)) error {
	if _, lock, err := p.current(ctx); err == nil && len(names) > 0 {
		all := instances(lock)
		if _, ok := lock.Provider(names[0]); ok && len(names) == 1 && !slices.ContainsFunc(all, func(in instance) bool { return in.name == names[0] }) {
			return p.providerLog(ctx, names[0], opts, func(text string) { line(names[0], text) })
		}
		for _, r := range lock.Root { // a mistaken name may have been meant for one of these
			if r.Kind == lockfile.KindProvider && len(names) == 1 {
				all = append(all, instance{name: r.Name})
			}
		}
		if _, err := choose(all, names); err != nil {
			return err
		}
	}
	id := service.ProjectID(p.dir)
	if len(names) == 0 {
		started, err := p.services.Look(report.To(ctx, nil), id) // processes are there without an engine too
		if len(started) == 0 && err != nil {
			return err
		}
		for _, s := range started {
			names = append(names, s.Name)
		}
		slices.Sort(names)
	}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	if !opts.Follow {
		group.SetLimit(1)
	}
	for _, name := range names {
		group.Go(func() error {
			for _, f := range p.services.Failures(id, name) {
				report.Emit(ctx, report.Event{Type: report.Info, Subject: name, Message: f.String()})
			}
			return p.services.Logs(ctx, id, name, opts, func(text string) {
				mu.Lock()
				defer mu.Unlock()
				line(name, text)
			})
		})
	}
	return group.Wait()
}
