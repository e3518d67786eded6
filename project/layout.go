package project

import (
	"context"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// layoutOf plans where the libraries that a provider's bundle does not hold stand on this machine; nil where there are
// none. With a manifest, making it runs the install scripts that are allowed and whose output the cache lacks.
func (p *Project) layoutOf(manifest *lockfile.Manifest, lock *lockfile.Lock, m *lockfile.Module, artifact build.Artifact) (*layout.Plan, error) {
	var roots []resolve.Edge
	for _, e := range artifact.Externals {
		if e.Name != "" {
			roots = append(roots, resolve.Edge{Name: e.Name, ID: e.ID})
		}
	}
	if len(roots) == 0 {
		return nil, nil
	}
	in := p.layoutInput(lock, m, manifest)
	in.Artifact, in.Digest, in.Roots, in.Outputs = artifact.Dir, artifact.Digest, roots, outputsHere(lock)
	return layout.New(in)
}

// layoutInput is what all layouts of a provider's libraries have in common.
func (p *Project) layoutInput(lock *lockfile.Lock, m *lockfile.Module, manifest *lockfile.Manifest) layout.Input {
	return layout.Input{Subject: subject(m), Nodes: m.Libraries, Libraries: librariesOf(lock, m), Platform: layout.Here(),
		Tarball: p.tarball, Cached: p.cachedTarball, Allowed: lock.Build,
		Output: func(ctx context.Context, node string) (string, error) {
			return p.nativeOutput(ctx, manifest, lock, m, node)
		}}
}

// layOut has a provider's external libraries laid out in the cache afterwards.
func (p *Project) layOut(ctx context.Context, manifest *lockfile.Manifest, lock *lockfile.Lock, m *lockfile.Module, artifact build.Artifact) error {
	plan, err := p.layoutOf(manifest, lock, m, artifact)
	if err != nil || plan == nil {
		return err
	}
	if _, ok := plan.Find(p.cache); ok {
		return nil
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "lay out", Subject: subject(m)})
	if _, err := plan.Make(ctx, p.cache); err != nil {
		return err
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "lay out", Subject: subject(m)})
	return nil
}

// laidOut is the folder that a provider runs from: its artifact, or a copy with libraries beside it.
func (p *Project) laidOut(lock *lockfile.Lock, m *lockfile.Module, artifact build.Artifact) (build.Artifact, error) {
	plan, err := p.layoutOf(nil, lock, m, artifact)
	if err != nil || plan == nil {
		return artifact, err
	}
	dir, ok := plan.Find(p.cache)
	if !ok {
		return artifact, notSynced("what " + subject(m) + " needs beside its bundle")
	}
	artifact.Dir = dir
	return artifact, nil
}

// runnable reports whether everything that a provider's process needs of it is in the cache.
func (p *Project) runnable(lock *lockfile.Lock, m *lockfile.Module) (build.Artifact, bool) {
	artifact, ok := p.builder.Find(m.Artifact)
	if !ok {
		return artifact, false
	}
	_, err := p.laidOut(lock, m, artifact)
	return artifact, err == nil
}

// cachedTarball finds a library in the cache.
func (p *Project) cachedTarball(l resolve.Library) (string, bool) {
	path, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: l.Integrity})
	return path, ok
}
