package service

import (
	"context"
	"net/netip"
	"sort"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// List describes the project's instances from the engine's labels alone.
func (d *dockerDriver) List(ctx context.Context, project string) ([]Status, error) {
	groups, err := d.glance(ctx, project)
	if err != nil {
		return nil, err
	}
	all := make([]Status, len(groups))
	var wait sync.WaitGroup
	for i, containers := range groups {
		wait.Go(func() {
			s, err := describe(ctx, containers)
			s.Project, s.Problem = project, text(err)
			all[i] = s
		})
	}
	wait.Wait()
	return all, nil
}

// Look describes them without probing them.
func (d *dockerDriver) Look(ctx context.Context, project string) ([]Status, error) {
	groups, err := d.glance(ctx, project)
	if err != nil {
		return nil, err
	}
	all := make([]Status, len(groups))
	for i, containers := range groups {
		s, main := picture(containers)
		s.Project = project
		if main != nil && (!s.Running || main.State.Restarting) {
			s.Problem = text(stopped(&s, *main))
		}
		if main != nil {
			if check, broken := containerCheck(*main); broken == "" {
				s.ContainerCheck = check
			}
		}
		all[i] = s
	}
	return all, nil
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return plain(err.Error())
}

// inspections bounds how many containers are asked about at once.
const inspections = 8

// glance reads the project's containers in one call to the engine, however many there are, grouped by instance. Only those
// that do not run as they should are asked about one by one, for the reason.
func (d *dockerDriver) glance(ctx context.Context, project string) ([][]container.InspectResponse, error) {
	engine, err := d.engine(ctx)
	if err != nil {
		return nil, err
	}
	endpoint := d.cli.DockerEndpoint().Host
	list, err := engine.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ofProject(project)})
	if err != nil {
		return nil, d.failed(ctx, err, "cannot list containers", endpoint, startEngine)
	}
	seen := make([]*container.InspectResponse, len(list.Items))
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(inspections)
	now := time.Now()
	for i, c := range list.Items {
		if r, fine := summarised(c, now); fine {
			seen[i] = &r
			continue
		}
		group.Go(func() error {
			res, err := inspectContainer(gctx, engine, c.ID)
			if err == nil {
				seen[i] = inPodman(&res)
			} else if !isNotFound(err) { // it went away between the two questions
				return d.failed(ctx, err, "cannot inspect container "+c.ID[:12], endpoint, startEngine)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	named := map[string][]container.InspectResponse{}
	for _, c := range seen {
		if c != nil && c.Config != nil && c.State != nil {
			named[c.Config.Labels[labelName]] = append(named[c.Config.Labels[labelName]], *c)
		}
	}
	var groups [][]container.InspectResponse
	for _, name := range sortedKeys(named) {
		of := named[name]
		sort.Slice(of, func(i, j int) bool { return of[i].Name < of[j].Name })
		groups = append(groups, of)
	}
	return groups, nil
}

// summarised is what a list says about a container, in the form of an inspection. It is fine when nothing more needs to be
// known: the container runs, and its own health check finds no fault.
func summarised(c container.Summary, now time.Time) (r container.InspectResponse, fine bool) {
	uptime, known := runningFor(c.Status)
	if c.State != container.StateRunning || !known || strings.Contains(c.Status, "(unhealthy)") {
		return r, false
	}
	r.ID, r.HostConfig = c.ID, &container.HostConfig{}
	if len(c.Names) > 0 {
		r.Name = c.Names[0]
	}
	r.Config = &container.Config{Labels: c.Labels, Image: c.Image}
	r.State = &container.State{Status: c.State, Running: true, StartedAt: now.Add(-uptime).UTC().Format(time.RFC3339Nano)}
	switch {
	case strings.Contains(c.Status, "(healthy)"):
		r.State.Health = &container.Health{Status: container.Healthy}
	case strings.Contains(c.Status, "(health: starting)"):
		r.State.Health = &container.Health{Status: container.Starting}
	}
	r.NetworkSettings = &container.NetworkSettings{Ports: network.PortMap{}}
	if c.NetworkSettings != nil {
		r.NetworkSettings.Networks = c.NetworkSettings.Networks
	}
	for _, p := range c.Ports {
		port, ok := network.PortFrom(p.PrivatePort, network.IPProtocol(p.Type))
		if ok && p.PublicPort != 0 {
			r.NetworkSettings.Ports[port] = append(r.NetworkSettings.Ports[port], network.PortBinding{HostIP: netip.IPv4Unspecified(), HostPort: strconv.Itoa(int(p.PublicPort))})
		}
	}
	return r, true
}

var upFor = lazyregexp.New(`^Up (?:(Less than) )?(?:About )?(an?|\d+) (second|minute|hour|day|week|month|year)s?`)

// runningFor reads the engine's "Up 5 minutes (healthy)". It is as exact as the engine says it: to the second in the first
// minute, to the minute in the first hour.
func runningFor(status string) (time.Duration, bool) {
	m := upFor.FindStringSubmatch(status)
	if m == nil {
		return 0, false
	}
	n := 1
	if m[2][0] != 'a' {
		n, _ = strconv.Atoi(m[2])
	}
	if m[1] != "" {
		n = 0
	}
	day := 24 * time.Hour
	unit := map[string]time.Duration{"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": day, "week": 7 * day, "month": 30 * day, "year": 365 * day}
	return time.Duration(n) * unit[m[3]], true
}
