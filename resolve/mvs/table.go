package mvs

import "iter"

// Numbered is what [Versions] of large graphs may implement besides. Versions, and lines, that are numbered from 0 without
// large gaps are found by their numbers, which takes a fraction of the time of a map.
type Numbered[V, L comparable] interface {
	Number(v V) int
	LineNumber(l L) int
}

// table holds a T for each K: by number where K has one. The zero table is empty.
type table[K comparable, T any] struct {
	number func(K) int // nil for none
	list   []T
	m      map[K]*T
}

// of makes room for k's. The pointer is good until the next call.
func (t *table[K, T]) of(k K) *T {
	if t.number != nil {
		n := t.number(k)
		if more := n + 1 - len(t.list); more > 0 {
			t.list = append(t.list, make([]T, more)...)
		}
		return &t.list[n]
	}
	v := t.m[k]
	if v == nil {
		if t.m == nil {
			t.m = map[K]*T{}
		}
		v = new(T)
		t.m[k] = v
	}
	return v
}

// find is k's, or the zero T.
func (t *table[K, T]) find(k K) (v T) {
	if t.number == nil {
		if p := t.m[k]; p != nil {
			v = *p
		}
	} else if n := t.number(k); n < len(t.list) {
		v = t.list[n]
	}
	return v
}

// all are those that room was made for, and zero ones, in any order.
func (t *table[K, T]) all() iter.Seq[*T] {
	return func(yield func(*T) bool) {
		for i := range t.list {
			if !yield(&t.list[i]) {
				return
			}
		}
		for _, v := range t.m {
			if !yield(v) {
				return
			}
		}
	}
}
