package service

import (
	"encoding/json"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
)

// stoppable is what there is to know to stop the containers of a project: which compose service waits for which, and the hooks
// to run before. A stop has no compose file to read them from, and so they are kept in labels, like everything else.
func stoppable(project string, containers []container.Summary) *types.Project {
	p := &types.Project{Name: project, Services: types.Services{}}
	for _, c := range containers {
		name := c.Labels[api.ServiceLabel]
		s := types.ServiceConfig{Name: name, Image: c.Image, DependsOn: types.DependsOnConfig{}}
		_ = json.Unmarshal([]byte(c.Labels[labelPreStop]), &s.PreStop)
		for _, dep := range strings.Split(c.Labels[api.DependenciesLabel], ",") {
			if other, _, _ := strings.Cut(dep, ":"); other != "" {
				s.DependsOn[other] = types.ServiceDependency{Condition: types.ServiceConditionStarted}
			}
		}
		p.Services[name] = s
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
