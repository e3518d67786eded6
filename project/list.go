package project

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// Item is one module or tool of the lock as a list shows it.
type Item struct {
	Name      string           `json:"name"` // in conduit.toml or, for a service that only providers ask for, made from its source
	Kind      string           `json:"kind"`
	Source    string           `json:"source"`
	Version   string           `json:"version,omitempty"`
	Range     string           `json:"range,omitempty"` // what conduit.toml asks for
	Commit    string           `json:"commit,omitempty"`
	Sum       string           `json:"sum"`
	Signer    string           `json:"signer,omitempty"` // who signed or built it, as conduit.lock says it
	Artifact  string           `json:"artifact,omitempty"`
	Libraries int              `json:"libraries,omitempty"`
	Requires  []string         `json:"requires,omitempty"`
	Replaces  string           `json:"replaces,omitempty"`
	Platforms []string         `json:"platforms,omitempty"`   // of a tool: those that it is locked for
	Outside   []build.External `json:"outside,omitempty"`     // libraries that the bundle does not hold; known once it is built
	Permits   []Granted        `json:"permissions,omitempty"` // what a provider may reach, and who says so
	Synced    bool             `json:"synced"`                // everything that running it needs is in the cache and, for images, in the engine
}

// List lists what the lock holds: providers in the order of conduit.toml, then services, then the toolchain.
func (p *Project) List(ctx context.Context) ([]Item, error) {
	manifest, lock, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	out := []Item{}
	listed := map[*lockfile.Module]bool{}
	for _, r := range lock.Root {
		if m, ok := lock.Provider(r.Name); ok && r.Kind == lockfile.KindProvider {
			listed[m] = true
			next, err := p.providerItem(r.Name, r.Range, manifest, lock, m)
			if err != nil {
				return nil, err
			}
			out = append(out, next)
		}
	}
	out = append(out, p.serviceItems(ctx, manifest, lock)...)
	for i := range lock.Modules { // providers that other providers require
		if m := &lock.Modules[i]; m.Kind == lockfile.KindProvider && !listed[m] {
			next, err := p.providerItem(strings.TrimSuffix(serviceName(lock, m), "-service"), "", manifest, lock, m)
			if err != nil {
				return nil, err
			}
			out = append(out, next)
		}
	}
	if node, ok := p.nodeItem(ctx, manifest, lock); ok {
		out = append(out, node)
	}
	return out, nil
}

func (p *Project) serviceItems(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) []Item {
	all := instances(lock)
	out := make([]Item, len(all))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, in := range all {
		group.Go(func() error {
			rng := ""
			if r, ok := lock.RootOf(lockfile.KindService, in.name); ok {
				rng = r.Range
			}
			out[i] = item(in.name, rng, in.module, p.startable(ctx, m, lock, in))
			return nil
		})
	}
	_ = group.Wait()
	return out
}

// startable tells whether a start of the service would find its files and, where an engine answers, its images.
func (p *Project) startable(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, in instance) bool {
	ctx = report.To(ctx, nil) // whoever starts it hears what is wrong with it
	spec, err := p.spec(ctx, m, lock, in)
	if err != nil {
		return false
	}
	ready, err := p.services.Prepared(ctx, spec)
	return ready || errors.Is(err, service.ErrNoEngine)
}

func (p *Project) providerItem(name, rng string, manifest *lockfile.Manifest, lock *lockfile.Lock, m *lockfile.Module) (Item, error) {
	artifact, synced := p.runnable(lock, m)
	out := item(name, rng, m, synced)
	out.Outside = artifact.Externals
	var err error
	out.Permits, err = p.grants(manifest, m, name)
	return out, err
}

func item(name, rng string, m *lockfile.Module, synced bool) Item {
	out := Item{Name: name, Kind: m.Kind, Source: m.Source, Version: m.Version, Range: rng, Commit: m.Commit, Sum: m.Sum, Signer: m.Signer,
		Artifact: m.Artifact, Replaces: m.Replaces, Synced: synced}
	for _, n := range m.Libraries {
		if n.ID != "." {
			out.Libraries++
		}
	}
	for _, r := range m.Requires {
		out.Requires = append(out.Requires, withRange(r.Source, r.Version))
	}
	return out
}
