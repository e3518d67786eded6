package source

import (
	"context"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/file"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// Options say where an origin reads from.
type Options struct {
	Cache   *cache.Cache
	Project string                   // absolute folder that relative file: paths start from
	Offline bool                     // answer from the cache alone
	NPM     resolve.Origin           // answers for npm: sources; without it they are an error
	Limits  extract.Limits           // of one module; zero fields have their default values
	Signed  func(source string) bool // whether signatures of a source will be asked for
	Plain   func(host string) error  // whether a git host may be asked without TLS where git's settings say so; default: yes
	Env     func(name string) string // environment for git settings and credentials; default os.Getenv
	Mirror  *mirror.Route            // who is asked before where git sources are published; nil for nobody
}

// New returns the origin of all kinds of sources. It remembers what it has asked, so that one command asks each
// repository for its refs once: make one for each command.
func New(opts Options) resolve.Origin {
	git := github.New(github.Options{Cache: opts.Cache, Offline: opts.Offline, Limits: opts.Limits, Signed: opts.Signed, Plain: opts.Plain, Env: opts.Env, Mirror: opts.Mirror})
	return &memory{cache: opts.Cache, offline: opts.Offline, mux: mux{
		resolve.GitHub: git,
		resolve.Git:    git,
		resolve.NPM:    opts.NPM,
		resolve.File:   file.New(opts.Project),
	}}
}

type mux map[resolve.SourceKind]resolve.Origin

func (m mux) origin(src resolve.Source) (resolve.Origin, error) {
	if o := m[src.Kind]; o != nil {
		return o, nil
	}
	return nil, &report.Error{Kind: report.Usage, What: "cannot read the source " + src.String(),
		Why:  "there is no reader for sources of the kind " + string(src.Kind),
		Next: "write it as github:OWNER/REPO, git:HOST/PATH, npm:NAME or file:PATH"}
}

// Releases implements [resolve.Origin].
func (m mux) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	o, err := m.origin(src)
	if err != nil {
		return resolve.Releases{}, err
	}
	return o.Releases(ctx, src)
}

// Find implements [resolve.Origin].
func (m mux) Find(ctx context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	o, err := m.origin(src)
	if err != nil {
		return resolve.Revision{}, err
	}
	return o.Find(ctx, src, name)
}

// Fetch implements [resolve.Origin].
func (m mux) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	o, err := m.origin(src)
	if err != nil {
		return resolve.Tree{}, err
	}
	return o.Fetch(ctx, src, rev)
}

// Signed implements [resolve.Signatures] for git repositories.
func (m mux) Signed(ctx context.Context, src resolve.Source, rev resolve.Revision, anew bool) (resolve.Signed, error) {
	o, err := m.origin(src)
	if err != nil {
		return resolve.Signed{}, err
	}
	signatures, ok := o.(resolve.Signatures)
	if !ok {
		return resolve.Signed{}, &report.Error{Kind: report.Policy, What: "what comes from " + src.String() + " cannot be signed", Why: "it is no git repository",
			Next: "name repositories in [[policy.signed]]: github:OWNER/*, git:HOST/**"}
	}
	return signatures.Signed(ctx, src, rev, anew)
}

// Published implements [resolve.Dated]: what a registry says, else the time of the commit, which is fetched for it.
func (m mux) Published(ctx context.Context, src resolve.Source, version string) (time.Time, error) {
	o, err := m.origin(src)
	if err != nil {
		return time.Time{}, err
	}
	if dated, ok := o.(resolve.Dated); ok {
		return dated.Published(ctx, src, version)
	}
	tree, err := o.Fetch(ctx, src, resolve.Revision{Version: version})
	return tree.Time, err
}
