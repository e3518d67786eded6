package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// Cancel ends a job before it has ended by itself. One that runs is told to stop, and ends when its provider has. One that has
// ended stays as it is.
func (q *Queue) Cancel(id string) (Job, error) {
	q.mu.Lock()
	l := q.live[id]
	if l == nil {
		q.mu.Unlock()
		return q.Read(id)
	}
	first := !l.cancels
	l.cancels = true
	running := l.cancel != nil
	if running {
		l.cancel(errCancelled)
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(each string) bool { return each == id })
	q.mu.Unlock()
	r, err := q.store.read(id)
	if err != nil {
		return Job{}, err
	}
	if running || !first {
		return r.Job, nil
	}
	once, cancel := context.WithCancel(context.Background())
	cancel() // the client waits, and is told where its end cannot be stored
	err = q.end(once, l, r, nil, errCancelled, nil)
	return r.Job, err
}

// Remove forgets a job that has ended, and its outputs.
func (q *Queue) Remove(id string) error {
	r, err := q.store.read(id)
	if err != nil {
		return err
	}
	if !r.State.Final() {
		return failure.Conflict("the job is "+string(r.State), "POST /api/v1/jobs/"+id+"/cancel first")
	}
	if err := q.store.remove(r); err != nil {
		return err
	}
	q.mu.Lock()
	q.kept -= r.Size
	q.mu.Unlock()
	return nil
}

// Output opens a file that a job made, and tells its media type. The caller closes it.
func (q *Queue) Output(id string, number int) (*os.File, string, error) {
	r, err := q.store.read(id)
	if err != nil {
		return nil, "", err
	}
	if number < 0 || number >= len(r.Outputs) || r.Outputs[number].File == "" {
		return nil, "", failure.NotFound(fmt.Sprintf("the job has no file %d", number), "GET /api/v1/jobs/"+id+" shows what it has")
	}
	f, err := os.Open(filepath.Join(q.store.folder(id), r.Outputs[number].File))
	if err != nil {
		return nil, "", &report.Error{What: "an output of the job cannot be read", Err: err, Next: "submit the job again"}
	}
	return f, r.Outputs[number].MIME, nil
}

// Watch is a client that follows a job's events.
type Watch struct {
	history *history // nil for a job that had ended
	at      int
	ended   []Event
}

// Watch follows the events of a job: all that are kept, or those after the event with the ID last, where the client has had
// that already.
func (q *Queue) Watch(id, last string) (*Watch, error) {
	q.mu.Lock()
	l := q.live[id]
	q.mu.Unlock()
	if l != nil {
		return &Watch{history: l.history, at: l.history.after(last)}, nil
	}
	r, err := q.store.read(id)
	if err != nil {
		return nil, err
	}
	if !r.State.Final() { // it ended between the two looks, or its end could not be stored
		return &Watch{}, nil
	}
	events := ending(r)
	if events[len(events)-1].ID == last {
		return &Watch{}, nil
	}
	return &Watch{ended: events}, nil
}

// Over reports whether no event will come.
func (w *Watch) Over() bool {
	if w.history == nil {
		return len(w.ended) == 0
	}
	events, _, ended, _ := w.history.from(w.at)
	return ended && len(events) == 0
}

// Each calls send with the events as they come, until the job ends, ctx ends or send fails.
func (w *Watch) Each(ctx context.Context, send func(Event) error) error {
	if w.history == nil {
		for _, e := range w.ended {
			if err := send(e); err != nil {
				return err
			}
		}
		return nil
	}
	for {
		events, next, ended, changed := w.history.from(w.at)
		for _, e := range events {
			if err := send(e); err != nil {
				return err
			}
		}
		w.at = next
		if ended {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
