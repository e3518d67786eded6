package service

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	sdk "github.com/docker/compose/v5/pkg/compose"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/report"
)

// launch starts the containers of a plan that do not run, each compose service when those that it depends on are as far as it
// asks, and what waits for nothing all at once. Compose itself starts one container at a time in a whole process, and looks
// twice a second at a dependency. The hooks before and after a start are left to it.
func (d *dockerDriver) launch(ctx context.Context, engine client.APIClient, compose api.Compose, spec Spec, pl *plan) error {
	made, err := d.summaries(ctx, engine, ofCompose(pl.project.Name))
	if err != nil {
		return err
	}
	of := byService(made)
	project := pl.prepared().WithoutUnresolvedOptionalDependencies()
	return sdk.InDependencyOrder(ctx, project, func(order context.Context, name string) error {
		s := project.Services[name]
		for needed, how := range s.DependsOn {
			err := awaitDependency(order, engine, needed, how.Condition, of[needed])
			if err != nil && order.Err() == nil && !how.Required {
				report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: plain(fmt.Sprintf("%s starts without %s: %v", name, needed, err))})
				err = nil
			}
			if err != nil {
				return err
			}
		}
		if len(s.PreStart)+len(s.PostStart) > 0 {
			return compose.Start(ctx, project.Name, api.StartOptions{Project: only(project, s)})
		}
		// When one fails, the others are not given up: the engine goes on with what it was asked for.
		var group errgroup.Group
		for _, c := range of[name] {
			if c.State == container.StateRunning {
				continue
			}
			group.Go(func() error {
				_, err := engine.ContainerStart(ctx, c.ID, client.ContainerStartOptions{})
				if err == nil {
					report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: spec.Name, Message: "container " + nameOf(c) + " started"})
				}
				return err
			})
		}
		return group.Wait()
	})
}

// byService sorts containers by the compose service that they are of.
func byService(containers []container.Summary) map[string][]container.Summary {
	of := map[string][]container.Summary{}
	for _, c := range containers {
		name := c.Labels[api.ServiceLabel]
		of[name] = append(of[name], c)
	}
	return of
}

func nameOf(c container.Summary) string {
	if len(c.Names) == 0 {
		return c.ID[:min(len(c.ID), 12)]
	}
	return strings.TrimPrefix(c.Names[0], "/")
}

// only is a project of one of its services, which waits for no other.
func only(p *types.Project, s types.ServiceConfig) *types.Project {
	part := *p
	s.DependsOn = nil
	part.Services = types.Services{s.Name: s}
	return &part
}

// How often a dependency is looked at: soon at first, since most are quick.
const (
	dependencyFirst = 20 * time.Millisecond
	dependencyMost  = 250 * time.Millisecond
)

// awaitDependency returns when all containers of a compose service are as far as the condition says, or with an error when they
// will never be.
func awaitDependency(ctx context.Context, engine client.APIClient, name, condition string, containers []container.Summary) error {
	if condition != types.ServiceConditionHealthy && condition != types.ServiceConditionCompletedSuccessfully {
		return nil // the order of the starts is all that is asked
	}
	for _, c := range containers {
		for pause := dependencyFirst; ; pause = min(pause*3/2, dependencyMost) {
			res, err := engine.ContainerInspect(ctx, c.ID, client.ContainerInspectOptions{})
			if err != nil {
				return err
			}
			done, err := reached(*inPodman(&res.Container), condition)
			if err != nil {
				return fmt.Errorf("%s, which another container waits for, %w", name, err)
			}
			if done {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(pause):
			}
		}
	}
	return nil
}

// reached tells whether a container is as far as a condition says; the error, why it will never be, completes a sentence.
func reached(c container.InspectResponse, condition string) (bool, error) {
	exited := c.State.Status == container.StateExited || c.State.Status == container.StateDead
	if condition == types.ServiceConditionCompletedSuccessfully {
		if exited && c.State.ExitCode != 0 {
			return false, fmt.Errorf("did not complete: exit code %d", c.State.ExitCode)
		}
		return exited, nil
	}
	switch check, _ := containerCheck(c); {
	case exited:
		return false, fmt.Errorf("has exited with code %d", c.State.ExitCode)
	case check == "":
		return false, fmt.Errorf("has no health check")
	case check == Unhealthy:
		return false, fmt.Errorf("is unhealthy: %s", lastCheck(c))
	default:
		return check == Healthy, nil
	}
}
