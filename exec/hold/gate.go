package hold

import (
	"context"
	"sync"
	"time"
)

// Gate lets requests through to the address that a service has now. All methods are safe for concurrent use. A new gate is
// shut.
type Gate struct {
	mu      sync.Mutex
	addr    string // "" while shut
	turn    int    // counts openings: connections of an earlier one are not used again
	failure error  // why waiting is pointless; nil while it is not
	changed chan struct{}
	active  int       // requests under way
	streams int       // connections that are no longer, or never were, HTTP
	waiting int       // requests that wait for an opening
	last    time.Time // when anything went through last
	wake    chan struct{}
}

// NewGate returns a shut gate.
func NewGate() *Gate {
	return &Gate{changed: make(chan struct{}), wake: make(chan struct{}, 1), last: time.Now()}
}

// Open lets requests through to addr, HOST:PORT. Opening it again at the same address changes nothing.
func (g *Gate) Open(addr string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.addr == addr {
		return
	}
	if g.addr == "" {
		g.last = time.Now()
	}
	g.addr, g.failure = addr, nil
	g.turn++
	g.change()
}

// Shut makes requests wait from now on. Those under way are not touched.
func (g *Gate) Shut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addr, g.failure = "", nil
	g.change()
}

// Fail shuts the gate and answers requests with err instead of letting them wait.
func (g *Gate) Fail(err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.addr, g.failure = "", err
	g.change()
}

// Drain shuts the gate and waits until no request is under way or the context ends. Streams are not waited for: nobody can
// tell when they are at a good place to stop.
func (g *Gate) Drain(ctx context.Context) {
	g.Shut()
	for {
		g.mu.Lock()
		changed, busy := g.changed, g.active > 0
		g.mu.Unlock()
		if !busy {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// ShutAfter shuts the gate if nothing has gone through for at least quiet, nothing is under way and nothing waits. It
// tells whether it did, and else when to ask again.
func (g *Gate) ShutAfter(quiet time.Duration) (shut bool, again time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.active+g.streams+g.waiting > 0 {
		return false, quiet
	}
	if left := quiet - time.Since(g.last); left > 0 {
		return false, left
	}
	g.addr, g.failure = "", nil
	select {
	case <-g.wake: // of before
	default:
	}
	g.change()
	return true, 0
}

// Wake receives whenever a request has come to the shut gate.
func (g *Gate) Wake() <-chan struct{} { return g.wake }

// Use is how much goes through the gate at a moment.
type Use struct{ Requests, Streams, Waiting int }

// Use counts what is under way.
func (g *Gate) Use() Use {
	g.mu.Lock()
	defer g.mu.Unlock()
	return Use{Requests: g.active, Streams: g.streams, Waiting: g.waiting}
}

// change tells those who wait; mu is held.
func (g *Gate) change() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// pass is the permission to talk to addr.
type pass struct {
	addr string
	turn int
}

// enter waits until the gate is open. The caller leaves after its request.
func (g *Gate) enter(ctx context.Context) (pass, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for {
		switch {
		case g.addr != "":
			g.active++
			return pass{g.addr, g.turn}, nil
		case g.failure != nil:
			return pass{}, g.failure
		}
		select {
		case g.wake <- struct{}{}:
		default:
		}
		changed := g.changed
		g.waiting++
		g.mu.Unlock()
		var err error
		select {
		case <-ctx.Done():
			err = context.Cause(ctx)
		case <-changed:
		}
		g.mu.Lock()
		g.waiting--
		if err != nil {
			return pass{}, err
		}
	}
}

// leave ends what enter began.
func (g *Gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.active--
	g.last = time.Now()
	if g.active == 0 && g.addr == "" {
		g.change() // somebody may drain it
	}
}

// stream makes a request that is under way a stream until the returned function is called.
func (g *Gate) stream() (end func()) {
	g.mu.Lock()
	g.streams++
	g.mu.Unlock()
	g.leave()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.streams--
		g.last = time.Now()
	}
}

// pause waits until the gate changes, the pause is over or the context ends.
func (g *Gate) pause(ctx context.Context, most time.Duration) {
	g.mu.Lock()
	changed := g.changed
	g.mu.Unlock()
	timer := time.NewTimer(most)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-changed:
	case <-timer.C:
	}
}
