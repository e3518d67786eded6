package service

import (
	"context"
	"errors"
	"io"

	"github.com/docker/compose/v5/pkg/api"

	"github.com/MediaConduit/conduit/report"
)

// Stop stops containers, each within the grace that its compose file declares.
func (d *dockerDriver) Stop(ctx context.Context, project string, names []string) error {
	engine, err := d.engine(ctx)
	if err != nil {
		return err
	}
	found, err := d.composeProjects(ctx, engine, project)
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range sortedKeys(found) {
		if len(names) == 0 || contains(names, name) {
			errs = append(errs, d.stop(ctx, name, found[name]))
		}
	}
	return errors.Join(errs...)
}

func (d *dockerDriver) stop(ctx context.Context, name, composeProject string) error {
	unlock, err := lock(ctx, d.state, composeProject)
	if err != nil {
		return err
	}
	defer unlock()
	report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: name, Message: "stopping"})
	compose, err := d.sdk(ctx, name, io.Discard)
	if err != nil {
		return err
	}
	if err := compose.Stop(ctx, composeProject, api.StopOptions{}); err != nil {
		return failed(ctx, err, "cannot stop service "+name, composeProject, "conduit down "+name)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: name, Message: "stopped"})
	return nil
}
