package supervisor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/report"
)

// Driver is what a supervisor needs of [service.Manager].
type Driver interface {
	Up(ctx context.Context, spec service.Spec) (service.Status, error)
	Restart(ctx context.Context, spec service.Spec) (service.Status, error)
	Stop(ctx context.Context, project string, names []string) error
	Look(ctx context.Context, project string) ([]service.Status, error)
	Watch(ctx context.Context, project string, changed func(name string))
	Logs(ctx context.Context, project, name string, opts service.LogOptions, line func(string)) error
	Note(project, name, what string)
	Occupant(ctx context.Context, port int) service.Occupant
}

// Service is one service to keep running.
type Service struct {
	Spec  service.Spec
	Needs []string      // names of services that must be healthy before it starts
	Idle  time.Duration // how long nothing may use it before it is stopped; 0 for always running; needs Hold
}

// Options configure [New].
type Options struct {
	Project string // identity, see [service.ProjectID]
	State   string // folder, see [service.StateDir]
	Driver  Driver
	Load    func(context.Context) ([]Service, error) // all services of the project as they are declared now
	Names   []string                                 // which of them to start, with what they need; all when empty
	Hold    bool                                     // keep a stable address for each
	Log     func(name, line string)                  // receives the services' log lines; may be nil
	Backoff Backoff
	Wait    time.Duration // how long a request to a held address may wait; 0 means 5 minutes
	Drain   time.Duration // how long a restart waits for requests under way; 0 means 10 seconds
}

// Supervisor keeps services running. Make one with [New], use it once.
type Supervisor struct {
	opts  Options
	ports *heldPorts

	mu      sync.Mutex
	ctx     context.Context // of the keepers
	began   time.Time
	keepers map[string]*keeper
	changed chan struct{} // closed at every change of a state
	running sync.WaitGroup
	finish  context.CancelFunc
}

// New returns a supervisor that does nothing yet.
func New(opts Options) *Supervisor {
	if opts.Wait <= 0 {
		opts.Wait = 5 * time.Minute
	}
	if opts.Drain <= 0 {
		opts.Drain = 10 * time.Second
	}
	opts.Backoff = opts.Backoff.complete()
	return &Supervisor{opts: opts, keepers: map[string]*keeper{}, changed: make(chan struct{}), ports: &heldPorts{state: opts.State, project: opts.Project}}
}

// Run supervises until the context ends, all services were stopped by order of another conduit, or all have failed, which
// is an error of kind Service. Where another supervisor has the project, the error names its process. Services are stopped
// on return.
func (s *Supervisor) Run(ctx context.Context) error {
	guard, err := take(ctx, s.opts.State, s.opts.Project)
	if err != nil {
		return err
	}
	defer guard.release()
	all, err := s.opts.Load(ctx)
	if err != nil {
		return err
	}
	first, err := s.selected(all)
	if err != nil {
		return err
	}
	// Keepers outlive ctx: their services are stopped in order after it ends.
	live, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	asked, finish := context.WithCancel(ctx)
	defer finish()
	s.mu.Lock()
	s.ctx, s.finish, s.began = live, finish, time.Now()
	s.mu.Unlock()
	defer s.running.Wait()
	defer cancel()
	defer s.closeAddresses()
	for _, svc := range first {
		if svc.Idle > 0 && !s.opts.Hold {
			report.Emit(ctx, report.Event{Type: report.Info, Subject: svc.Spec.Name, Message: "stays up though unused: idle counts with --hold only"})
		}
		if _, err := s.employ(svc); err != nil {
			return err
		}
	}
	if err := guard.serve(s); err != nil {
		return err
	}
	s.running.Go(func() { s.look(live) })
	for _, k := range s.list() {
		s.running.Go(func() { k.run(live, true) })
	}
	failure := s.watchStates(asked)
	guard.close() // no orders while everything stops
	s.stopAll(live)
	return failure
}

// selected are the services that Options.Names chooses, with what they need.
func (s *Supervisor) selected(all []Service) ([]Service, error) {
	if _, err := levels(all); err != nil {
		return nil, err
	}
	if len(s.opts.Names) == 0 {
		return all, nil
	}
	chosen := map[string]bool{}
	var choose func(names []string)
	choose = func(names []string) {
		for _, name := range names {
			for _, svc := range all {
				if svc.Spec.Name == name && !chosen[name] {
					chosen[name] = true
					choose(svc.Needs)
				}
			}
		}
	}
	choose(s.opts.Names)
	return slices.DeleteFunc(slices.Clone(all), func(svc Service) bool { return !chosen[svc.Spec.Name] }), nil
}

// employ makes the keeper of a service; its goroutine is the caller's business.
func (s *Supervisor) employ(svc Service) (*keeper, error) {
	k := newKeeper(s, svc)
	if s.opts.Hold {
		if err := k.hold(); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepers[svc.Spec.Name] = k
	return k, nil
}

// list are the keepers, sorted by name.
func (s *Supervisor) list() []*keeper {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*keeper
	for _, name := range slices.Sorted(maps.Keys(s.keepers)) {
		out = append(out, s.keepers[name])
	}
	return out
}

func (s *Supervisor) keeper(name string) *keeper {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keepers[name]
}

// States are the services as their keepers see them, sorted by name.
func (s *Supervisor) States() []State {
	out := []State{}
	for _, k := range s.list() {
		out = append(out, k.current())
	}
	return out
}

// news tells everybody who waits that a state has changed.
func (s *Supervisor) news() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Supervisor) nextChange() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// watchStates waits for the end of the context, or until nothing is left to be supervised.
func (s *Supervisor) watchStates(ctx context.Context) error {
	for {
		changed := s.nextChange()
		states := s.States()
		var failures []error
		for _, st := range states {
			if st.State == Failed {
				failures = append(failures, st.failure())
			}
		}
		if len(states) > 0 && len(failures) == len(states) {
			return errors.Join(failures...)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}

// stopAll stops the services in reverse order of their dependencies, those that do not need each other at the same time.
func (s *Supervisor) stopAll(ctx context.Context) {
	_ = s.inOrder(s.list(), true, func(k *keeper) error { // a circle was refused before anything started
		if err := k.order(ctx, instruction{verb: verbStop}); err != nil {
			report.Warn(ctx, k.name, "", "it may still run: "+err.Error())
		}
		return nil
	})
}

func (s *Supervisor) closeAddresses() {
	for _, k := range s.list() {
		if k.address != nil {
			_ = k.address.Close()
		}
	}
}

const (
	pollEvery = 30 * time.Second       // how often the driver is asked without a reason
	lookAgain = 300 * time.Millisecond // after a change: an engine tells of an end before its own list knows
)

// look asks the driver what runs, whenever something may have changed, and tells the keepers.
func (s *Supervisor) look(ctx context.Context) {
	changed := make(chan struct{}, 1)
	s.running.Go(func() {
		s.opts.Driver.Watch(ctx, s.opts.Project, func(string) {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	})
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	again := time.NewTimer(pollEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changed:
			again.Reset(lookAgain)
		case <-again.C:
		case <-poll.C:
		}
		began := time.Now()
		list, err := s.opts.Driver.Look(ctx, s.opts.Project)
		blind := errors.Is(err, service.ErrNoEngine)
		if err != nil && !blind {
			continue // the next look tells
		}
		for _, k := range s.list() {
			at := slices.IndexFunc(list, func(st service.Status) bool { return st.Name == k.name })
			switch {
			case at >= 0:
				k.see(sight{began, list[at], true})
			case !blind || k.driver() == service.Process:
				k.see(sight{began: began})
			}
		}
	}
}
