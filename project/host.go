package project

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// HostOptions say how [Project.Host] runs providers. Zeros mean the defaults.
type HostOptions struct {
	Idle        time.Duration // without a call, until a provider's process is stopped; 0 for never
	Concurrency int           // calls in one provider at once; default 64
	Queue       int           // calls of one provider that wait for their turn; default four times Concurrency
	Watch       bool          // when the folder of a provider changes: lock and build it anew, and go on with that; calls in the old one end there
}

// Host keeps a project's providers running for many callers. Its methods may be called concurrently.
type Host struct {
	project   *Project
	providers []*hosted // sorted by name
	unwatch   context.CancelFunc
	watching  sync.WaitGroup
}

// Host returns a host of all of the project's providers, as the lock has them. Nothing runs until the first call. The caller
// must close it; the project may be used besides for what does not change its files. Events of starts and the providers' log
// records go to ctx's sink, as long as the host lives.
//
// A lock that is missing or stale is an error, and so is anything that a provider's settings refer to and that is not there:
// all providers are named at once.
func (p *Project) Host(ctx context.Context, opts HostOptions) (*Host, error) {
	m, lock, err := p.permitted(ctx)
	if err != nil {
		return nil, err
	}
	h := &Host{project: p, unwatch: func() {}}
	var failures []error
	for _, name := range providerNames(lock) {
		set, _, err := p.providerSettings(m, lock, name)
		if err != nil {
			return nil, err
		}
		if _, _, err := p.secrets(ctx, m, name, set); err != nil {
			failures = append(failures, err)
		}
		h.providers = append(h.providers, newHosted(ctx, p, name, opts))
	}
	if len(failures) > 0 {
		return nil, errors.Join(failures...)
	}
	if opts.Watch {
		alive, end := context.WithCancel(context.WithoutCancel(ctx))
		h.unwatch = end
		folders := h.folders(lock)
		h.watching.Go(func() { h.watch(alive, folders) })
	}
	return h, nil
}

// providerNames are the names that conduit.toml gives to providers, sorted.
func providerNames(lock *lockfile.Lock) []string {
	var out []string
	for _, r := range lock.Root {
		if r.Kind == lockfile.KindProvider {
			out = append(out, r.Name)
		}
	}
	slices.Sort(out)
	return out
}

// Providers are the names of the providers, sorted.
func (h *Host) Providers() []string {
	var out []string
	for _, each := range h.providers {
		out = append(out, each.name)
	}
	return out
}

// Models lists the models of all providers, those with a capability ("text-to-image") where one is given. Providers that do not
// run are started. One that cannot tell is a warning to ctx's sink, unless none can.
func (h *Host) Models(ctx context.Context, capability string) ([]Model, error) {
	lists := make([][]Model, len(h.providers))
	failures := make([]error, len(h.providers))
	var group errgroup.Group
	group.SetLimit(startsAtOnce)
	for i, each := range h.providers {
		group.Go(func() error {
			lists[i], failures[i] = each.models(ctx, capability)
			return nil
		})
	}
	_ = group.Wait()
	if failed := slices.DeleteFunc(slices.Clone(failures), func(err error) bool { return err == nil }); len(failed) > 0 && (len(failed) == len(failures) || ctx.Err() != nil) {
		return nil, errors.Join(failed...)
	}
	for i, err := range failures {
		if err != nil {
			report.Warn(ctx, h.providers[i].name, "", err.Error())
		}
	}
	return slices.Concat(lists...), nil
}

// startsAtOnce is how many providers a list of all models asks, and thereby starts, at once.
const startsAtOnce = 4

// Health asks a provider whether it could do work now. One that does not run is started.
func (h *Host) Health(ctx context.Context, provider string) (plugin.Health, error) {
	each, err := h.find(provider)
	if err != nil {
		return plugin.Health{}, err
	}
	var out plugin.Health
	err = each.do(ctx, func(ctx context.Context, r *running) error {
		out, err = r.Health(ctx)
		return err
	})
	return out, err
}

// Transform calls a model, and starts its provider and the services of that where they do not run. Where too many calls wait, or
// the provider's process ended during the call, the error is retryable ([report.Retryable]). RunRequest.Remove is ignored.
func (h *Host) Transform(ctx context.Context, req RunRequest) (plugin.Response, error) {
	each, err := h.find(req.Provider)
	if err != nil {
		return plugin.Response{}, err
	}
	var out plugin.Response
	err = each.do(ctx, func(ctx context.Context, r *running) error {
		out, err = r.transform(ctx, req)
		return err
	})
	return out, err
}

// Close refuses further calls, has those that run end, and stops the providers; when ctx ends first, at once. Services stay up.
func (h *Host) Close(ctx context.Context) error {
	h.unwatch()
	h.watching.Wait()
	var group errgroup.Group
	for _, each := range h.providers {
		group.Go(func() error { return each.pool.Close(ctx) })
	}
	return group.Wait()
}

func (h *Host) find(name string) (*hosted, error) {
	at := slices.IndexFunc(h.providers, func(each *hosted) bool { return each.name == name })
	if at < 0 {
		_, lock, err := h.project.current(context.Background())
		if err != nil {
			return nil, err
		}
		return nil, noProvider(name, lock)
	}
	return h.providers[at], nil
}
