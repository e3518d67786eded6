package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"github.com/MediaConduit/conduit/exec/media"
	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/gateway/files"
	"github.com/MediaConduit/conduit/report"
)

// stateEvent is the data of an event "state".
type stateEvent struct {
	State   State `json:"state"`
	Attempt int   `json:"attempt,omitempty"`
}

// errCancelled is why a job ends that a client cancelled.
var errCancelled = &report.Error{Kind: report.Interrupted, What: "the job was cancelled"}

// run runs a job that was taken. The error says that its end could not be stored; it runs again after the next start then.
func (q *Queue) run(ctx context.Context, id string) error {
	q.mu.Lock()
	l := q.live[id]
	if l == nil || l.cancels { // it was cancelled meanwhile
		q.mu.Unlock()
		return nil
	}
	// Its end is its own: a stop of the queue lets it run on for a while.
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	l.cancel = cancel
	q.running++
	q.mu.Unlock()
	defer func() {
		q.mu.Lock()
		q.running--
		q.mu.Unlock()
	}()
	refused := func(err error) {
		report.Warn(q.emit, id, "", "what becomes of it cannot be stored; that is tried again: "+err.Error())
	}
	var r *record
	err := persist(ctx, func() (err error) { r, err = q.begin(id); return err }, refused)
	if err != nil {
		return err
	}
	l.history.add("state", stateEvent{State: Running, Attempt: r.Attempts}, 0)
	q.observer.Job(string(Running))
	out := filepath.Join(q.store.folder(id), "out")
	response, err := q.call(own, l, r, out)
	var result *call.Result
	if err == nil {
		result, r.Outputs, err = q.keep(r, response, out)
	}
	if err != nil && context.Cause(own) == errStopping {
		return q.putBack(ctx, l, r)
	}
	return q.end(ctx, l, r, result, err, refused)
}

// begin notes that a job runs.
func (q *Queue) begin(id string) (r *record, err error) {
	err = q.store.update(func(tx *bbolt.Tx) (err error) {
		if r, err = get(tx, id); err != nil {
			return err
		}
		r.State, r.Started = Running, time.Now().UTC()
		r.Attempts++
		return put(tx, r)
	})
	return r, err
}

// call calls the model of a job, unless that is too late.
func (q *Queue) call(ctx context.Context, l *live, r *record, out string) (plugin.Response, error) {
	if r.Attempts > q.opts.Attempts {
		return plugin.Response{}, &report.Error{Kind: report.Failure, What: fmt.Sprintf("the job began %d times, and the gateway ended each time before the job did", q.opts.Attempts),
			Next: "find out why the gateway ends, then submit the job again"}
	}
	limit := r.Timeout
	if limit == 0 {
		limit = q.opts.Timeout
	}
	ctx, cancel := call.WithLimit(ctx, limit)
	defer cancel()
	if !r.Deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, r.Deadline, &report.Error{Kind: report.Timeout, What: "the job's deadline passed", Next: "submit it again with a later deadline"})
		defer cancel()
	}
	if err := errors.Join(os.RemoveAll(out), os.MkdirAll(out, 0o700)); err != nil { // an earlier attempt may have left something
		return plugin.Response{}, diskError(err)
	}
	if ctx.Err() != nil {
		return plugin.Response{}, context.Cause(ctx)
	}
	response, err := q.caller.Do(ctx, r.Call, out, func(p plugin.Progress) {
		if p.Partial != "" {
			l.history.add("partial", map[string]string{"text": p.Partial}, len(p.Partial))
		}
		if event, ok := call.ProgressOf(p); ok {
			l.history.add("progress", event, len(p.Message))
		}
	})
	return response, call.Explained(ctx, err)
}

