package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Options configure [New].
type Options struct {
	Driver  string        // Auto (also ""), Docker or Process, for every Spec that names none
	State   string        // folder of the process driver's state and of locks; "" means [StateDir]
	Timeout time.Duration // longest wait for a service to become healthy where the context has no deadline; 0 means 5 minutes
}

const defaultTimeout = 5 * time.Minute

// Manager is the driver that chooses, for each service, between Docker and a process, and that sees the services of both.
type Manager struct {
	driver  string
	docker  *dockerDriver
	process *processDriver
	history *history
	absent  sync.Once // the warning that the engine does not answer, which a command needs once
}

var _ Driver = (*Manager)(nil)

// New returns the driver for opts. It talks to no engine yet. An unknown driver is an error of kind Usage.
func New(opts Options) (*Manager, error) {
	if err := checkDriver(opts.Driver); err != nil {
		return nil, err
	}
	if opts.State == "" {
		dir, err := StateDir()
		if err != nil {
			return nil, err
		}
		opts.State = dir
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	if opts.Driver == "" {
		opts.Driver = Auto
	}
	m := &Manager{
		driver:  opts.Driver,
		docker:  &dockerDriver{state: opts.State, timeout: opts.Timeout},
		process: &processDriver{state: opts.State, timeout: opts.Timeout},
		history: &history{dir: filepath.Join(opts.State, "history")},
	}
	m.process.occupant = m.Occupant
	return m, nil
}

func checkDriver(name string) error {
	switch name {
	case "", Auto, Docker, Process:
		return nil
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("no service driver is called %q", name), Next: `use driver = "auto", "docker" or "process"`}
}

// Close releases the connection to the engine. Services go on running.
func (m *Manager) Close() error { return m.docker.close() }

// Name is the driver that was asked for.
func (m *Manager) Name() string { return m.driver }

// Ping tells whether the driver that was asked for can work; under Auto it always can, because a service may bring a
// process command.
func (m *Manager) Ping(ctx context.Context) error {
	if m.driver == Docker {
		return m.docker.Ping(ctx)
	}
	return nil
}

// choose returns the driver for spec.
func (m *Manager) choose(ctx context.Context, spec Spec) (Driver, error) {
	if err := checkDriver(spec.Driver); err != nil {
		return nil, err
	}
	driver := spec.Driver
	if driver == "" {
		driver = m.driver
	}
	runs := spec.manifest().Process != nil
	switch driver {
	case Process:
		if !runs {
			return nil, noProcess(spec)
		}
		return m.process, nil
	case Docker:
		return m.docker, m.docker.Ping(ctx)
	}
	if runs && !hasCompose(spec) {
		return m.process, nil
	}
	err := m.docker.Ping(ctx)
	if err == nil {
		return m.docker, nil
	}
	if runs {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: "no Docker engine answers: running it as a local process"})
		return m.process, nil
	}
	return nil, noEngine(spec, err)
}

func noProcess(spec Spec) error {
	return &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("service %s cannot run as a process", spec.Name),
		Where: spec.place(),
		Why:   "its MediaConduit.service.yml declares no process: {command: […]}",
		Next:  fmt.Sprintf("set driver = \"docker\" for it under [services] in conduit.toml, or ask the author of %s for a process command", spec.Source),
	}
}

func noEngine(spec Spec, err error) error {
	why := err.Error()
	var e *report.Error
	if errors.As(err, &e) {
		why = e.Why
	}
	return &report.Error{
		Kind:  report.Service,
		What:  fmt.Sprintf("service %s cannot start: no Docker engine answers and it has no process command", spec.Name),
		Where: spec.place(),
		Why:   why,
		Next:  startEngine + "\nor add process: {command: […]} to the service's MediaConduit.service.yml",
		Err:   err,
	}
}

// Prepare builds or pulls what the chosen driver needs.
func (m *Manager) Prepare(ctx context.Context, spec Spec) error {
	d, err := m.choose(ctx, spec)
	if err != nil {
		return err
	}
	return d.Prepare(ctx, spec)
}

// Prepared tells whether Up would find everything in place.
func (m *Manager) Prepared(ctx context.Context, spec Spec) (bool, error) {
	d, err := m.choose(ctx, spec)
	if err != nil {
		return false, err
	}
	return d.Prepared(ctx, spec)
}

// Up starts the service under the chosen driver. An instance that runs under the other one is stopped first.
func (m *Manager) Up(ctx context.Context, spec Spec) (Status, error) {
	d, err := m.choose(ctx, spec)
	if err != nil {
		return Status{}, err
	}
	if err := m.retire(ctx, d, spec); err != nil {
		return Status{}, err
	}
	return m.noted(spec)(d.Up(ctx, spec))
}

// Restart stops the instance under either driver and starts it under the chosen one.
func (m *Manager) Restart(ctx context.Context, spec Spec) (Status, error) {
	d, err := m.choose(ctx, spec)
	if err != nil {
		return Status{}, err
	}
	if err := m.retire(ctx, d, spec); err != nil {
		return Status{}, err
	}
	return m.noted(spec)(d.Restart(ctx, spec))
}

// noted remembers why a start failed.
func (m *Manager) noted(spec Spec) func(Status, error) (Status, error) {
	return func(s Status, err error) (Status, error) {
		var e *report.Error
		if errors.As(err, &e) && e.Kind == report.Service && !errors.Is(err, ErrNoEngine) {
			what := e.What
			if e.Err != nil {
				what = e.Err.Error()
			}
			m.Note(spec.Project, spec.Name, what)
		}
		return s, err
	}
}

