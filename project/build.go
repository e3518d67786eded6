package project

import (
	"context"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// provider returns the files of a provider and what it says about itself; s is what the resolver knows already, or nil.
func (p *Project) provider(ctx context.Context, m *lockfile.Module, s *resolve.Selected) (string, *manifest.Provider, error) {
	if s != nil && s.Tree != nil && s.Provider != nil {
		return s.Tree.Path, s.Provider, nil
	}
	dir, err := p.fetch(ctx, m)
	if err != nil {
		return "", nil, err
	}
	about, err := readProvider(ctx, m, dir)
	return dir, about, err
}

// build makes the artifact of a provider from its verified files and libraries.
func (p *Project) build(ctx context.Context, m *lockfile.Module, dir string, about *manifest.Provider, libraries []resolve.Library) (build.Artifact, error) {
	name := subject(m)
	report.Emit(ctx, report.Event{Type: report.Start, Step: "build", Subject: name})
	artifact, err := p.builder.Build(ctx, build.Input{
		Subject: name, Dir: dir, Sum: m.Sum, Provider: about, Nodes: m.Libraries, Libraries: libraries, Tarball: p.tarball,
		Unbundled: m.Unbundled, External: m.External,
	})
	if err != nil {
		return build.Artifact{}, err
	}
	for _, w := range artifact.Warnings {
		report.Emit(ctx, w)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "build", Subject: name})
	if artifact.Made {
		report.Record(ctx, report.Action{Act: report.Built, Subject: name, Digest: artifact.Digest})
	}
	return artifact, nil
}

// checkArtifact hashes a built provider again.
func (p *Project) checkArtifact(ctx context.Context, m *lockfile.Module, artifact build.Artifact) error {
	err := p.builder.Check(subject(m), artifact)
	if err == nil {
		report.Record(ctx, report.Action{Act: report.Verified, Subject: subject(m), Digest: artifact.Digest})
	}
	return err
}

// tarball fetches a library, or finds it in the cache.
func (p *Project) tarball(ctx context.Context, l resolve.Library) (string, error) {
	return p.libraries.Tarball(ctx, l)
}
