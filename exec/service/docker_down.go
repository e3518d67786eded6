package service

import (
	"context"
	"errors"
	"io"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/report"
)

// Down removes containers, networks and anonymous volumes. It goes by the engine's labels alone, and so also finds what a
// killed conduit has left half done.
func (d *dockerDriver) Down(ctx context.Context, project string, names []string) error {
	return d.each(ctx, project, names, d.remove)
}

// removals bounds how many instances are stopped at once.
const removals = 8

// each does something with instances of a project, all when names is empty, with several at a time.
func (d *dockerDriver) each(ctx context.Context, project string, names []string, do func(ctx context.Context, engine client.APIClient, name, composeProject string) error) error {
	return d.persist(ctx, project, func() error {
		engine, err := d.engine(ctx)
		if err != nil {
			return err
		}
		found, err := d.composeProjects(ctx, engine, project)
		if err != nil {
			return err
		}
		var group errgroup.Group
		group.SetLimit(removals)
		var chosen []string
		for _, name := range sortedKeys(found) {
			if len(names) == 0 || contains(names, name) {
				chosen = append(chosen, name)
			}
		}
		errs := make([]error, len(chosen))
		for i, name := range chosen {
			group.Go(func() error {
				errs[i] = do(ctx, engine, name, found[name])
				return nil // the others go on
			})
		}
		_ = group.Wait()
		return errors.Join(errs...)
	})
}

func (d *dockerDriver) remove(ctx context.Context, engine client.APIClient, name, composeProject string) error {
	claim, err := d.claim(ctx, composeProject)
	if err != nil {
		return err
	}
	defer claim.release()
	report.Emit(ctx, report.Event{Type: report.Start, Step: "service", Subject: name, Message: "stopping"})
	what, next := "cannot stop service "+name, "docker ps -a --filter label=com.docker.compose.project="+composeProject+" shows what is left"
	containers, err := d.inspect(ctx, engine, ofCompose(composeProject))
	if err != nil {
		return err
	}
	compose, err := d.sdk(ctx, name, io.Discard)
	if err != nil {
		return err
	}
	err = withHooks(ctx, name, hooked(composeProject, containers), func(p *types.Project) error {
		return compose.Down(ctx, composeProject, api.DownOptions{RemoveOrphans: true, Project: p})
	})
	if err != nil {
		return d.failed(ctx, err, what, composeProject, next)
	}
	for _, volume := range anonymous(containers) {
		// Compose keeps anonymous volumes; without their container nobody can find them again.
		_, _ = engine.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{})
	}
	if err := d.sweep(ctx, engine, composeProject); err != nil {
		return d.failed(ctx, err, what, composeProject, next)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: name, Message: "stopped"})
	return nil
}

// sweep removes what compose leaves behind: containers that were created and never started a project, and networks that
// a killed up had just made.
func (d *dockerDriver) sweep(ctx context.Context, engine client.APIClient, composeProject string) error {
	filters := ofCompose(composeProject)
	left, err := engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		return err
	}
	for _, c := range left.Items {
		if _, err := engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true}); err != nil && !isNotFound(err) {
			return err
		}
	}
	networks, err := engine.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
	if err != nil {
		return err
	}
	for _, n := range networks.Items {
		if _, err := engine.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{}); err != nil && !isNotFound(err) {
			return err
		}
	}
	return nil
}
