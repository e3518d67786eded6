package project

import (
	"context"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// providerServices answers a provider that asks for its services while it runs. It knows the services of the lock and no other.
type providerServices struct {
	project  *Project
	manifest *lockfile.Manifest
	lock     *lockfile.Lock
}

var _ plugin.Services = (*providerServices)(nil)

// Status implements [plugin.Services].
func (s *providerServices) Status(ctx context.Context, name string) (plugin.ServiceInfo, error) {
	all, err := s.project.Status(ctx)
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	for _, status := range all {
		if status.Name == name {
			return serviceInfo(status), nil
		}
	}
	return plugin.ServiceInfo{Name: name, Status: plugin.ServiceStatus{Health: service.NoHealth, State: "stopped"}}, nil
}

// Start implements [plugin.Services].
func (s *providerServices) Start(ctx context.Context, name string) (plugin.ServiceInfo, error) {
	in, err := s.find(name)
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	running, err := s.project.up(ctx, s.manifest, s.lock, []instance{in})
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	return serviceInfo(running[0]), nil
}

// Stop implements [plugin.Services].
func (s *providerServices) Stop(ctx context.Context, name string) (plugin.ServiceInfo, error) {
	if _, err := s.find(name); err != nil {
		return plugin.ServiceInfo{}, err
	}
	if err := s.project.down(ctx, []string{name}); err != nil {
		return plugin.ServiceInfo{}, err
	}
	return s.Status(ctx, name)
}

// Restart implements [plugin.Services].
func (s *providerServices) Restart(ctx context.Context, name string) (plugin.ServiceInfo, error) {
	in, err := s.find(name)
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	if keeper, err := s.project.supervisor(); err != nil {
		return plugin.ServiceInfo{}, err
	} else if keeper != nil {
		running, err := s.project.Restart(ctx, []string{in.name})
		if err != nil {
			return plugin.ServiceInfo{}, err
		}
		return serviceInfo(running[0]), nil
	}
	spec, err := s.project.spec(ctx, s.manifest, s.lock, in)
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	status, err := s.project.services.Restart(ctx, spec)
	if err != nil {
		return plugin.ServiceInfo{}, err
	}
	return serviceInfo(status), nil
}

// find returns the service that goes by this name or is at this source.
func (s *providerServices) find(name string) (instance, error) {
	for _, in := range instances(s.lock) {
		for _, spelling := range spellings(in) {
			if spelling == name {
				return in, nil
			}
		}
	}
	return instance{}, &report.Error{Kind: report.Service, What: "the service " + name + " is not in " + lockfile.Name,
		Next: "conduit get " + name}
}
