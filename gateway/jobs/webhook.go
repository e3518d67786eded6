package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"go.etcd.io/bbolt"

	"github.com/MediaConduit/conduit/report"
)

// The states of a webhook.
const (
	waiting   = "waiting"
	pending   = "pending"
	delivered = "delivered"
	givenUp   = "given-up"
)

const (
	attemptTime   = 15 * time.Second // for a receiver to answer
	attemptsMost  = 10
	deliverAtOnce = 8
)

// WebhookOptions say to whom ends of jobs may be told, and how.
type WebhookOptions struct {
	Secret string   // what they are signed with; "" for none, and then nobody is told
	Allow  []string // hosts ("hooks.internal"), addresses and networks ("10.1.0.0/16") that may be called besides public ones over https
	Pause  func(attempt int) time.Duration
}

// pause is how long after a failed attempt the next follows: from five seconds, three times as long each time, to two hours.
func pause(attempt int) time.Duration {
	out := 5 * time.Second
	for range attempt - 1 {
		out *= 3
	}
	return min(out, 2*time.Hour)
}

// deliverer tells receivers of the ends of jobs, in the form of the Standard Webhooks specification.
type deliverer struct {
	opts   WebhookOptions
	allow  allowed
	client *http.Client
	queue  *Queue

	mu   sync.Mutex
	due  map[string]time.Time // jobs whose webhooks are pending
	wake chan struct{}
}

func newDeliverer(opts WebhookOptions, q *Queue) *deliverer {
	if opts.Pause == nil {
		opts.Pause = pause
	}
	d := &deliverer{opts: opts, allow: newAllowed(opts.Allow), queue: q, due: map[string]time.Time{}, wake: make(chan struct{}, 1)}
	d.client = &http.Client{
		Transport: d.allow.transport(), Timeout: attemptTime,
		// Another address than the one that was checked is not asked.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return d
}

// check refuses an address that nobody will be told at.
func (d *deliverer) check(address string) error {
	if d.opts.Secret == "" {
		return &report.Error{Kind: report.Policy, What: "this gateway sends no webhooks", Next: "have it started with --webhook-secret env:NAME or file:PATH, which receivers check signatures with"}
	}
	return d.allow.check(address)
}

// add has the webhook of a job that has ended delivered.
func (d *deliverer) add(id string, at time.Time) {
	d.mu.Lock()
	d.due[id] = at
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// next takes a job that is due. Without one, it tells how long none will be.
func (d *deliverer) next(now time.Time) (id string, wait time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	wait = time.Hour
	for each, at := range d.due {
		if in := at.Sub(now); in <= 0 {
			delete(d.due, each)
			return each, 0
		} else if in < wait {
			wait = in
		}
	}
	return "", wait
}

// run delivers until ctx ends. What is under way then is tried again after the next start.
func (d *deliverer) run(ctx context.Context) {
	var group sync.WaitGroup
	defer group.Wait()
	slots := make(chan struct{}, deliverAtOnce)
	for ctx.Err() == nil {
		id, wait := d.next(time.Now())
		if id == "" {
			timer := time.NewTimer(wait)
			select {
			case <-ctx.Done():
			case <-d.wake:
			case <-timer.C:
			}
			timer.Stop()
			continue
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := d.attempt(ctx, id); err != nil {
				report.Warn(d.queue.emit, id, "", err.Error())
			}
		})
	}
}

// attempt tries once to deliver, and stores how that went.
func (d *deliverer) attempt(ctx context.Context, id string) error {
	r, err := d.queue.store.read(id)
	if err != nil { // it was removed
		return nil
	}
	problem := d.send(ctx, r.Job)
	if problem != nil && ctx.Err() != nil {
		return nil
	}
	hook := r.Webhook
	hook.Attempts++
	hook.Next, hook.Problem = time.Time{}, ""
	outcome := delivered
	switch {
	case problem == nil:
		hook.State = delivered
	case hook.Attempts >= attemptsMost:
		hook.State, hook.Problem, outcome = givenUp, problem.Error(), givenUp
	default:
		hook.Next, hook.Problem, outcome = time.Now().Add(d.opts.Pause(hook.Attempts)).UTC(), problem.Error(), "failed"
	}
	d.queue.observer.Webhook(outcome)
	err = d.queue.store.update(func(tx *bbolt.Tx) error {
		if _, err := get(tx, id); err != nil { // removed meanwhile
			return nil
		}
		return put(tx, r)
	})
	if hook.State == pending && err == nil {
		d.add(id, hook.Next)
	}
	return err
}

// send makes one request.
func (d *deliverer) send(ctx context.Context, job Job) error {
	address := job.Webhook.URL
	if err := d.check(address); err != nil { // what is allowed may have changed since
		return err
	}
	now := time.Now()
	job.Webhook = nil
	body, err := json.Marshal(map[string]any{"type": "job." + string(job.State), "timestamp": now.UTC().Format(time.RFC3339), "data": job})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return err
	}
	at := strconv.FormatInt(now.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "conduit")
	r.Header.Set("Webhook-Id", job.ID)
	r.Header.Set("Webhook-Timestamp", at)
	r.Header.Set("Webhook-Signature", Sign(d.opts.Secret, job.ID, at, body))
	resp, err := d.client.Do(r)
	if err != nil {
		var told *url.Error
		if errors.As(err, &told) { // without the address, which stands beside it
			err = told.Err
		}
		return err
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // so that the connection can be used again
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return fmt.Errorf("the receiver answered %s", resp.Status)
	}
	return nil
}
