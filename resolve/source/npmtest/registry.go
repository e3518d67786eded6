package npmtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/verify/provenance/sigstoretest"
)

// Options says what a registry serves besides what is added to it.
type Options struct {
	Upstream []string // names of packages that come from the real npm registry, or "*" for all that were not added
	Dir      string   // where documents and tarballs from upstream are kept; a snapshot in the sense of [Registry.Serve]
}

// Registry is an npm registry on a loopback port.
type Registry struct {
	url      string
	server   *http.Server
	upstream *upstream
	signing  *signing
	sigstore func() (*sigstoretest.Instance, error) // made when something is attested

	mu       sync.Mutex
	packages map[string]*packageState
	dirs     []string // snapshots
	faults   []*Fault
	token    string
	requests []string
	fresh    int                        // see Unchanged
	advice   map[string]json.RawMessage // see Advise
}

// Start runs a registry until [Registry.Close].
func Start(opts Options) (*Registry, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &Registry{url: "http://" + l.Addr().String() + "/", packages: map[string]*packageState{}, sigstore: sync.OnceValues(sigstoretest.New)}
	if r.signing, err = newSigning(); err != nil {
		l.Close()
		return nil, err
	}
	if len(opts.Upstream) > 0 {
		if r.upstream, err = newUpstream(opts); err != nil {
			l.Close()
			return nil, err
		}
		r.dirs = append(r.dirs, opts.Dir)
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(l) }() // ends with Close
	return r, nil
}

// URL is the registry's base address, ending in a slash. Clients find it as npm_config_registry, or in an .npmrc.
func (r *Registry) URL() string { return r.url }

// Close stops the registry. Requests under way are cut off.
func (r *Registry) Close() error { return r.server.Close() }

// Shutdown stops the registry after the requests under way.
func (r *Registry) Shutdown(ctx context.Context) error { return r.server.Shutdown(ctx) }

// RequireToken makes the registry answer 401 to requests without this bearer token; "" lets everybody in again.
func (r *Registry) RequireToken(token string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.token = token
}

// Requests lists what was asked for since the start or the last [Registry.Reset], sorted: "GET /axios",
// "GET /axios/-/axios-1.6.0.tgz". Requests that a fault answered count too.
func (r *Registry) Requests() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Sorted(slices.Values(r.requests))
}

// Count is the number of requests that [Registry.Requests] lists.
func (r *Registry) Count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.requests)
}

// Unchanged is how many of the requests that [Registry.Requests] lists were answered with "not modified".
func (r *Registry) Unchanged() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fresh
}

// Reset forgets the requests and the faults. What is published stays.
func (r *Registry) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests, r.faults, r.fresh = nil, nil, 0
}

// Serve also serves the folder dir, a snapshot of real packages: NAME/packument.json is a document as a registry serves
// it, NAME/-/FILE.tgz a tarball. Addresses in the documents are made this registry's own.
func (r *Registry) Serve(dir string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dirs = append(r.dirs, dir)
}

// Unpublish takes a version away, tags that name it included.
func (r *Registry) Unpublish(name, version string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.packages[name]
	if p == nil || p.versions[version] == nil {
		return fmt.Errorf("npmtest: %s@%s is not published", name, version)
	}
	delete(p.versions, version)
	for tag, v := range p.tags {
		if v == version {
			delete(p.tags, tag)
		}
	}
	return nil
}
