package pool

import (
	"context"
	"sync/atomic"
)

// gate lets so many calls in at once and so many wait, in the order in which they came.
type gate struct {
	inside  chan struct{} // holds one for each call inside
	waiting atomic.Int64
	most    int64
}

func newGate(inside, waiting int) *gate {
	return &gate{inside: make(chan struct{}, inside), most: int64(waiting)}
}

// enter reports whether the call is inside. It is not where too many wait or ctx ended first.
func (g *gate) enter(ctx context.Context) bool {
	if ctx.Err() != nil {
		return false
	}
	select {
	case g.inside <- struct{}{}:
		return true
	default:
	}
	defer g.waiting.Add(-1)
	if g.waiting.Add(1) > g.most {
		return false
	}
	select {
	case g.inside <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *gate) leave() { <-g.inside }

func (g *gate) load() (inside, waiting int) {
	return len(g.inside), int(g.waiting.Load())
}
