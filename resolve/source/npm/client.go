package npm

import (
	"context"
	"net/http"
	"sync"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/manners"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// Packument is a package document.
type Packument = library.Packument

// Options says how to reach the registry. Cache is required.
type Options struct {
	Cache     *cache.Cache
	Offline   bool              // never ask the network; what is not in the cache is an error of kind Network
	Limits    Limits            // of what is read
	Dir       string            // the user's project, whose .npmrc is read besides the user's own; "" for none
	Mirror    *mirror.Route     // who is asked before the registry; nil for nobody
	Transport http.RoundTripper // nil for one that honours npm's settings, HTTPS_PROXY, NO_PROXY and SSL_CERT_FILE
}

// Client fetches from the npm registry. It is safe for concurrent use. Within the life of a Client each package document
// is asked for at most once.
type Client struct {
	cache   *cache.Cache
	offline bool
	config  *config
	http    *fetcher
	policy  *policy
	limits  Limits
	mirror  *mirror.Route

	mu   sync.Mutex
	docs map[docKey]*docCall

	answered sync.Map // what was stated about signatures, by document
}

// New reads the configuration of npm and returns a client for it. Nothing is fetched.
func New(opts Options) (*Client, error) {
	cfg, err := loadConfig(opts.Dir) // without one, no .npmrc of the working directory, which may be a package's
	if err != nil {
		return nil, err
	}
	transport := opts.Transport
	if transport == nil {
		transport = lazyTransport(sync.OnceValues(cfg.newTransport))
	}
	rules := &policy{}
	return &Client{cache: opts.Cache, offline: opts.Offline, config: cfg, http: newFetcher(manners.Guard(transport, rules.plain), cfg), policy: rules, limits: opts.Limits.orDefault(), mirror: opts.Mirror, docs: map[docKey]*docCall{}}, nil
}

// Local returns a client of the same registry and cache that never asks the network.
func (c *Client) Local() *Client {
	return &Client{cache: c.cache, offline: true, config: c.config, http: c.http, policy: c.policy, limits: c.limits, mirror: c.mirror, docs: map[docKey]*docCall{}}
}

// Registry is the base address of the registry that name comes from, without credentials.
func (c *Client) Registry(name string) string { return c.config.registry(name) }

var _ library.Registry = (*Client)(nil)

// parallel is how many requests a client has under way at once.
const parallel = 48

// acquire waits for one of the places that [parallel] leaves.
func (f *fetcher) acquire(ctx context.Context) error {
	select {
	case f.places <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (f *fetcher) release() { <-f.places }
