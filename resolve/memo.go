package resolve

import "sync"

// memo remembers results by key; concurrent calls for one key share one computation.
type memo[K comparable, V any] struct{ m sync.Map }

type result[V any] struct {
	once sync.Once
	v    V
	err  error
}

func (m *memo[K, V]) get(key K, compute func() (V, error)) (V, error) {
	r, ok := m.m.Load(key)
	if !ok {
		r, _ = m.m.LoadOrStore(key, new(result[V]))
	}
	res := r.(*result[V])
	res.once.Do(func() { res.v, res.err = compute() })
	return res.v, res.err
}

// peek is the remembered result, if there is a good one. No computation may be under way.
func (m *memo[K, V]) peek(key K) (v V, ok bool) {
	if r, found := m.m.Load(key); found {
		res := r.(*result[V])
		return res.v, res.err == nil
	}
	return v, false
}

// each calls do for every good result. No computation may be under way.
func (m *memo[K, V]) each(do func(K, V)) {
	m.m.Range(func(key, r any) bool {
		if res := r.(*result[V]); res.err == nil {
			do(key.(K), res.v)
		}
		return true
	})
}
