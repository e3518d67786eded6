package project

import (
	"context"
	"time"

	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/direct"
)

// governed is an origin that asks nobody about a source that the policy refuses.
type governed struct {
	resolve.Origin
	project *Project
}

func (g *governed) permit(src resolve.Source) error {
	if refused := g.project.ruled().sources.Check(src.String()); refused != nil {
		return refused.Error(src.String())
	}
	return nil
}

// Releases implements [resolve.Origin].
func (g *governed) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	if err := g.permit(src); err != nil {
		return resolve.Releases{}, err
	}
	return g.Origin.Releases(ctx, src)
}

// Find implements [resolve.Origin].
func (g *governed) Find(ctx context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	if err := g.permit(src); err != nil {
		return resolve.Revision{}, err
	}
	return g.Origin.Find(ctx, src, name)
}

// Fetch implements [resolve.Origin].
func (g *governed) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	if err := g.permit(src); err != nil {
		return resolve.Tree{}, err
	}
	return g.Origin.Fetch(ctx, src, rev)
}

// Signed implements [resolve.Signatures].
func (g *governed) Signed(ctx context.Context, src resolve.Source, rev resolve.Revision, anew bool) (resolve.Signed, error) {
	if err := g.permit(src); err != nil {
		return resolve.Signed{}, err
	}
	return signedOf(ctx, g.Origin, src, rev, anew)
}

// Published implements [resolve.Dated].
func (g *governed) Published(ctx context.Context, src resolve.Source, version string) (time.Time, error) {
	if err := g.permit(src); err != nil {
		return time.Time{}, err
	}
	if dated, ok := g.Origin.(resolve.Dated); ok {
		return dated.Published(ctx, src, version)
	}
	tree, err := g.Origin.Fetch(ctx, src, resolve.Revision{Version: version})
	return tree.Time, err
}

// Recall implements [resolve.Memory]. What is refused is not remembered: the question that follows says why.
func (g *governed) Recall(ctx context.Context, src resolve.Source, version string) (resolve.Remembered, bool) {
	memory, ok := g.Origin.(resolve.Memory)
	if !ok || g.permit(src) != nil {
		return resolve.Remembered{}, false
	}
	return memory.Recall(ctx, src, version)
}

// Remember implements [resolve.Memory].
func (g *governed) Remember(list []resolve.Remembered) {
	if memory, ok := g.Origin.(resolve.Memory); ok {
		memory.Remember(list)
	}
}

// Note implements [resolve.Memory].
func (g *governed) Note(list []resolve.Note) {
	if memory, ok := g.Origin.(resolve.Memory); ok {
		memory.Note(list)
	}
}

// governedPackages are libraries, without those that the policy refuses.
type governedPackages struct {
	*direct.Packages
	project *Project
}

// Packument implements [library.Registry].
func (g governedPackages) Packument(ctx context.Context, name string, full bool) (*library.Packument, error) {
	if refused := g.project.ruled().sources.Check("npm:" + name); refused != nil {
		return nil, refused.Error("npm:" + name)
	}
	return g.Packages.Packument(ctx, name, full)
}

// Direct implements [library.Packages].
func (g governedPackages) Direct(ctx context.Context, name string, a library.Address) (*library.Manifest, error) {
	from := a.URL
	if from == "" {
		from = a.Git.String()
	}
	refused := g.project.ruled().sources.Check(from, "npm:"+name)
	if refused != nil {
		return nil, refused.Error(name + " from " + from)
	}
	return g.Packages.Direct(ctx, name, a)
}
