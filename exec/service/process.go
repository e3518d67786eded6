package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// processDriver runs services as plain local processes, each in a session of its own. It is the default for development
// where no Docker engine answers.
type processDriver struct {
	state    string
	timeout  time.Duration
	occupant func(ctx context.Context, port int) Occupant
	own      children
}

var _ Driver = (*processDriver)(nil)

// grace is how long a process may take to end after it was asked to, where its package does not say.
const grace = 10 * time.Second

// attempts bounds how often a process is started anew because another program took the port that was free a moment ago.
const attempts = 3

func (d *processDriver) Name() string { return Process }

// Ping always succeeds: processes need no engine.
func (d *processDriver) Ping(context.Context) error { return nil }

// Prepare checks that the command exists; there is nothing to build.
func (d *processDriver) Prepare(_ context.Context, spec Spec) error {
	_, err := program(spec)
	return err
}

// Prepared is true for every service that declares a command: a sync cannot bring a program that is missing, and [Up] says
// which one it is.
func (d *processDriver) Prepared(_ context.Context, spec Spec) (bool, error) {
	if spec.manifest().Process == nil {
		return false, noProcess(spec)
	}
	return true, nil
}

// program is the absolute path of the declared program. A name with a slash is a file of the package, any other is looked
// up in PATH.
func program(spec Spec) (string, error) {
	p := spec.manifest().Process
	if p == nil || len(p.Command) == 0 || p.Command[0] == "" {
		return "", noProcess(spec)
	}
	name := p.Command[0]
	if !strings.ContainsAny(name, `/\`) {
		path, err := exec.LookPath(name)
		if err != nil {
			return "", &report.Error{Kind: report.Service, What: fmt.Sprintf("service %s needs the program %s", spec.Name, name), Where: spec.place(), Why: "it is not in PATH", Next: "install " + name + ", or start Docker", Err: err}
		}
		return filepath.Abs(path)
	}
	path := filepath.FromSlash(name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(spec.Dir, path)
	}
	if runtime.GOOS == "windows" && filepath.Ext(path) == "" && !exists(path) {
		path += ".exe"
	}
	if err := inside(spec, path); err != nil {
		return "", refused(spec, filepath.Join(spec.Dir, spec.manifest().File), "process.command: "+name+" lies outside of the package", err)
	}
	if _, err := exec.LookPath(path); err != nil {
		return "", &report.Error{Kind: report.Service, What: fmt.Sprintf("service %s cannot run %s", spec.Name, name), Where: path, Why: oneLine(err.Error()), Next: "build it as the package's README says, or start Docker", Err: err}
	}
	return path, nil
}

// Up starts the process, unless a matching one runs, and waits until it is healthy.
func (d *processDriver) Up(ctx context.Context, spec Spec) (Status, error) {
	return d.up(ctx, spec, false)
}

// Restart stops the process if it runs and starts it again.
func (d *processDriver) Restart(ctx context.Context, spec Spec) (Status, error) {
	return d.up(ctx, spec, true)
}

func (d *processDriver) up(ctx context.Context, spec Spec, again bool) (Status, error) {
	for attempt := 1; ; attempt++ {
		in, release, err := d.start(ctx, spec, again)
		if err != nil {
			return Status{}, err
		}
		s, err := d.awaitHealthy(ctx, spec, in)
		release()
		if err == nil || attempt == attempts || spec.Port != 0 || in.alive() || free(in.Port) == nil {
			return s, err
		}
		// It ended and somebody else has its port: the race for the port was lost.
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: fmt.Sprintf("port %d was taken by another program, trying another one", in.Port)})
	}
}

// start returns the matching instance that runs, or a new one. Its port is kept from other starts until release is called,
// which has to be when the process listens, or has ended.
func (d *processDriver) start(ctx context.Context, spec Spec, again bool) (in *instance, release func(), err error) {
	path, err := program(spec)
	if err != nil {
		return nil, nil, err
	}
	hash, err := spec.hash()
	if err != nil {
		return nil, nil, err
	}
	in = d.instance(spec.Project, spec.Name)
	unlock, err := lock(ctx, d.state, in.lockName())
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	in.load()
	if !again && in.alive() && in.Hash == hash {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: "already running"})
		return in, func() {}, nil
	}
	if err := in.end(ctx); err != nil {
		return nil, nil, err
	}
	port, release := spec.Port, func() {}
	if port == 0 {
		port, release, err = freePort()
	} else {
		err = free(port)
	}
	if err != nil {
		return nil, nil, portInUse(spec, d.occupant(ctx, spec.Port), err)
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: spec.Name, Message: "starting"})
	report.Record(ctx, spec.action(report.Started))
	in.Signal, in.Grace = spec.manifest().Process.Signal, duration(spec.manifest().Process.Grace, grace)
	in.record = record{
		Name: spec.Name, Source: spec.Source, Version: spec.Version, Hash: hash, Port: port,
		Health: spec.healthPath(), Timeout: spec.probeTimeout(), Patience: spec.patience(), Dir: spec.Dir,
	}
	if err := d.launch(in, path, spec); err != nil {
		release()
		var file *fs.PathError
		if errors.As(err, &file) && strings.HasPrefix(file.Path, d.state) {
			return nil, nil, failed(ctx, err, "service "+spec.Name+" cannot start", file.Path, freeState)
		}
		return nil, nil, failed(ctx, err, "service "+spec.Name+" cannot start", path, "check that the file is a program for this machine")
	}
	return in, release, nil
}

// awaitHealthy waits until the process answers.
func (d *processDriver) awaitHealthy(ctx context.Context, spec Spec, in *instance) (Status, error) {
	most := d.timeout
	if deadline, ok := ctx.Deadline(); ok {
		most = time.Until(deadline)
	}
	var s Status
	err := await(ctx, limit(most, spec.patience()), func(ctx context.Context) (err error) {
		s, err = in.status(ctx)
		return err
	})
	if err != nil {
		return s, unhealthy(ctx, d, spec, err)
	}
	ready(ctx, s)
	return s, nil
}

// Down stops the project's processes and forgets them. Their STATE_DIR stays: it holds the user's data.
func (d *processDriver) Down(ctx context.Context, project string, names []string) error {
	var errs []error
	// Whether there is something to stop is seen under the lock only: a process that a killed conduit has just forked holds
	// that until it is the program, and cannot be told from conduit before.
	for _, in := range d.folders(project) {
		if len(names) == 0 || contains(names, in.Name) {
			errs = append(errs, d.stop(ctx, in, true))
		}
	}
	return errors.Join(errs...)
}

// Stop stops the project's processes and keeps their logs.
func (d *processDriver) Stop(ctx context.Context, project string, names []string) error {
	chosen := d.started(project)
	if len(names) > 0 {
		chosen = nil
		for _, name := range names {
			chosen = append(chosen, d.instance(project, name))
		}
	}
	var errs []error
	for _, in := range chosen {
		errs = append(errs, d.stop(ctx, in, false))
	}
	return errors.Join(errs...)
}

func (d *processDriver) stop(ctx context.Context, in *instance, forget bool) error {
	unlock, err := lock(ctx, d.state, in.lockName())
	if err != nil {
		return err
	}
	defer unlock()
	in.load()
	if len(in.members()) > 0 {
		report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: in.Name, Message: "stopping"})
		defer report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: in.Name, Message: "stopped"})
		defer report.Record(ctx, report.Action{Act: report.Stopped, Name: in.Name})
	}
	if err := in.end(ctx); err != nil || !forget {
		return err
	}
	return in.forget()
}

// List describes the project's processes, those that have ended by themselves too.
func (d *processDriver) List(ctx context.Context, project string) ([]Status, error) {
	found := d.started(project)
	all := make([]Status, len(found))
	var wait sync.WaitGroup
	for i, in := range found {
		wait.Go(func() {
			s, err := in.status(ctx)
			s.Problem = text(err)
			all[i] = s
		})
	}
	wait.Wait()
	return all, nil
}

// Look describes them without probing them.
func (d *processDriver) Look(_ context.Context, project string) ([]Status, error) {
	found := d.started(project)
	all := make([]Status, len(found))
	for i, in := range found {
		s, err := in.picture()
		s.Problem = text(err)
		all[i] = s
	}
	return all, nil
}

// started are the project's instances that were started once and not taken down since.
func (d *processDriver) started(project string) []*instance {
	return slices.DeleteFunc(d.folders(project), func(in *instance) bool { return in.PID == 0 })
}
