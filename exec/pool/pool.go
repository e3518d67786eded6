package pool

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Process is what a pool runs.
type Process interface {
	// Exited is closed when the process has ended, for whatever reason.
	Exited() <-chan struct{}
	// Close ends it, and returns when nothing of it is left. It may be called several times.
	Close() error
}

// Options say how a [Pool] runs its process. Zeros mean the defaults.
type Options[P Process] struct {
	Name        string                           // for messages: "provider cowsay"
	Start       func(context.Context) (P, error) // starts a process, ready for calls; never called twice at once
	Concurrency int                              // calls in the process at once; default 64
	Queue       int                              // calls that wait for their turn; default four times Concurrency
	Idle        time.Duration                    // without a call, until the process is stopped; 0 for never
	Pause       time.Duration                    // after the first crash in a row until the next start, doubled with each further one; default 100 ms
	MostPause   time.Duration                    // the longest pause; default 30 s
	Crashes     int                              // crashes in a row, without an answered call between them, from which on calls fail at once during the pause; default 5
	Next        string                           // remedy where it crashes again and again
}

// The defaults of [Options].
const (
	defaultConcurrency = 64
	defaultQueue       = 4 // times the concurrency
	defaultPause       = 100 * time.Millisecond
	defaultMostPause   = 30 * time.Second
	defaultCrashes     = 5
)

// Pool runs one process for many callers. Its methods may be called concurrently.
type Pool[P Process] struct {
	opts  Options[P]
	gate  *gate
	alive context.Context // of starts; ends with the pool
	end   context.CancelFunc
	done  sync.WaitGroup // one for each process and each start

	mu      sync.Mutex
	current *worker[P] // takes new calls; nil when none runs or is being started
	workers map[*worker[P]]bool
	rest    rest
	closed  chan struct{} // closed at the first Close
	closing bool
}

// New returns a pool that runs nothing yet. The values of ctx are those of starts; its end is not theirs.
func New[P Process](ctx context.Context, opts Options[P]) *Pool[P] {
	if opts.Concurrency <= 0 {
		opts.Concurrency = defaultConcurrency
	}
	if opts.Queue <= 0 {
		opts.Queue = defaultQueue * opts.Concurrency
	}
	if opts.Pause <= 0 {
		opts.Pause = defaultPause
	}
	if opts.MostPause <= 0 {
		opts.MostPause = defaultMostPause
	}
	if opts.Crashes <= 0 {
		opts.Crashes = defaultCrashes
	}
	p := &Pool[P]{opts: opts, gate: newGate(opts.Concurrency, opts.Queue), workers: map[*worker[P]]bool{}, closed: make(chan struct{})}
	p.alive, p.end = context.WithCancel(context.WithoutCancel(ctx))
	return p
}

// Do calls use with the process, which it starts where none runs. It waits for its turn, for the start, and for a pause after
// a crash, as long as ctx lasts.
//
// Errors of use are returned as they are. Its own are [*report.Error]: retryable where too many calls wait or the pool is
// being closed, otherwise what the start failed with.
func (p *Pool[P]) Do(ctx context.Context, use func(context.Context, P) error) error {
	if !p.gate.enter(ctx) {
		if ctx.Err() != nil {
			return stopped(ctx, p.opts.Name)
		}
		return p.busy()
	}
	defer p.gate.leave()
	w, err := p.acquire(ctx)
	if err != nil {
		return err
	}
	err = use(ctx, w.process)
	p.release(w, err == nil)
	return err
}

// Load is how many calls are in the process and how many wait for their turn.
func (p *Pool[P]) Load() (running, waiting int) { return p.gate.load() }

// Close has the calls that run end, refuses further ones, and stops the process; when ctx ends first, at once. When it
// returns, nothing is left of any process.
func (p *Pool[P]) Close(ctx context.Context) error {
	p.mu.Lock()
	if !p.closing {
		p.closing = true
		close(p.closed)
	}
	p.current = nil
	for w := range p.workers {
		p.retire(w)
	}
	p.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		p.done.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		p.end()
		p.mu.Lock()
		for w := range p.workers {
			go w.stop()
		}
		p.mu.Unlock()
		<-gone
	}
	p.end()
	return nil
}

func (p *Pool[P]) busy() error {
	return &report.Error{Kind: report.Provider, Where: p.opts.Name, What: "it has too much to do",
		Why:  fmt.Sprintf("%d calls run and %d wait for their turn", p.opts.Concurrency, p.opts.Queue),
		Next: "try again in a moment", Retryable: true}
}

func (p *Pool[P]) closedError() error {
	return &report.Error{Kind: report.Interrupted, Where: p.opts.Name, What: "it is being stopped", Next: "try again in a moment", Retryable: true}
}

// stopped is the error of a call whose context ended before it had begun.
func stopped(ctx context.Context, name string) error {
	if ctx.Err() == context.DeadlineExceeded {
		return &report.Error{Kind: report.Timeout, Where: name, What: "the time limit passed before it could begin with the call", Err: context.Cause(ctx),
			Next: "allow more time, or call less often", Retryable: true}
	}
	return &report.Error{Kind: report.Interrupted, Where: name, What: "interrupted before it began with the call", Err: context.Cause(ctx)}
}
