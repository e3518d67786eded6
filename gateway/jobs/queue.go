package jobs

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/report"
)

// Options say how a queue works. Zeros mean the defaults.
type Options struct {
	Dir      string        // absolute folder
	Workers  int           // jobs that run at once; default 8
	Waiting  int           // jobs that may wait; default 10,000
	Keep     time.Duration // that jobs are kept after their end
	Storage  int64         // bytes that jobs which have ended may have; the oldest go first
	Timeout  time.Duration // of a run, where the job does not say less
	Attempts int           // how often a job may begin in all; default 5
	Webhooks WebhookOptions
}

// Caller calls models. *[call.Caller] is one.
type Caller interface {
	Do(ctx context.Context, c call.Call, dir string, progress func(plugin.Progress)) (plugin.Response, error)
}

// Observer counts. Its methods may be called concurrently.
type Observer interface {
	Job(state string)       // a job entered a state
	Webhook(outcome string) // an attempt was made: "delivered", "failed" or "given-up"
}

// Queue holds jobs and runs them. Its methods may be called concurrently.
type Queue struct {
	opts     Options
	store    *store
	caller   Caller
	observer Observer
	hooks    *deliverer
	emit     context.Context // where warnings go

	mu      sync.Mutex
	waiting []string         // IDs, the oldest first
	live    map[string]*live // jobs that have not ended
	kept    int64            // bytes of those that have
	running int
	wake    chan struct{} // has room for one: something waits
	stop    context.CancelCauseFunc
	workers sync.WaitGroup
}

// live is a job that has not ended.
type live struct {
	history *history
	cancel  context.CancelCauseFunc // nil while it waits
	cancels bool                    // its end was asked for
}

// Open opens the queue in opts.Dir. Jobs that were accepted and have not ended wait again; they run when it is started.
// Warnings go to ctx's sink as long as the queue is open. The caller closes it.
func Open(ctx context.Context, opts Options, caller Caller, observer Observer) (*Queue, error) {
	orElse(&opts.Workers, 8)
	orElse(&opts.Waiting, 10_000)
	orElse(&opts.Attempts, 5)
	s, err := openStore(opts.Dir)
	if err != nil {
		return nil, err
	}
	q := &Queue{opts: opts, store: s, caller: caller, observer: observer, live: map[string]*live{}, wake: make(chan struct{}, 1), emit: context.WithoutCancel(ctx)}
	q.hooks = newDeliverer(opts.Webhooks, q)
	if err := errors.Join(s.sweep(), q.recover()); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return q, nil
}

func orElse(field *int, value int) {
	if *field == 0 {
		*field = value
	}
}

// recover takes up what an earlier process left.
func (q *Queue) recover() error {
	return q.store.each(func(r *record) bool {
		if r.State.Final() {
			q.kept += r.Size
			if r.Webhook != nil && r.Webhook.State == pending {
				q.hooks.add(r.ID, r.Webhook.Next)
			}
			return true
		}
		q.waiting = append(q.waiting, r.ID)
		q.live[r.ID] = &live{history: newHistory(r.Attempts + 1)}
		q.live[r.ID].history.add("state", stateEvent{State: Queued, Attempt: r.Attempts}, 0)
		return true
	})
}

// Start runs jobs, until Stop.
func (q *Queue) Start(ctx context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	q.mu.Lock()
	q.stop = stop
	q.mu.Unlock()
	for range q.opts.Workers {
		q.workers.Go(func() { q.work(ctx) })
	}
	q.workers.Go(func() { q.hooks.run(ctx) })
	q.workers.Go(func() { q.pruning(ctx) })
	q.signal()
}

// errStopping is why jobs are cancelled that go back to wait.
var errStopping = &report.Error{Kind: report.Interrupted, What: "the gateway stops"}

// Stop begins no further job, lets those that run end until limit does, and has the rest wait for the next start.
func (q *Queue) Stop(limit context.Context) {
	q.mu.Lock()
	stop := q.stop
	q.stop = nil
	q.mu.Unlock()
	if stop == nil {
		return
	}
	done := make(chan struct{})
	go func() {
		stop(errStopping)
		q.workers.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-limit.Done():
		q.mu.Lock()
		for _, l := range q.live {
			if l.cancel != nil {
				l.cancel(errStopping)
			}
		}
		q.mu.Unlock()
		<-done
	}
}

// Close closes the queue's files. It has to be stopped, if it was started.
func (q *Queue) Close() error { return q.store.db.Close() }

// Check reports whether jobs can be stored.
func (q *Queue) Check() error {
	return q.store.update(func(*bbolt.Tx) error { return nil })
}

// Stats are how many jobs wait and run.
func (q *Queue) Stats() (waiting, running int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting), q.running
}

// signal wakes a worker.
func (q *Queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// work runs jobs one after the other.
func (q *Queue) work(ctx context.Context) {
	for ctx.Err() == nil {
		id := q.take()
		if id == "" {
			select {
			case <-ctx.Done():
			case <-q.wake:
			}
			continue
		}
		if err := q.run(ctx, id); err != nil {
			report.Warn(q.emit, id, "", err.Error())
		}
	}
}

// take takes the job that has waited longest; "" where none waits.
func (q *Queue) take() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return ""
	}
	id := q.waiting[0]
	q.waiting = q.waiting[1:]
	if len(q.waiting) > 0 {
		q.signal() // for the next worker
	}
	return id
}

// Read returns a job.
func (q *Queue) Read(id string) (Job, error) {
	r, err := q.store.read(id)
	if err != nil {
		return Job{}, err
	}
	return r.Job, nil
}

// List returns jobs, the newest first: those in a state, "" for any, that are older than the job before, "" for all.
func (q *Queue) List(state State, before string, most int) ([]Job, error) {
	out := []Job{}
	err := q.store.list(before, func(r *record) bool {
		if state == "" || r.State == state {
			out = append(out, r.Job)
		}
		return len(out) < most
	})
	return out, err
}
