package source

import (
	"context"
	"sync"
	"unsafe"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/memo"
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
// there are, in a form that is read faster than what it was made from.
type memory struct {
	mux
	cache   *cache.Cache
	offline bool
	shards  [shards]shard

	sources memo.Map[resolve.Source, *knowledge]
	writing sync.Mutex
}

var _ resolve.Memory = (*memory)(nil)

// of is what is known of a source.
func (m *memory) of(src resolve.Source) *knowledge {
	k, _ := m.sources.Get(src, func() (*knowledge, error) {
		k := &knowledge{remembered: parseRemembered(src, m.section(src))}
		if origin, ok := m.mux[src.Kind].(published); ok && m.offline {
			k.state = origin.State(src)
		}
		return k, nil
	})
	return k
}

// section is what the cache keeps of a source.
func (m *memory) section(src resolve.Source) string {
	name := src.String()
	n := shardOf(name)
	s := &m.shards[n]
	s.once.Do(func() { s.sections = m.read(n) })
	return s.sections[name]
}

func (m *memory) read(shard int) map[string]string {
	data, _ := m.cache.Meta(shardName(shard))
	return parseShard(unsafe.String(unsafe.SliceData(data), len(data))) // nobody else has data, which would be copied
}

// Releases implements [resolve.Origin]. Offline it remembers what the cache holds, for as long as it holds the same.
func (m *memory) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	origin, ok := m.mux[src.Kind].(published)
	if !ok || !m.offline {
		return m.mux.Releases(ctx, src)
	}
	k := m.of(src)
	if k.current() {
		return k.releases, nil
	}
	releases, err := origin.Releases(ctx, src)
	if err != nil || k.state == "" || k.state != origin.State(src) {
		return releases, err
	}
	identities := make([]string, len(releases.Versions))
	for i, v := range releases.Versions {
		if identities[i], err = origin.Identify(ctx, src, v); err != nil {
			return releases, nil // that version is bad, which is told to those who want it
		}
	}
	k.learn(releases, identities)
	return releases, nil
}

// Recall implements [resolve.Memory]. A version that was published anew since is another one, and not known.
func (m *memory) Recall(ctx context.Context, src resolve.Source, version string) (resolve.Remembered, bool) {
	k := m.of(src)
	i, ok := k.find(version)
	if !ok {
		return resolve.Remembered{}, false
	}
	r := k.packages[i]
	origin, ok := m.mux[src.Kind].(published)
	if !ok {
		return resolve.Remembered{}, false
	}
	now, ok := k.identity(version)
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
		m.of(r.Source).add(r)
	}
	m.write()
}

// Note implements [resolve.Memory].
func (m *memory) Note(list []resolve.Note) {
	for _, n := range list {
		m.of(n.Source).note(n)
	}
	m.write()
}

// write keeps what is new. Another process that does so at the same time may undo it, which costs both nothing but time
// later; and a cache that may not be written to is slower, no more.
func (m *memory) write() {
	m.writing.Lock()
	defer m.writing.Unlock()
	changed := map[int]map[string]string{}
	m.sources.Each(func(src resolve.Source, k *knowledge) {
		if text, ok := k.change(); ok {
			name := src.String()
			n := shardOf(name)
			if changed[n] == nil {
				changed[n] = m.read(n) // with what others have added since
			}
			changed[n][name] = text
		}
	})
	for n, sections := range changed {
		_ = m.cache.PutMeta(shardName(n), formatShard(sections))
	}
}
