package pool

import (
	"context"
	"fmt"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// worker is one process from its start to its end. Its fields are guarded by the pool's mutex once ready is closed.
type worker[P Process] struct {
	process P
	ready   chan struct{} // closed when the start has ended, one way or the other
	err     error         // why it could not be started
	calls   int           // that run in it
	retired bool          // it gets no further calls and ends with the last one
	over    bool          // its end was noticed
	idle    *time.Timer
}

// rest is the pause after a crash or a start that failed.
type rest struct {
	failures int           // in a row
	over     chan struct{} // closed when the next start may be; nil when there is no pause
	err      error         // what calls get at once; nil when they are to wait
}

// acquire returns a process that has started, and counts a call in it.
func (p *Pool[P]) acquire(ctx context.Context) (*worker[P], error) {
	for {
		p.mu.Lock()
		switch {
		case p.closing:
			p.mu.Unlock()
			return nil, p.closedError()
		case p.current == nil && p.rest.over != nil:
			over, err := p.rest.over, p.rest.err
			p.mu.Unlock()
			if err != nil {
				return nil, err
			}
			select {
			case <-over:
			case <-p.closed:
			case <-ctx.Done():
				return nil, stopped(ctx, p.opts.Name)
			}
			continue
		case p.current == nil:
			p.current = p.begin(func(w *worker[P]) { p.startFailed(w) })
		}
		w := p.current
		p.mu.Unlock()
		select {
		case <-w.ready:
		case <-ctx.Done():
			return nil, stopped(ctx, p.opts.Name)
		}
		if w.err != nil {
			return nil, w.err
		}
		p.mu.Lock()
		select {
		case <-w.process.Exited(): // it is noticed here before its watcher does
			p.ended(w)
		default:
		}
		if w.retired || w.over {
			p.mu.Unlock()
			continue
		}
		w.calls++
		if w.idle != nil {
			w.idle.Stop()
		}
		p.mu.Unlock()
		return w, nil
	}
}

// release ends a call in w.
func (p *Pool[P]) release(w *worker[P], answered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w.calls--
	if answered {
		p.rest.failures = 0
	}
	if w.calls > 0 {
		return
	}
	if w.retired {
		go w.stop()
		return
	}
	p.await(w)
}

// await has w retire when it has not been called for the idle time. The mutex is held.
func (p *Pool[P]) await(w *worker[P]) {
	if p.opts.Idle <= 0 || w.over {
		return
	}
	if w.idle != nil {
		w.idle.Reset(p.opts.Idle)
		return
	}
	w.idle = time.AfterFunc(p.opts.Idle, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if w.calls == 0 && !w.retired {
			p.retire(w)
		}
	})
}

// begin starts a process. failed is told, with the mutex held, where it cannot be started. The mutex is held.
func (p *Pool[P]) begin(failed func(*worker[P])) *worker[P] {
	w := &worker[P]{ready: make(chan struct{})}
	p.workers[w] = true
	p.done.Add(1)
	go func() {
		process, err := p.opts.Start(p.alive)
		p.mu.Lock()
		w.process, w.err = process, err
		close(w.ready)
		if err != nil {
			delete(p.workers, w)
			w.over = true
			failed(w)
			p.mu.Unlock()
			p.done.Done()
			return
		}
		if w.retired { // the pool was closed meanwhile
			go w.stop()
		} else {
			p.await(w)
		}
		p.mu.Unlock()
		<-process.Exited()
		p.mu.Lock()
		p.ended(w)
		p.mu.Unlock()
		_ = process.Close()
		p.done.Done()
	}()
	return w
}

// retire has w end with its last call. The mutex is held.
func (p *Pool[P]) retire(w *worker[P]) {
	w.retired = true
	if p.current == w {
		p.current = nil
	}
	if w.idle != nil {
		w.idle.Stop()
	}
	select {
	case <-w.ready:
		if w.calls == 0 && w.err == nil {
			go w.stop()
		}
	default: // whoever starts it sees that it is retired
	}
}

// stop ends the process; the goroutine that waits for that does the rest.
func (w *worker[P]) stop() {
	<-w.ready
	if w.err == nil {
		_ = w.process.Close()
	}
}

// ended notes that w's process has ended: a crash, unless it was to. The mutex is held.
func (p *Pool[P]) ended(w *worker[P]) {
	if w.over {
		return
	}
	w.over = true
	delete(p.workers, w)
	if w.idle != nil {
		w.idle.Stop()
	}
	if p.current == w {
		p.current = nil
	}
	if w.retired {
		return
	}
	var err error
	if p.rest.failures+1 >= p.opts.Crashes {
		err = &report.Error{Kind: report.Provider, Where: p.opts.Name, What: fmt.Sprintf("it has crashed %d times in a row", p.rest.failures+1),
			Why: fmt.Sprintf("it is started again in %s at the latest", p.opts.MostPause), Next: p.opts.Next, Retryable: true}
	}
	p.pause(err)
}

// startFailed has calls fail with what the start failed with until the next one is due. The mutex is held.
func (p *Pool[P]) startFailed(w *worker[P]) {
	if p.current == w {
		p.current = nil
	}
	if !p.closing {
		p.pause(w.err)
	}
}

// pause begins a pause, in which calls get err or wait. The mutex is held.
func (p *Pool[P]) pause(err error) {
	length := p.opts.MostPause
	if doublings := p.rest.failures; doublings < 30 && p.opts.Pause<<doublings < length {
		length = p.opts.Pause << doublings
	}
	p.rest.failures++
	over := make(chan struct{})
	p.rest.over, p.rest.err = over, err
	time.AfterFunc(length, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.rest.over == over {
			p.rest.over, p.rest.err = nil, nil
		}
		close(over)
	})
}

// Reload starts a process of the program as it is now and has it take all further calls; those in the old one end there.
// Where it cannot be started the old one stays, and Reload returns why. Without a process nothing happens, but that a pause
// ends: the next call starts the new one.
func (p *Pool[P]) Reload(ctx context.Context) error {
	p.mu.Lock()
	p.rest = rest{}
	old := p.current
	if p.closing || old == nil {
		p.mu.Unlock()
		return nil
	}
	select {
	case <-old.ready:
	default: // it may be of the old program or of the new one
		p.mu.Unlock()
		select {
		case <-old.ready:
		case <-ctx.Done():
			return stopped(ctx, p.opts.Name)
		}
		return p.Reload(ctx)
	}
	next := p.begin(func(*worker[P]) {})
	p.mu.Unlock()
	select {
	case <-next.ready:
	case <-ctx.Done():
		p.mu.Lock()
		p.retire(next)
		p.mu.Unlock()
		return stopped(ctx, p.opts.Name)
	}
	if next.err != nil {
		return next.err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if next.retired || next.over {
		return nil
	}
	if p.current != nil && p.current != next {
		p.retire(p.current)
	}
	p.current = next
	return nil
}
