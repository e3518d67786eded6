package service

import (
	"context"
	"maps"
	"slices"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/system"
	"github.com/moby/moby/client"
)

// What Podman's socket does otherwise than Docker's.

// inPodman gives a container of Podman the state that Docker would: Podman calls one "stopped" that has exited until it has
// cleaned up after it.
func inPodman(c *container.InspectResponse) *container.InspectResponse {
	if c.State != nil && c.State.Status == "stopped" {
		c.State.Status = container.StateExited
	}
	return c
}

// withholdUnset drops the variables that a compose file names without a value and that nobody has set. For Docker they are
// unset in the container. Podman gives them the values that they have in its own environment, which is the user's.
func (pl *plan) withholdUnset(ctx context.Context, engine client.APIClient, spec Spec) error {
	unset := false
	for _, env := range pl.environments() {
		unset = unset || slices.Contains(slices.Collect(maps.Values(env)), nil)
	}
	if !unset {
		return nil
	}
	v, err := engine.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return failed(ctx, err, "cannot ask the Docker engine what it is", spec.place(), startEngine)
	}
	if !slices.ContainsFunc(v.Components, func(c system.ComponentVersion) bool { return c.Name == "Podman Engine" }) {
		return nil
	}
	for _, env := range pl.environments() {
		maps.DeleteFunc(env, func(_ string, value *string) bool { return value == nil })
	}
	return nil
}

// environments are those of all containers, the ones that run before others start included.
func (pl *plan) environments() []types.MappingWithEquals {
	var all []types.MappingWithEquals
	for _, s := range pl.project.Services {
		all = append(all, s.Environment)
		for _, h := range s.PreStart {
			all = append(all, h.Environment)
		}
	}
	return all
}
