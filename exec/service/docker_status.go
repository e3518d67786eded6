package service

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/docker/compose/v5/pkg/api"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// ofCompose selects what belongs to one compose project.
func ofCompose(name string) client.Filters {
	return make(client.Filters).Add("label", api.ProjectLabel+"="+name)
}

// ofProject selects what belongs to one conduit project.
func ofProject(project string) client.Filters {
	return make(client.Filters).Add("label", labelProject+"="+project)
}

// summaries lists the selected containers, running or not, without what a failed hook left.
func (d *dockerDriver) summaries(ctx context.Context, engine client.APIClient, filters client.Filters) ([]container.Summary, error) {
	list, err := engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
	if err != nil {
		return nil, d.failed(ctx, err, "cannot list containers", d.cli.DockerEndpoint().Host, startEngine)
	}
	return slices.DeleteFunc(list.Items, func(c container.Summary) bool { return c.Labels[api.HookLabel] != "" }), nil
}

// inspect reads the selected containers, running or not, in a stable order.
func (d *dockerDriver) inspect(ctx context.Context, engine client.APIClient, filters client.Filters) ([]container.InspectResponse, error) {
	list, err := d.summaries(ctx, engine, filters)
	if err != nil {
		return nil, err
	}
	var found []container.InspectResponse
	for _, c := range list {
		res, err := inspectContainer(ctx, engine, c.ID)
		if isNotFound(err) {
			continue // it went away between the two questions
		}
		if err != nil {
			return nil, d.failed(ctx, err, "cannot inspect container "+c.ID[:12], d.cli.DockerEndpoint().Host, startEngine)
		}
		found = append(found, *inPodman(&res))
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Name < found[j].Name })
	return found, nil
}

// composeProjects maps the names of a project's instances to their compose projects, by containers and by networks: a
// killed up may have made a network and no container yet.
func (d *dockerDriver) composeProjects(ctx context.Context, engine client.APIClient, project string) (map[string]string, error) {
	containers, networks, err := belongings(ctx, engine, ofProject(project))
	if err != nil {
		return nil, d.failed(ctx, err, "cannot list the services of the project", d.cli.DockerEndpoint().Host, startEngine)
	}
	found := map[string]string{}
	for _, c := range containers {
		found[c.Labels[labelName]] = c.Labels[api.ProjectLabel]
	}
	for _, n := range networks {
		found[n.Labels[labelName]] = n.Labels[api.ProjectLabel]
	}
	delete(found, "")
	return found, nil
}

// belongings are the selected containers, running or not, and networks.
func belongings(ctx context.Context, engine client.APIClient, filters client.Filters) ([]container.Summary, []network.Summary, error) {
	var containers client.ContainerListResult
	var networks client.NetworkListResult
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		containers, err = engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filters})
		return err
	})
	group.Go(func() (err error) {
		networks, err = engine.NetworkList(ctx, client.NetworkListOptions{Filters: filters})
		return err
	})
	err := group.Wait()
	return containers.Items, networks.Items, err
}

// adoptable tells whether containers run that were started from an equal spec, all copies of all of them.
func adoptable(containers []container.InspectResponse, pl *plan) bool {
	up := map[string]int{}
	for _, c := range containers {
		if recordOf(c).Hash != pl.hash || c.State == nil {
			return false
		}
		name := c.Config.Labels[api.ServiceLabel]
		// A container that did its one job and left is as good as running.
		once := c.State.Status == container.StateExited && c.State.ExitCode == 0 && c.HostConfig.RestartPolicy.IsNone()
		if c.State.Running && !c.State.Paused || once && name != pl.main {
			up[name]++
		}
	}
	for name, s := range pl.project.Services {
		if up[name] != s.GetScale() {
			return false
		}
	}
	return true
}

func recordOf(c container.InspectResponse) record {
	var r record
	if c.Config != nil {
		_ = json.Unmarshal([]byte(c.Config.Labels[labelRecord]), &r)
	}
	return r
}

// describe is the status of an instance from its containers, after one probe; the error is why it is not healthy.
func describe(ctx context.Context, containers []container.InspectResponse) (Status, error) {
	s, main := picture(containers)
	if main == nil {
		return s, errGone{fmt.Errorf("its container %s does not exist", s.ComposeService)}
	}
	err := health(ctx, &s, recordOf(containers[0]), *main)
	return s, err
}

