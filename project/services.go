package project

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// instance is a service of the lock under the name that it has in this project.
type instance struct {
	name   string // unique in the project
	plain  string // without the line that tells two of one source apart
	module *lockfile.Module
}

// instances lists the services of the lock, sorted by name. A service is called as conduit.toml calls it, else by its
// source and, as Go's import paths are, by its major version from 2 on: adding another line renames none. Of several
// lines of 0.x the lowest bears the plain name.
func instances(lock *lockfile.Lock) []instance {
	out := make([]instance, 0, len(lock.Modules))
	taken := make(map[string]bool, len(lock.Modules))
	named := map[*lockfile.Module]string{}
	for i := range lock.Root {
		r := &lock.Root[i]
		if m, ok := lock.Service(r.Name); ok && r.Kind == lockfile.KindService {
			named[m] = r.Name
		}
	}
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind != lockfile.KindService {
			continue
		}
		name, ok := named[m]
		if !ok {
			name = serviceName(lock, m)
		}
		full, line := name, resolve.Line(m.Version)
		if !ok && (taken[name] || line != "v1" && !strings.HasPrefix(line, "v0") && line != "") {
			full += "-" + strings.ReplaceAll(line, ".", "-")
		}
		taken[full] = true
		out = append(out, instance{full, name, m})
	}
	slices.SortFunc(out, func(a, b instance) int { return strings.Compare(a.name, b.name) })
	return out
}

func modulesOf(list []instance) []*lockfile.Module {
	out := make([]*lockfile.Module, 0, len(list))
	for _, in := range list {
		out = append(out, in.module)
	}
	return out
}

// serviceName is the name of a service that conduit.toml does not list: that of its source or, where it is only called
// "service", that of a provider which asks for it.
func serviceName(lock *lockfile.Lock, m *lockfile.Module) string {
	text := m.Source
	if m.Replaces != "" {
		text = m.Replaces
	}
	src, _, err := resolve.ParseSource(text)
	if err != nil {
		return "service" // the lock was parsed: its sources are canonical
	}
	name := defaultName(src)
	if name == "service" {
		for _, r := range lock.Root {
			if provider, ok := lock.Module(r.Source, r.Version); ok && slices.Contains(lock.Services(provider), m) {
				name = r.Name
				break
			}
		}
	}
	return strings.TrimSuffix(name, "-service") + "-service"
}

// spec is what the driver needs to run a service of the lock. The package's files must be in the cache.
func (p *Project) spec(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, in instance) (service.Spec, error) {
	dir, err := p.locate(ctx, in.module)
	if err != nil {
		return service.Spec{}, err
	}
	about, err := readService(ctx, in.module, dir)
	if err != nil {
		return service.Spec{}, err
	}
	set, err := p.settings(m, lockfile.KindService, in.name)
	if err != nil {
		return service.Spec{}, err
	}
	var images []service.Image
	for _, i := range in.module.Images {
		images = append(images, service.Image(i))
	}
	return service.Spec{
		Project: service.ProjectID(p.dir),
		Name:    in.name,
		Source:  in.module.Source,
		Version: in.module.Version,
		Sum:     in.module.Sum,
		Dir:     dir,
		Service: about,
		Hint:    p.hints(ctx, lock, in.module)[in.module],
		Env:     set.Env,
		Port:    set.Port,
		Driver:  set.Driver,
		Limits:  service.Limits(set.Limits),
		Images:  images,
		Pinned:  m.Policy.Images != "",
		Offline: p.offline,
		Held:    &imageStore{Project: p},
		Carried: &imageStore{Project: p, source: in.module.Source, fetch: true},
	}, nil
}

// hints are what providers say of the services that they require, for the services in of: a service whose own manifest is
// silent is told by the first provider that says something. What cannot be read is passed over: the provider itself says
// so when it runs.
func (p *Project) hints(ctx context.Context, lock *lockfile.Lock, of ...*lockfile.Module) map[*lockfile.Module]manifest.ServiceConfig {
	out := map[*lockfile.Module]manifest.ServiceConfig{}
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind != lockfile.KindProvider {
			continue
		}
		services := slices.DeleteFunc(lock.Services(m), func(s *lockfile.Module) bool {
			_, told := out[s]
			return told || !slices.Contains(of, s)
		})
		if len(services) == 0 {
			continue
		}
		dir, err := p.locate(ctx, m)
		if err != nil {
			continue
		}
		about, err := readProvider(report.To(ctx, nil), m, dir)
		if err != nil || about.Service.HealthEndpoint == "" && about.Service.ServiceName == "" && about.Service.ComposeFile == "" {
			continue
		}
		for _, s := range services {
			out[s] = about.Service
		}
	}
	return out
}

