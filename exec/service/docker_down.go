package service

import (
	"context"
	"errors"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
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
	if err := d.clear(ctx, engine, name, composeProject); err != nil {
		return d.failed(ctx, err, "cannot stop service "+name, composeProject, "docker ps -a --filter label=com.docker.compose.project="+composeProject+" shows what is left")
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "service", Subject: name, Message: "stopped"})
	report.Record(ctx, report.Action{Act: report.Stopped, Name: name})
	return nil
}

// clear stops and removes what a compose project is made of, half made things included: containers that never started, what a
// failed hook has left, and networks without containers.
func (d *dockerDriver) clear(ctx context.Context, engine client.APIClient, name, composeProject string) error {
	containers, networks, err := belongings(ctx, engine, ofCompose(composeProject))
	if err != nil {
		return err
	}
	var own, hooks []container.Summary
	for _, c := range containers {
		if c.Labels[api.HookLabel] != "" {
			hooks = append(hooks, c)
		} else {
			own = append(own, c)
		}
	}
	remove := func(c container.Summary) error {
		_, err := engine.ContainerRemove(ctx, c.ID, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
		if err != nil && !isNotFound(err) {
			return err
		}
		// An anonymous volume that an earlier container has passed on is none of its own for the engine, and without its container
		// nobody can find it again.
		for _, volume := range anonymous(c.Mounts) {
			_, _ = engine.VolumeRemove(ctx, volume, client.VolumeRemoveOptions{})
		}
		return nil
	}
	if err := d.halt(ctx, engine, name, composeProject, own, remove); err != nil {
		return err
	}
	var group errgroup.Group
	for _, c := range hooks {
		group.Go(func() error { return remove(c) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, n := range networks {
		group.Go(func() error {
			_, err := engine.NetworkRemove(ctx, n.ID, client.NetworkRemoveOptions{})
			if isNotFound(err) {
				return nil
			}
			return err
		})
	}
	return group.Wait()
}
