package memo_test

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/MediaConduit/conduit/resolve/memo"
)

// However many ask at the same time, while the table grows many times, each key is computed once and found by all.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	const askers, keys = 8, 5000
	var m memo.Map[string, int]
	var computed [keys]atomic.Int32
	var group sync.WaitGroup
	for a := range askers {
		group.Go(func() {
			for i := range keys {
				key := (i + a*keys/askers) % keys
				v, err := m.Get(strconv.Itoa(key), func() (int, error) {
					computed[key].Add(1)
					return key, nil
				})
				if v != key || err != nil {
					t.Errorf("%d: %d, %v", key, v, err)
				}
				if i%500 == 0 {
					m.Each(func(string, int) {})
				}
				if v, ok := m.Peek(strconv.Itoa(key)); ok && v != key {
					t.Errorf("%d: %d is there", key, v)
				}
			}
		})
	}
	group.Wait()
	for key := range computed {
		if n := computed[key].Load(); n != 1 {
			t.Fatalf("%d was computed %d times", key, n)
		}
		if v, ok := m.Peek(strconv.Itoa(key)); !ok || v != key {
			t.Fatalf("%d: %d, %v", key, v, ok)
		}
	}
	sum := 0
	m.Each(func(_ string, v int) { sum += v })
	if sum != keys*(keys-1)/2 {
		t.Errorf("all together are %d", sum)
	}
}

// An error is remembered like a result, and is no good one.
func TestError(t *testing.T) {
	t.Parallel()
	var m memo.Map[int, string]
	if _, ok := m.Peek(1); ok {
		t.Error("an empty map knows 1")
	}
	wrong := errors.New("wrong")
	for range 2 {
		if _, err := m.Get(1, func() (string, error) { return "", wrong }); err != wrong {
			t.Error(err)
		}
		if v, err := m.Get(2, func() (string, error) { return "two", nil }); v != "two" || err != nil {
			t.Errorf("%s, %v", v, err)
		}
	}
	if _, ok := m.Peek(1); ok {
		t.Error("an error is a good result")
	}
	m.Each(func(key int, v string) {
		if key != 2 || v != "two" {
			t.Errorf("%d: %s", key, v)
		}
	})
}
