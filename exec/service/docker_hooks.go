package service

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"

	"github.com/MediaConduit/conduit/report"
)

// hooked is what compose has to know to stop the containers of a project whose hooks run before that; nil where there are
// none, because compose then finds out by itself. A stop has no compose file to read them from, and so they are kept in
// labels, like everything else.
func hooked(project string, containers []container.InspectResponse) *types.Project {
	p := &types.Project{Name: project, Services: types.Services{}}
	found := false
	for _, c := range containers {
		name := c.Config.Labels[api.ServiceLabel]
		s := types.ServiceConfig{Name: name, Image: c.Config.Image, Tty: c.Config.Tty, DependsOn: types.DependsOnConfig{}}
		_ = json.Unmarshal([]byte(c.Config.Labels[labelPreStop]), &s.PreStop)
		found = found || len(s.PreStop) > 0
		for _, dep := range strings.Split(c.Config.Labels[api.DependenciesLabel], ",") {
			if other, _, _ := strings.Cut(dep, ":"); other != "" {
				s.DependsOn[other] = types.ServiceDependency{Condition: types.ServiceConditionStarted}
			}
		}
		p.Services[name] = s
	}
	if !found {
		return nil
	}
	for name, s := range p.Services {
		for other := range s.DependsOn {
			if _, ok := p.Services[other]; !ok {
				delete(p.Services[name].DependsOn, other)
			}
		}
	}
	return p
}

// withHooks stops something with its hooks, and without them when one fails: a stop must not depend on a program that may
// hang on to what is ill.
func withHooks(ctx context.Context, name string, p *types.Project, stop func(*types.Project) error) error {
	if p == nil {
		return stop(nil)
	}
	err := stop(p)
	if err == nil || ctx.Err() != nil {
		return err
	}
	report.Warn(ctx, name, "", "a pre_stop hook failed, and the service is stopped without: "+plain(err.Error()))
	return stop(nil)
}
