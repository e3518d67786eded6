package project

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/pool"
	"github.com/MediaConduit/conduit/report"
)

// hosted is one provider of a host.
type hosted struct {
	name string
	pool *pool.Pool[*running]
}

func newHosted(ctx context.Context, p *Project, name string, opts HostOptions) *hosted {
	return &hosted{name: name, pool: pool.New(ctx, pool.Options[*running]{
		Name: "provider " + name, Concurrency: opts.Concurrency, Queue: opts.Queue, Idle: opts.Idle,
		Next:  "conduit logs " + name + "    shows what it wrote",
		Start: func(ctx context.Context) (*running, error) { return p.run(ctx, name) },
	})}
}

// do calls use with the provider's process.
func (h *hosted) do(ctx context.Context, use func(context.Context, *running) error) error {
	return h.pool.Do(ctx, func(ctx context.Context, r *running) error { return r.launch.withheld(use(ctx, r)) })
}

func (h *hosted) models(ctx context.Context, capability string) (out []Model, err error) {
	err = h.do(ctx, func(ctx context.Context, r *running) error {
		models, err := r.Models(ctx)
		if err == nil && len(models) == 0 {
			warnNoModels(ctx, h.name, r.launch.set)
		}
		out = modelsOf(h.name, models, capability)
		return err
	})
	return out, err
}

// running is a provider's process, with what it was started from.
type running struct {
	*plugin.Provider
	launch *launch
	about  atomic.Pointer[plugin.Description] // what it said of itself last
	once   sync.Once
}

// run starts a provider for many callers.
func (p *Project) run(ctx context.Context, name string) (*running, error) {
	l, err := p.launch(ctx, name)
	if err != nil {
		report.RecordRefusals(ctx, err) // the program goes on
		return nil, err
	}
	l.spec.Shared = true
	provider, err := l.start(ctx)
	if err != nil {
		report.RecordRefusals(ctx, err)
		l.release()
		return nil, err
	}
	return &running{Provider: provider, launch: l}, nil
}

// Close ends the process.
func (r *running) Close() error {
	err := r.Provider.Close()
	r.once.Do(r.launch.release)
	return err
}

// Describe is what the provider said of itself when it was last asked: a question before each call would double its time.
func (r *running) Describe(ctx context.Context) (plugin.Description, error) {
	if about := r.about.Load(); about != nil {
		return *about, nil
	}
	about, err := r.Provider.Describe(ctx)
	if err == nil {
		r.about.Store(&about)
	}
	return about, err
}

// transform calls the model that the request means. A model that was not among the last description's may be there by now.
func (r *running) transform(ctx context.Context, req RunRequest) (plugin.Response, error) {
	if about := r.about.Load(); about != nil && !slices.ContainsFunc(about.Models, func(m plugin.Model) bool { return m.ID == req.Model }) {
		r.about.CompareAndSwap(about, nil)
	}
	return call(ctx, r, req)
}
