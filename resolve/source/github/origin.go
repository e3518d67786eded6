package github

import (
	"context"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// EnvToken is the environment variable that holds a token for github.com. It is sent to that host alone.
const EnvToken = "CONDUIT_GITHUB_TOKEN"

// Options configure an [Origin].
type Options struct {
	Cache   *cache.Cache
	Offline bool                     // answer from the cache alone
	Limits  extract.Limits           // of one tree; zero fields have their default values
	Env     func(name string) string // default os.Getenv
	Signed  func(source string) bool // whether signatures of a source will be asked for: what they are in is kept; nil for none
	Plain   func(host string) error  // whether a host may be asked without TLS where git's settings say so; default: yes
	Timeout time.Duration            // how long a host may stay silent; default one minute
	Mirror  *mirror.Route            // who is asked before the host; nil for nobody
}

// Origin implements [resolve.Origin] for git repositories. It is safe for concurrent use.
type Origin struct {
	opts      Options
	client    func() (*http.Client, error)
	rewriting func() rewriter

	mu      sync.Mutex
	remotes map[string]*remote // by the repository's URL before it is rewritten
}

// New returns an Origin. Git's settings and credentials are read when the first repository is asked.
func New(opts Options) *Origin {
	if opts.Env == nil {
		opts.Env = os.Getenv
	}
	if opts.Timeout == 0 {
		opts.Timeout = time.Minute
	}
	return &Origin{
		opts:      opts,
		remotes:   map[string]*remote{},
		client:    sync.OnceValues(func() (*http.Client, error) { return newClient(opts.Env, opts.Timeout) }),
		rewriting: sync.OnceValue(func() rewriter { return readRewriter(opts.Env) }),
	}
}

// repositoryURL is where src's repository is published.
func repositoryURL(src resolve.Source) string {
	if src.Kind == resolve.GitHub {
		return "https://github.com/" + src.Path
	}
	return "https://" + src.Path
}

// remote is the repository of src. All modules in one repository share it.
func (o *Origin) remote(src resolve.Source) *remote {
	url := repositoryURL(src)
	o.mu.Lock()
	defer o.mu.Unlock()
	r := o.remotes[url]
	if r == nil {
		r = &remote{origin: o, name: resolve.Source{Kind: src.Kind, Path: src.Path}.String(), url: url}
		o.remotes[url] = r
	}
	return r
}

// Releases lists the versions, other tags and branches of src's repository.
func (o *Origin) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	refs, err := o.remote(src).refs(ctx)
	if err != nil {
		return resolve.Releases{}, err
	}
	return refs.releases(src.Dir), nil
}

// Find resolves a tag, a branch, a commit or HEAD, in this order of preference. It brings the tree of the commit into
// the cache: its time is needed, and nobody asks for a revision that he does not use.
func (o *Origin) Find(ctx context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	refs, err := o.remote(src).refs(ctx)
	if err != nil {
		return resolve.Revision{}, err
	}
	commit, ok := refs.named(src.Dir, name)
	if !ok && isCommitPrefix(name) {
		if commit, err = o.expand(ctx, src, refs, name); err != nil {
			return resolve.Revision{}, err
		}
		ok = commit != ""
	}
	if !ok {
		return resolve.Revision{}, noSuchName(src, refs, name)
	}
	return o.revision(ctx, src, refs, commit)
}

// Fetch brings the tree of rev into the cache. If it is there already, and rev tells the commit, nothing is requested.
// Otherwise a version must still be the tag of the commit that rev tells.
func (o *Origin) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	commit := rev.Commit
	var err error
	if commit == "" {
		commit, err = o.commitOf(ctx, src, rev.Version)
	} else {
		err = checkCommit(src, rev)
	}
	if err != nil {
		return resolve.Tree{}, err
	}
	tree, err := o.tree(ctx, src, commit, rev)
	if err != nil {
		return resolve.Tree{}, err
	}
	tree.Version = rev.Version
	return tree, checkTime(src, tree.Revision)
}

// Identify returns the commit of a version.
func (o *Origin) Identify(ctx context.Context, src resolve.Source, version string) (string, error) {
	return o.commitOf(ctx, src, version)
}

// State stands for the refs of src's repository in the cache.
func (o *Origin) State(src resolve.Source) string {
	state, _ := o.opts.Cache.MetaState(o.remote(src).document())
	return state
}
