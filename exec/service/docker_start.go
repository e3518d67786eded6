package service

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/MediaConduit/conduit/report"
)

// Up brings the service up from the images that Prepare left, and waits until it is healthy.
func (d *dockerDriver) Up(ctx context.Context, spec Spec) (Status, error) {
	return d.up(ctx, spec, false)
}

// Restart stops the containers that run and brings the service up again.
func (d *dockerDriver) Restart(ctx context.Context, spec Spec) (Status, error) {
	return d.up(ctx, spec, true)
}

func (d *dockerDriver) up(ctx context.Context, spec Spec, stop bool) (s Status, err error) {
	pl, err := compose(ctx, spec)
	if err != nil {
		return Status{}, err
	}
	err = d.persist(ctx, spec.Name, func() error {
		engine, err := d.engine(ctx)
		if err != nil {
			return err
		}
		if err := d.start(ctx, engine, spec, pl, stop); err != nil {
			return err
		}
		s, err = d.awaitHealthy(ctx, engine, spec, pl)
		return err
	})
	return s, err
}

// start makes the instance's containers run, unless matching ones do.
func (d *dockerDriver) start(ctx context.Context, engine client.APIClient, spec Spec, pl *plan, stop bool) error {
	claim, err := d.claim(ctx, pl.project.Name)
	if err != nil {
		return err
	}
	defer claim.release()
	running, err := d.inspect(ctx, engine, ofCompose(pl.project.Name))
	if err != nil {
		return err
	}
	if !stop && adoptable(running, pl) {
		report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: "already running"})
		return nil
	}
	if missing, err := d.missing(ctx, engine, spec, pl); err != nil {
		return err
	} else if len(missing) > 0 {
		return &report.Error{Kind: report.Service, What: "service " + spec.Name + " is not prepared", Where: spec.place(), Why: "the engine does not have " + strings.Join(missing, ", "), Next: "conduit sync"}
	}
	if err := undeclared(spec, pl); err != nil {
		return err
	}
	if err := pl.fit(ctx, engine, spec); err != nil {
		return err
	}
	warnFixed(ctx, spec)
	report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: spec.Name, Message: "starting"})
	report.Record(ctx, spec.action(report.Started))
	compose, err := d.sdk(ctx, spec.Name, io.Discard)
	if err != nil {
		return err
	}
	if stop && len(running) > 0 {
		list, err := d.summaries(ctx, engine, ofCompose(pl.project.Name))
		if err != nil {
			return err
		}
		if err := d.halt(ctx, engine, spec.Name, pl.project.Name, list, nil); err != nil {
			return d.failed(ctx, err, "cannot stop service "+spec.Name, spec.place(), "conduit down "+spec.Name)
		}
	}
	if err := d.create(ctx, engine, compose, claim, spec, pl); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		err := d.launch(ctx, engine, compose, spec, pl)
		if err == nil {
			return nil
		}
		// A port that the engine chose may be another's by the time that it binds it; the next choice is another one.
		if !portTaken(err) || spec.Port != 0 || attempt == attempts {
			return d.startFailed(ctx, spec, err)
		}
	}
}

// create makes the instance's networks, volumes and containers. An engine goes on with what it was asked for after who
// asked has gone: an interrupt waits until it is done, so that the down that follows finds all of it.
func (d *dockerDriver) create(ctx context.Context, engine client.APIClient, compose api.Compose, claim *claim, spec Spec, pl *plan) error {
	if err := claim.begin(); err != nil {
		return failed(ctx, err, "service "+spec.Name+" cannot start", claim.note, freeState)
	}
	whole, cancel := outlive(ctx, createMost)
	defer cancel()
	err := compose.Create(whole, pl.prepared(), api.CreateOptions{
		RemoveOrphans:        true,
		Recreate:             api.RecreateDiverged,
		RecreateDependencies: api.RecreateDiverged,
		QuietPull:            true,
	})
	if err == nil && len(pl.inserts) > 0 {
		var made []container.InspectResponse
		if made, err = d.inspect(whole, engine, ofCompose(pl.project.Name)); err == nil {
			err = writeInserts(whole, engine, pl, made)
		}
	}
	if whole.Err() == nil {
		claim.end()
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return d.startFailed(ctx, spec, err)
	}
	return nil
}

// createMost is how long an interrupted start waits for the engine.
const createMost = 10 * time.Second

// outlive returns a context that ends a while after ctx.
func outlive(ctx context.Context, most time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-longer.Done():
		case <-time.After(most):
			cancel()
		}
	})
	return longer, func() { stop(); cancel() }
}

func (d *dockerDriver) startFailed(ctx context.Context, spec Spec, err error) error {
	if portTaken(err) {
		var by Occupant
		if spec.Port != 0 {
			by = d.occupant(ctx, spec.Port)
		}
		return portInUse(spec, by, err)
	}
	if e := noGPU(spec, err); e != nil {
		return e
	}
	return d.failed(ctx, err, "service "+spec.Name+" cannot start", spec.place(), "conduit logs "+spec.Name+" shows what its containers said; conduit down "+spec.Name+" removes them")
}

func portTaken(err error) bool {
	return strings.Contains(err.Error(), "port is already allocated") || strings.Contains(err.Error(), "address already in use")
}
