package service

import (
	"context"
	"io"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

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
	containers, err := d.inspect(ctx, engine, ofCompose(composeProject))
	if err != nil {
		return err
	}
	if err := d.halt(ctx, name, composeProject, containers); err != nil {
		return d.failed(ctx, err, "cannot stop service "+name, composeProject, "conduit down "+name)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: name, Message: "stopped"})
	return nil
}

// halt stops the containers of a compose project.
func (d *dockerDriver) halt(ctx context.Context, name, composeProject string, containers []container.InspectResponse) error {
	compose, err := d.sdk(ctx, name, io.Discard)
	if err != nil {
		return err
	}
	return withHooks(ctx, name, hooked(composeProject, containers), func(p *types.Project) error {
		return compose.Stop(ctx, composeProject, api.StopOptions{Project: p})
	})
}