// picture is the status of an instance from its containers, without its health, and the container that providers talk to.
func picture(containers []container.InspectResponse) (Status, *container.InspectResponse) {
	rec := recordOf(containers[0])
	s := Status{
		Name: rec.Name, Source: rec.Source, Version: rec.Version, Driver: Docker, Health: NoHealth, Ports: []Port{},
		ComposeService: rec.Main, ComposeFile: rec.File, ServiceDirectory: rec.Dir, Matches: rec.Hash,
	}
	var main *container.InspectResponse
	for i, c := range containers {
		name := c.Config.Labels[api.ServiceLabel]
		s.Ports = append(s.Ports, hostPorts(c, name)...)
		if name == rec.Main && main == nil {
			main = &containers[i]
		} else if name != rec.Main && !c.State.Running && !c.State.Restarting && (c.State.ExitCode != 0 || c.State.Status == container.StateCreated) {
			s.Dead = append(s.Dead, name)
		}
	}
	if main == nil {
		s.State = "missing"
		return s, nil
	}
	// The port that providers talk to comes first.
	sort.SliceStable(s.Ports, func(i, j int) bool { return rank(s.Ports[i], rec) < rank(s.Ports[j], rec) })
	s.ID, s.Image, s.ContainerName = main.ID, cmp.Or(rec.Image, main.Config.Image), strings.TrimPrefix(main.Name, "/")
	s.State, s.Running = string(main.State.Status), main.State.Running
	if t, err := time.Parse(time.RFC3339Nano, main.State.StartedAt); err == nil && s.Running {
		s.Started = t
	}
	if names := sortedKeys(main.NetworkSettings.Networks); len(names) > 0 {
		s.Network = names[0]
	}
	return s, main
}

func rank(p Port, rec record) int {
	switch {
	case p.Name == rec.Main && p.Container == rec.Port:
		return 0
	case p.Name == rec.Main:
		return 1
	}
	return 2
}

// hostPorts are the published ports of a container as the engine has them now.
func hostPorts(c container.InspectResponse, name string) []Port {
	var ports []Port
	if c.NetworkSettings == nil {
		return nil
	}
	for port, bindings := range c.NetworkSettings.Ports {
		for _, b := range bindings {
			if n, err := strconv.Atoi(b.HostPort); err == nil && n > 0 {
				ports = append(ports, Port{Container: int(port.Num()), Host: n, Name: name})
				break
			}
		}
	}
	sort.Slice(ports, func(i, j int) bool { return ports[i].Container < ports[j].Container })
	return ports
}

// awaitHealthy waits until the instance is healthy. Ports are read again with each probe: the engine picks new ones
// whenever it restarts a container.
func (d *dockerDriver) awaitHealthy(ctx context.Context, engine client.APIClient, spec Spec, pl *plan) (Status, error) {
	most := d.timeout
	if deadline, ok := ctx.Deadline(); ok {
		most = time.Until(deadline)
	}
	var s Status
	err := await(ctx, limit(most, spec.patience(), pl.checked), func(ctx context.Context) error {
		containers, err := d.inspect(ctx, engine, ofCompose(pl.project.Name))
		if err != nil {
			return err
		}
		if len(containers) == 0 {
			return errGone{fmt.Errorf("its containers are gone")}
		}
		s, err = describe(ctx, containers)
		s.Project = spec.Project
		return err
	})
	if err != nil {
		if !d.local() {
			err = fmt.Errorf("%w\nthe engine at %s is another machine, and services are published on its 127.0.0.1 only", err, d.cli.DockerEndpoint().Host)
		}
		return s, unhealthy(ctx, d, spec, err)
	}
	ready(ctx, s)
	return s, nil
}

// anonymous are the names of a container's anonymous volumes: 64 hex digits that the engine made up.
func anonymous(mounts []container.MountPoint) []string {
	var names []string
	for _, m := range mounts {
		if m.Type == mount.TypeVolume && len(m.Name) == 64 && strings.Trim(m.Name, "0123456789abcdef") == "" {
			names = append(names, m.Name)
		}
	}
	return names
}
