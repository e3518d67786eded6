package source

import (
	"context"
	"maps"
	"slices"
	"sync"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve"
)

// identifier is an origin that can tell what a version is without fetching it.
type identifier interface {
	// Identify returns the commit of a version, or the integrity of its tarball.
	Identify(ctx context.Context, src resolve.Source, version string) (string, error)
}

// memory is an origin that remembers in the cache what packages require: one document for each source.
type memory struct {
	mux
	cache *cache.Cache

	mu   sync.Mutex
	docs map[resolve.Source]*document
}

// document is what is remembered of a source.
type document struct {
	once     sync.Once
	packages map[string]resolve.Remembered // by version
}

var _ resolve.Memory = (*memory)(nil)

// documentName is where the cache keeps what is remembered of a source.
func documentName(src resolve.Source) string { return "requirements " + src.String() }

func (m *memory) document(src resolve.Source) *document {
	m.mu.Lock()
	d := m.docs[src]
	if d == nil {
		d = new(document)
		m.docs[src] = d
	}
	m.mu.Unlock()
	d.once.Do(func() {
		if data, ok := m.cache.Meta(documentName(src)); ok {
			d.packages = parseRemembered(src, string(data))
		}
	})
	return d
}

// Recall implements [resolve.Memory]. A version that was published anew since is another one, and not known.
func (m *memory) Recall(ctx context.Context, src resolve.Source, version string) (resolve.Remembered, bool) {
	r, ok := m.document(src).packages[version]
	if !ok {
		return resolve.Remembered{}, false
	}
	origin, ok := m.mux[src.Kind].(identifier)
	if !ok {
		return resolve.Remembered{}, false
	}
	now, err := origin.Identify(ctx, src, version)
	return r, err == nil && now != "" && now == r.Revision.Commit+r.Revision.Integrity
}

// Remember implements [resolve.Memory]. Another process that remembers at the same time may undo it, which costs both
// nothing but time later.
func (m *memory) Remember(list []resolve.Remembered) {
	bySource := map[resolve.Source]map[string]resolve.Remembered{}
	for _, r := range list {
		packages := bySource[r.Source]
		if packages == nil {
			if packages = maps.Clone(m.document(r.Source).packages); packages == nil {
				packages = map[string]resolve.Remembered{}
			}
			bySource[r.Source] = packages
		}
		packages[r.Revision.Version] = r
	}
	for src, packages := range bySource {
		versions := slices.SortedFunc(maps.Keys(packages), semver.Compare)
		_ = m.cache.PutMeta(documentName(src), formatRemembered(versions, packages)) // a cache that may not be written to is slower, no more
	}
}