// Up starts the named services of the lock, all when names is empty, and returns when they are healthy.
func (p *Project) Up(ctx context.Context, names []string) ([]service.Status, error) {
	m, lock, err := p.permitted(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(instances(lock), names)
	if err != nil {
		return nil, err
	}
	return p.up(ctx, m, lock, chosen)
}

// choose picks instances by name; all for no names.
func choose(all []instance, names []string) ([]instance, error) {
	if len(names) == 0 {
		return all, nil
	}
	var out []instance
	for _, name := range names {
		i := slices.IndexFunc(all, func(in instance) bool { return in.name == name })
		if i < 0 {
			return nil, noService(name, all)
		}
		out = append(out, all[i])
	}
	return out, nil
}

func noService(name string, all []instance) error {
	var known []string
	for _, in := range all {
		if !slices.Contains(known, in.name) { // one that runs is locked as well
			known = append(known, in.name)
		}
	}
	next := "conduit get SOURCE    adds a provider or a service"
	if len(known) > 0 {
		next = "name one of: " + strings.Join(known, ", ")
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("no service %q in %s", name, lockfile.Name), Next: next}
}

// up starts services side by side, or has the project's supervisor do it.
func (p *Project) up(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, chosen []instance) ([]service.Status, error) {
	if s, err := p.supervisor(); err != nil || s != nil && len(chosen) > 0 {
		if err != nil {
			return nil, err
		}
		return p.upThrough(ctx, s, chosen)
	}
	out := make([]service.Status, len(chosen))
	group, ctx := errgroup.WithContext(ctx)
	for i, in := range chosen {
		group.Go(func() error {
			spec, err := p.ready(ctx, m, lock, in)
			if err != nil {
				return err
			}
			out[i], err = p.services.Up(ctx, spec)
			return err
		})
	}
	return out, group.Wait()
}

// ready is the spec of a service of which everything is in place: its package is as the lock says, and nothing is left to
// build or pull.
func (p *Project) ready(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, in instance) (service.Spec, error) {
	spec, err := p.spec(ctx, m, lock, in)
	if err != nil {
		return spec, err
	}
	if err := rehash(ctx, in.module, spec.Dir); err != nil {
		return spec, err
	}
	ready, err := p.services.Prepared(ctx, spec)
	if err == nil && !ready {
		err = notSynced(in.name + " (its image is not built or pulled yet)")
	}
	return spec, err
}

// Restart stops the named services, all when names is empty, starts them again and returns when they are healthy.
func (p *Project) Restart(ctx context.Context, names []string) ([]service.Status, error) {
	_, lock, err := p.permitted(ctx)
	if err != nil {
		return nil, err
	}
	chosen, err := choose(instances(lock), names)
	if err != nil {
		return nil, err
	}
	if s, err := p.supervisor(); err != nil {
		return nil, err
	} else if s != nil {
		if err := s.Restart(ctx, names); err != nil {
			return nil, err
		}
		return p.upThrough(ctx, s, chosen)
	}
	if err := p.down(ctx, names); err != nil {
		return nil, err
	}
	return p.Up(ctx, names)
}

// Down stops the named services of the project, all when names is empty, and leaves no container, network or process of
// theirs. It returns the names of those that there were, sorted. It works without a lock too: what runs is found by what
// the engine knows.
func (p *Project) Down(ctx context.Context, names []string) ([]string, error) {
	if err := p.known(ctx, names); err != nil {
		return nil, err
	}
	all, unlisted := p.services.List(ctx, service.ProjectID(p.dir)) // what cannot be listed is stopped all the same
	stopped := []string{}
	for _, s := range all {
		if len(names) == 0 || slices.Contains(names, s.Name) {
			stopped = append(stopped, s.Name)
		}
	}
	slices.Sort(stopped)
	return stopped, cmp.Or(p.down(ctx, names), unlisted)
}

// down is [Project.Down] for services that are known to be the project's.
func (p *Project) down(ctx context.Context, names []string) error {
	if s, err := p.supervisor(); err != nil {
		return err
	} else if s != nil { // it would start them again
		if err := s.Stop(ctx, names); err != nil {
			return err
		}
	}
	return p.services.Down(ctx, service.ProjectID(p.dir), names)
}

// known refuses names that neither the lock nor a running instance bears.
func (p *Project) known(ctx context.Context, names []string) error {
	if len(names) == 0 {
		return nil
	}
	var all []instance
	if _, lock, err := p.current(ctx); err == nil {
		all = instances(lock)
	}
	running, err := p.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range running {
		all = append(all, instance{name: s.Name})
	}
	_, err = choose(all, names)
	return err
}

// Status lists the project's service instances, running or not, and where a supervisor keeps them, what it says of them.
func (p *Project) Status(ctx context.Context) ([]service.Status, error) {
	all, err := p.services.List(ctx, service.ProjectID(p.dir))
	if err != nil {
		return nil, err
	}
	s, err := p.supervisor()
	if err != nil || s == nil {
		return all, err
	}
	states, err := s.States(ctx)
	if err != nil {
		return nil, err
	}
	return supervised(all, states, p.services, service.ProjectID(p.dir)), nil
}

// Port is the host port of a running service: that of its container port, or of the one that providers talk to when
// container is 0.
func (p *Project) Port(ctx context.Context, name string, container int) (int, error) {
	all, err := p.Status(ctx)
	if err != nil {
		return 0, err
	}
	for _, s := range all {
		if s.Name != name || !s.Running && s.Held == 0 {
			continue
		}
		if s.Held != 0 && (container == 0 || len(s.Ports) > 0 && s.Ports[0].Container == container) {
			return s.Held, nil
		}
		for _, port := range s.Ports {
			if container == 0 || port.Container == container {
				return port.Host, nil
			}
		}
		return 0, noPort(s, container)
	}
	_, lock, err := p.current(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := choose(instances(lock), []string{name}); err != nil {
		return 0, err
	}
	return 0, &report.Error{Kind: report.Service, What: name + " does not run", Next: "conduit up -d " + name}
}

// noPort is the error for a port that a running service does not publish, 0 for one that publishes none at all.
func noPort(s service.Status, container int) error {
	if len(s.Ports) == 0 {
		return &report.Error{Kind: report.Service, What: s.Name + " publishes no port", Next: "conduit logs " + s.Name + "    shows what it does"}
	}
	e := &report.Error{Kind: report.Service, What: fmt.Sprintf("%s publishes no port %d", s.Name, container), Next: "name a port of its container:"}
	for _, port := range s.Ports {
		e.Next += fmt.Sprintf("\nconduit port %s %d", s.Name, port.Container)
	}
	return e
}
