package memo

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
)

// Map remembers results by key; concurrent calls for one key share one computation. The zero Map is ready. Goroutines that
// solve look things up tens of thousands of times, and nearly always what is there already, so looking up takes no lock.
// (A [sync.Map] would put every key that is looked up on the heap.)
type Map[K comparable, V any] struct {
	table atomic.Pointer[[]chain[K, V]] // nil for an empty one; as many as a power of two

	mu    sync.Mutex // of those who add
	count int
}

// chain are the entries whose hashes end alike. While a table grows, whoever follows a chain may be led into another one
// and miss an entry, which is found once nobody adds any more.
type chain[K comparable, V any] struct{ first atomic.Pointer[entry[K, V]] }

type entry[K comparable, V any] struct {
	next atomic.Pointer[entry[K, V]]
	hash uint64
	key  K
	Result[V]
}

// Result is the result of one computation. The zero Result has none yet.
type Result[V any] struct {
	once sync.Once
	done atomic.Bool
	v    V
	err  error
}

// Get returns the result, and computes it the first time. Concurrent calls wait for the one that computes.
func (r *Result[V]) Get(compute func() (V, error)) (V, error) {
	r.once.Do(func() {
		r.v, r.err = compute()
		r.done.Store(true)
	})
	return r.v, r.err
}

var seed = maphash.MakeSeed()

// Get returns the result for the key, and computes it the first time.
func (m *Map[K, V]) Get(key K, compute func() (V, error)) (V, error) {
	hash := maphash.Comparable(seed, key)
	e := m.find(hash, key)
	if e == nil {
		e = m.add(hash, key)
	}
	return e.Get(compute)
}

func (m *Map[K, V]) find(hash uint64, key K) *entry[K, V] {
	t := m.table.Load()
	if t == nil {
		return nil
	}
	e := (*t)[hash&uint64(len(*t)-1)].first.Load()
	for e != nil && (e.hash != hash || e.key != key) {
		e = e.next.Load()
	}
	return e
}

// add is find that makes room for the key where there is none.
func (m *Map[K, V]) add(hash uint64, key K) *entry[K, V] {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.find(hash, key); e != nil {
		return e
	}
	t := m.table.Load()
	if t == nil || m.count >= len(*t) {
		t = m.grow(t)
	}
	m.count++
	e := &entry[K, V]{hash: hash, key: key}
	push(*t, e)
	return e
}

// grow moves the entries to a larger table. The caller holds mu.
func (m *Map[K, V]) grow(old *[]chain[K, V]) *[]chain[K, V] {
	if old == nil {
		t := make([]chain[K, V], 64)
		m.table.Store(&t)
		return &t
	}
	t := make([]chain[K, V], 4*len(*old))
	for i := range *old {
		for e := (*old)[i].first.Load(); e != nil; {
			next := e.next.Load()
			push(t, e)
			e = next
		}
	}
	m.table.Store(&t)
	return &t
}

func push[K comparable, V any](t []chain[K, V], e *entry[K, V]) {
	c := &t[e.hash&uint64(len(t)-1)].first
	e.next.Store(c.Load())
	c.Store(e)
}

// Peek returns the result for the key if there is a good one; one that is added at the same time may be missed.
func (m *Map[K, V]) Peek(key K) (v V, ok bool) {
	if e := m.find(maphash.Comparable(seed, key), key); e != nil && e.done.Load() {
		return e.v, e.err == nil
	}
	return v, false
}

// Each calls do for every good result, in any order, without those that are being computed. Nothing is added meanwhile, so
// do must not ask for another key.
func (m *Map[K, V]) Each(do func(K, V)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t := m.table.Load()
	if t == nil {
		return
	}
	for i := range *t {
		for e := (*t)[i].first.Load(); e != nil; e = e.next.Load() {
			if e.done.Load() && e.err == nil {
				do(e.key, e.v)
			}
		}
	}
}
