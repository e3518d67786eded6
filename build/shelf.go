package build

import (
	"context"
	"errors"
	"sync"
	"weak"

	"github.com/MediaConduit/conduit/build/nodejs"
)

// shelf shares opened libraries between the builds that are under way: providers have many in common, and uncompressing
// takes longer than most of what is done with them. It does not keep what no build holds.
type shelf struct {
	mu     sync.Mutex
	opened map[string]weak.Pointer[opening]
}

// opening is a library that is being opened or was.
type opening struct {
	done chan struct{} // closed when the other fields are set
	pkg  *nodejs.Package
	err  error
}

// open returns what read made of the library called key, here or in another build. The caller keeps the opening as long
// as it uses the package.
func (s *shelf) open(ctx context.Context, key string, read func() (*nodejs.Package, error)) (*opening, error) {
	for {
		o, mine := s.take(key)
		if mine {
			o.pkg, o.err = read()
			if o.err != nil {
				s.drop(key, o)
			}
			close(o.done)
			return o, o.err
		}
		select {
		case <-o.done:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if o.err == nil || ctx.Err() != nil || !errors.Is(o.err, context.Canceled) && !errors.Is(o.err, context.DeadlineExceeded) {
			return o, o.err
		}
		// The build that read it was stopped, which says nothing about the library.
	}
}

// take returns the opening called key, and whether the caller has to read it.
func (s *shelf) take(key string) (o *opening, mine bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.opened[key].Value(); o != nil {
		return o, false
	}
	o = &opening{done: make(chan struct{})}
	if s.opened == nil {
		s.opened = map[string]weak.Pointer[opening]{}
	}
	s.opened[key] = weak.Make(o)
	return o, true
}

func (s *shelf) drop(key string, o *opening) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opened[key].Value() == o {
		delete(s.opened, key)
	}
}
