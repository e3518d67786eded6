package resolve

import (
	"hash/maphash"
	"sync"
)

// memo remembers results by key; concurrent calls for one key share one computation. The zero memo is ready. (A sync.Map
// would put every key that is looked up on the heap.)
type memo[K comparable, V any] struct {
	// Goroutines that solve look things up all the time, and would wait for each other at a single lock.
	shards [64]shard[K, V]
}

type shard[K comparable, V any] struct {
	mu sync.Mutex
	m  map[K]*result[V]
}

// result is the result of one computation.
type result[V any] struct {
	once sync.Once
	v    V
	err  error
}

func (r *result[V]) get(compute func() (V, error)) (V, error) {
	r.once.Do(func() { r.v, r.err = compute() })
	return r.v, r.err
}

var memoSeed = maphash.MakeSeed()

func (m *memo[K, V]) shard(key K) *shard[K, V] {
	return &m.shards[maphash.Comparable(memoSeed, key)%uint64(len(m.shards))]
}

func (m *memo[K, V]) get(key K, compute func() (V, error)) (V, error) {
	s := m.shard(key)
	s.mu.Lock()
	r := s.m[key]
	if r == nil {
		if s.m == nil {
			s.m = map[K]*result[V]{}
		}
		r = new(result[V])
		s.m[key] = r
	}
	s.mu.Unlock()
	return r.get(compute)
}

// peek is the remembered result, if there is a good one. No computation may be under way.
func (m *memo[K, V]) peek(key K) (v V, ok bool) {
	if r := m.shard(key).m[key]; r != nil {
		return r.v, r.err == nil
	}
	return v, false
}

// each calls do for every good result. No computation may be under way.
func (m *memo[K, V]) each(do func(K, V)) {
	for i := range m.shards {
		for key, r := range m.shards[i].m {
			if r.err == nil {
				do(key, r.v)
			}
		}
	}
}
