package service

import (
	"context"
	"io"

	"github.com/docker/compose/v5/pkg/api"
	sdk "github.com/docker/compose/v5/pkg/compose"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/report"
)

// Stop stops containers, each within the grace that its compose file declares.
func (d *dockerDriver) Stop(ctx context.Context, project string, names []string) error {
	return d.each(ctx, project, names, d.stop)
}

func (d *dockerDriver) stop(ctx context.Context, engine client.APIClient, name, composeProject string) error {
	claim, err := d.claim(ctx, composeProject)
	if err != nil {
		return err
	}
	defer claim.release()
	report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: name, Message: "stopping"})
	containers, err := d.summaries(ctx, engine, ofCompose(composeProject))
	if err != nil {
		return err
	}
	if err := d.halt(ctx, engine, name, composeProject, containers, nil); err != nil {
		return d.failed(ctx, err, "cannot stop service "+name, composeProject, "conduit down "+name)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: name, Message: "stopped"})
	report.Record(ctx, report.Action{Act: report.Stopped, Name: name})
	return nil
}

// halt stops the containers of a compose project, those first that wait for others, and does something with each that has
// stopped. Compose runs the hooks before a stop. A container whose hook fails is stopped without: a stop must not depend on a
// program that may hang on to what is ill.
func (d *dockerDriver) halt(ctx context.Context, engine client.APIClient, name, composeProject string, containers []container.Summary, then func(container.Summary) error) error {
	project := stoppable(composeProject, containers)
	of := byService(containers)
	return sdk.InReverseDependencyOrder(ctx, project, func(_ context.Context, service string) error {
		s := project.Services[service]
		if len(s.PreStop) > 0 {
			compose, err := d.sdk(ctx, name, io.Discard)
			if err != nil {
				return err
			}
			if err = compose.Stop(ctx, composeProject, api.StopOptions{Project: only(project, s)}); err != nil {
				if ctx.Err() != nil {
					return err
				}
				report.Warn(ctx, name, "", "a pre_stop hook failed, and the service is stopped without: "+plain(err.Error()))
			}
		}
		// When one fails, the others are not given up.
		var group errgroup.Group
		for _, c := range of[service] {
			group.Go(func() error {
				_, err := engine.ContainerStop(ctx, c.ID, client.ContainerStopOptions{})
				if err != nil && !isNotFound(err) {
					return err
				}
				report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: name, Message: "container " + nameOf(c) + " stopped"})
				if then == nil {
					return nil
				}
				return then(c)
			})
		}
		return group.Wait()
	})
}