// Note adds to the history of an instance's failures.
func (m *Manager) Note(project, name, what string) { m.history.add(project, name, what) }

// Failures is that history, the newest last. It ends with [Manager.Down].
func (m *Manager) Failures(project, name string) []Failure { return m.history.of(project, name) }

// retire stops the instance of spec under the driver that was not chosen: an engine that came or went between two runs
// must not leave two instances.
func (m *Manager) retire(ctx context.Context, chosen Driver, spec Spec) error {
	if chosen == Driver(m.docker) {
		return m.process.Down(ctx, spec.Project, []string{spec.Name})
	}
	if m.docker.Ping(ctx) != nil {
		return nil
	}
	return m.docker.Down(ctx, spec.Project, []string{spec.Name})
}

// Down stops services under both drivers.
func (m *Manager) Down(ctx context.Context, project string, names []string) error {
	m.history.forget(project, names)
	err := m.process.Down(ctx, project, names)
	if ok, perr := m.engine(ctx); ok {
		return errors.Join(err, m.docker.Down(ctx, project, names))
	} else if perr != nil {
		return errors.Join(err, perr)
	}
	return err
}

// Stop stops services under both drivers.
func (m *Manager) Stop(ctx context.Context, project string, names []string) error {
	err := m.process.Stop(ctx, project, names)
	if len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !m.process.has(project, name) }) {
		return err // there is nothing to ask an engine for
	}
	if ok, perr := m.engine(ctx); ok {
		return errors.Join(err, m.docker.Stop(ctx, project, names))
	} else if perr != nil {
		return errors.Join(err, perr)
	}
	return err
}

// engine tells whether an engine answers; that none does is an error only where Docker was asked for by name.
func (m *Manager) engine(ctx context.Context) (bool, error) {
	if m.driver == Process {
		return m.docker.Ping(ctx) == nil, nil
	}
	err := m.docker.Ping(ctx)
	if err == nil {
		return true, nil
	}
	return false, m.silent(ctx, err)
}

// silent decides what it means that no engine answers.
func (m *Manager) silent(ctx context.Context, err error) error {
	if m.driver == Process {
		return nil
	}
	if m.driver == Docker {
		return err
	}
	if chosen() {
		m.absent.Do(func() {
			report.Warn(ctx, "Docker", "", "services in containers are neither seen nor stopped: "+attempted(err)+"; next: "+startEngine)
		})
	}
	return nil
}

// chosen tells whether this machine is meant to have an engine: its address is given, or its socket is there.
func chosen() bool {
	if os.Getenv("DOCKER_HOST") != "" || os.Getenv("DOCKER_CONTEXT") != "" {
		return true
	}
	_, err := os.Stat("/var/run/docker.sock")
	return err == nil
}

func why(err error) string {
	var e *report.Error
	if errors.As(err, &e) && e.Why != "" {
		return e.Why
	}
	return err.Error()
}

// attempted is where no engine answers, in one line and without the client's own words: they repeat the address.
func attempted(err error) string {
	tried, _, _ := strings.Cut(oneLine(why(err)), ": ")
	return "no Docker engine answers, " + tried
}

// List returns the instances under both drivers.
func (m *Manager) List(ctx context.Context, project string) ([]Status, error) {
	all, err := m.process.List(ctx, project)
	if err != nil {
		return nil, err
	}
	more, err := m.docker.List(ctx, project)
	if errors.Is(err, ErrNoEngine) {
		err = m.silent(ctx, err)
	}
	if err != nil {
		return nil, err
	}
	all = append(all, more...)
	sort.SliceStable(all, func(i, j int) bool { return all[i].Name < all[j].Name })
	for i, s := range all {
		if s.Health == Unhealthy {
			m.Note(project, s.Name, s.Problem)
		}
		all[i].Failures = m.Failures(project, s.Name)
	}
	return all, nil
}

// Look returns what runs under both drivers. Where no engine answers, it returns the processes together with an error that
// is [ErrNoEngine]: of containers nothing is known then.
func (m *Manager) Look(ctx context.Context, project string) ([]Status, error) {
	all, err := m.process.Look(ctx, project)
	if err != nil {
		return nil, err
	}
	more, err := m.docker.Look(ctx, project)
	return append(all, more...), err
}

// Watch watches under both drivers.
func (m *Manager) Watch(ctx context.Context, project string, changed func(name string)) {
	var wait sync.WaitGroup
	wait.Go(func() { m.process.Watch(ctx, project, changed) })
	m.docker.Watch(ctx, project, changed)
	wait.Wait()
}

// Logs reads the log under the driver that has the instance.
func (m *Manager) Logs(ctx context.Context, project, name string, opts LogOptions, line func(string)) error {
	if m.process.has(project, name) {
		return m.process.Logs(ctx, project, name, opts, line)
	}
	ok, err := m.engine(ctx)
	if err != nil {
		return err
	}
	if !ok {
		return notRunning(name)
	}
	return m.docker.Logs(ctx, project, name, opts, line)
}

func notRunning(name string) error {
	return &report.Error{Kind: report.Service, What: fmt.Sprintf("service %s is not running in this project", name), Next: "conduit ps shows what runs; conduit up -d " + name + " starts it"}
}
