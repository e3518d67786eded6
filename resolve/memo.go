package resolve

import "sync"

// memo remembers results by key; concurrent calls for one key share one computation. The zero memo is ready. (A sync.Map
// would put every key that is looked up on the heap.)
type memo[K comparable, V any] struct {
	mu sync.RWMutex
	m  map[K]*result[V]
}

type result[V any] struct {
	once sync.Once
	v    V
	err  error
}

func (m *memo[K, V]) get(key K, compute func() (V, error)) (V, error) {
	m.mu.RLock()
	r := m.m[key]
	m.mu.RUnlock()
	if r == nil {
		r = m.add(key)
	}
	r.once.Do(func() { r.v, r.err = compute() })
	return r.v, r.err
}

func (m *memo[K, V]) add(key K) *result[V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.m[key]
	if r == nil {
		if m.m == nil {
			m.m = map[K]*result[V]{}
		}
		r = new(result[V])
		m.m[key] = r
	}
	return r
}

// peek is the remembered result, if there is a good one. No computation may be under way.
func (m *memo[K, V]) peek(key K) (v V, ok bool) {
	if r := m.m[key]; r != nil {
		return r.v, r.err == nil
	}
	return v, false
}

// each calls do for every good result. No computation may be under way.
func (m *memo[K, V]) each(do func(K, V)) {
	for key, r := range m.m {
		if r.err == nil {
			do(key, r.v)
		}
	}
}
