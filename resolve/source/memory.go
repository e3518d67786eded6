package source

import (
	"context"
	"sync"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve"
)

// published is an origin of versions that never change.
type published interface {
	resolve.Origin
	// Identify returns the commit of a version, or the integrity of its tarball.
	Identify(ctx context.Context, src resolve.Source, version string) (string, error)
	// State stands for what the cache holds of the releases of src, and changes with it; "" where it holds nothing.
	State(src resolve.Source) string
}

// memory is an origin that remembers in the cache what packages require and, for those who are offline, which releases
// there are: one document for each source, which is read faster than what it was made from.
type memory struct {
	mux
	cache   *cache.Cache
	offline bool

	mu   sync.Mutex
	docs map[resolve.Source]*document
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
			d.remembered = parseRemembered(src, string(data))
		}
		if origin, ok := m.mux[src.Kind].(published); ok && m.offline {
			d.state = origin.State(src)
		}
	})
	return d
}

// Releases implements [resolve.Origin]. Offline it remembers what the cache holds, for as long as it holds the same.
func (m *memory) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	origin, ok := m.mux[src.Kind].(published)
	if !ok || !m.offline {
		return m.mux.Releases(ctx, src)
	}
	d := m.document(src)
	if d.current() {
		return d.releases, nil
	}
	releases, err := origin.Releases(ctx, src)
	if err != nil || d.state == "" || d.state != origin.State(src) {
		return releases, err
	}
	identities := make(map[string]string, len(releases.Versions))
	for _, v := range releases.Versions {
		if identities[v], err = origin.Identify(ctx, src, v); err != nil {
			return releases, nil // that version is bad, which is told to those who want it
		}
	}
	d.learn(releases, identities)
	return releases, nil
}

// Recall implements [resolve.Memory]. A version that was published anew since is another one, and not known.
func (m *memory) Recall(ctx context.Context, src resolve.Source, version string) (resolve.Remembered, bool) {
	d := m.document(src)
	r, ok := d.packages[version]
	if !ok {
		return resolve.Remembered{}, false
	}
	origin, ok := m.mux[src.Kind].(published)
	if !ok {
		return resolve.Remembered{}, false
	}
	now, ok := d.identity(version)
	if !ok {
		var err error
		if now, err = origin.Identify(ctx, src, version); err != nil {
			return resolve.Remembered{}, false
		}
	}
	return r, now != "" && now == r.Revision.Commit+r.Revision.Integrity
}

// Remember implements [resolve.Memory].
func (m *memory) Remember(list []resolve.Remembered) {
	for _, r := range list {
		m.document(r.Source).add(r)
	}
	m.write()
}

// Note implements [resolve.Memory].
func (m *memory) Note(list []resolve.Note) {
	for _, n := range list {
		m.document(n.Source).note(n)
	}
	m.write()
}

// write keeps what is new. Another process that does so at the same time may undo it, which costs both nothing but time
// later; and a cache that may not be written to is slower, no more.
func (m *memory) write() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for src, d := range m.docs {
		if d.changed {
			d.changed = false
			_ = m.cache.PutMeta(documentName(src), d.format())
		}
	}
}