// keep makes a job's result of a model's response: what is no text becomes a file of the job's folder.
func (q *Queue) keep(r *record, response plugin.Response, out string) (*call.Result, []output, error) {
	result := &call.Result{Outputs: make([]call.Output, len(response.Outputs)), Metadata: response.Metadata}
	outputs := make([]output, len(response.Outputs))
	folder := q.store.folder(r.ID)
	for i, m := range response.Outputs {
		o := call.Output{Type: m.Type, MIME: m.MIME, URL: m.URL, Metadata: m.Metadata}
		switch {
		case m.Path != "" || m.Data != nil:
			name := fmt.Sprintf("output-%d%s", i, media.Extension(m.MIME))
			path := filepath.Join(folder, name)
			err := os.Remove(path) // of an earlier attempt
			if errors.Is(err, os.ErrNotExist) {
				err = nil
			}
			if err == nil && m.Path != "" {
				err = files.Take(m.Path, path, out)
			} else if err == nil {
				err = os.WriteFile(path, m.Data, 0o600)
			}
			if err != nil {
				return nil, nil, diskError(err)
			}
			outputs[i] = output{File: name, MIME: m.MIME}
			o.URL = fmt.Sprintf("/api/v1/jobs/%s/outputs/%d", r.ID, i)
		case m.URL == "":
			o.Text = &m.Text
		}
		result.Outputs[i] = o
	}
	if err := os.RemoveAll(out); err != nil {
		return nil, nil, diskError(err)
	}
	if err := syncTree(folder); err != nil {
		return nil, nil, diskError(err)
	}
	return result, outputs, nil
}

// putBack has a job wait that was interrupted by the end of the gateway.
func (q *Queue) putBack(ctx context.Context, l *live, r *record) error {
	r.State, r.Outputs = Queued, nil
	err := q.store.update(func(tx *bbolt.Tx) error { return put(tx, r) })
	q.mu.Lock()
	l.cancel = nil
	cancelled := l.cancels
	q.mu.Unlock()
	if cancelled && err == nil {
		return q.end(ctx, l, r, nil, errCancelled, nil)
	}
	l.history.add("state", stateEvent{State: Queued, Attempt: r.Attempts}, 0)
	l.history.end()
	return err
}

// end stores how a job ended: again and again, see [persist], as long as ctx lasts. Only then its inputs go, because a job whose
// end was not stored runs again.
func (q *Queue) end(ctx context.Context, l *live, r *record, result *call.Result, err error, refused func(error)) error {
	inputs, unneeded := q.inputFiles(r)
	q.mu.Lock()
	cancelled := l.cancels
	q.mu.Unlock()
	r.Finished, r.Result, r.Call.Inputs, r.Call.Parameters = time.Now().UTC(), result, nil, nil
	switch {
	case err == nil:
		r.State = Succeeded
	case cancelled:
		r.State = Cancelled
		told := failure.Of(errCancelled)
		told.Retryable = false
		r.Error = &told
	default:
		r.State = Failed
		told := failure.Of(err)
		r.Error = &told
	}
	if r.Webhook != nil {
		r.Webhook.State, r.Webhook.Next = pending, time.Now().UTC()
	}
	r.Size = treeSize(q.store.folder(r.ID)) - unneeded + recordSize(r)
	stored := persist(ctx, func() error { return q.store.update(func(tx *bbolt.Tx) error { return put(tx, r) }) }, refused)
	if stored == nil {
		q.observer.Job(string(r.State))
		for _, path := range inputs {
			_ = os.Remove(path) // what stays goes with the job
		}
	}
	q.mu.Lock()
	delete(q.live, r.ID)
	q.kept += r.Size
	full := q.kept > q.opts.Storage
	q.mu.Unlock()
	for _, e := range ending(r) {
		l.history.add(e.Name, e.Data, 0)
	}
	l.history.end()
	if stored == nil && r.Webhook != nil {
		q.hooks.add(r.ID, r.Webhook.Next)
	}
	if full {
		return errors.Join(stored, q.prune(time.Now()))
	}
	return stored
}

// ending are the events that end a job's.
func ending(r *record) []Event {
	last := fmt.Sprintf("%d-end", r.Attempts)
	out := []Event{{Name: "state", Data: stateEvent{State: r.State, Attempt: r.Attempts}}}
	if r.Error != nil {
		return append(out, Event{ID: last, Name: "error", Data: map[string]any{"error": r.Error}})
	}
	return append(out, Event{ID: last, Name: "result", Data: r.Result})
}
