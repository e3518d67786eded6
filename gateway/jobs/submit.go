package jobs

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// keyMost is how many bytes an Idempotency-Key may have.
const keyMost = 255

// Submit accepts a job: when it returns, the job is on disk. A submission with the key of an earlier one returns that one's
// job, and before is true; s.Dir is left then.
func (q *Queue) Submit(s Submission) (job Job, before bool, err error) {
	if err := q.check(s); err != nil {
		return Job{}, false, err
	}
	now := time.Now()
	r := &record{
		Job:  Job{ID: newID(now), State: Queued, Model: s.Call.Model, Capability: s.Call.Capability, Created: now.UTC(), Deadline: s.Deadline},
		Call: s.Call, Delivery: s.Delivery, Timeout: s.Timeout, Key: s.Key,
	}
	if s.Webhook != "" {
		r.Webhook = &Webhook{URL: s.Webhook, State: waiting}
	}
	if s.Key != "" {
		if r.Fingerprint, err = fingerprint(s); err != nil {
			return Job{}, false, err
		}
		if old, err := q.byKey(r); old != nil || err != nil {
			return valueOf(old), true, err
		}
	}
	folder := q.store.folder(r.ID)
	if err := os.Rename(s.Dir, folder); err != nil {
		return Job{}, false, diskError(err)
	}
	for i, m := range r.Call.Inputs {
		if rest, ok := strings.CutPrefix(m.Path, s.Dir+string(filepath.Separator)); ok {
			r.Call.Inputs[i].Path = filepath.Join(folder, rest)
		}
	}
	if err := syncTree(folder); err != nil {
		return Job{}, false, errors.Join(diskError(err), os.RemoveAll(folder))
	}
	l := &live{history: newHistory(1)}
	l.history.add("state", stateEvent{State: Queued}, 0)
	q.mu.Lock()
	q.live[r.ID] = l
	q.mu.Unlock()
	var old *record
	err = q.store.update(func(tx *bbolt.Tx) (err error) {
		if old, err = sameKey(tx, r); old != nil || err != nil {
			return err
		}
		if r.Key != "" {
			if err := tx.Bucket(keysBucket).Put([]byte(r.Key), []byte(r.ID)); err != nil {
				return err
			}
		}
		return put(tx, r)
	})
	if err != nil || old != nil { // two submissions with one key came at the same time
		q.mu.Lock()
		delete(q.live, r.ID)
		q.mu.Unlock()
		return valueOf(old), old != nil, errors.Join(err, os.RemoveAll(folder))
	}
	q.observer.Job(string(Queued))
	q.mu.Lock()
	q.waiting = append(q.waiting, r.ID)
	q.mu.Unlock()
	q.signal()
	return r.Job, false, nil
}

func valueOf(r *record) Job {
	if r == nil {
		return Job{}
	}
	return r.Job
}

// check refuses what cannot become a job.
func (q *Queue) check(s Submission) error {
	if len(s.Key) > keyMost {
		return failure.Usage(fmt.Sprintf("the Idempotency-Key has more than %d bytes", keyMost), "use a UUID")
	}
	if !s.Deadline.IsZero() && !s.Deadline.After(time.Now()) {
		return failure.Usage("the deadline has passed", `"deadline": "`+time.Now().Add(time.Hour).UTC().Format(time.RFC3339)+`"`)
	}
	if s.Webhook != "" {
		if err := q.hooks.check(s.Webhook); err != nil {
			return err
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= q.opts.Waiting {
		return failure.Busy(fmt.Sprintf("%d jobs wait already", len(q.waiting)), "submit it again later, or have the gateway started with a larger --queue", 10*time.Second)
	}
	return nil
}

// byKey finds the job of an earlier submission with a record's key.
func (q *Queue) byKey(r *record) (old *record, err error) {
	err = q.store.db.View(func(tx *bbolt.Tx) (err error) {
		old, err = sameKey(tx, r)
		return err
	})
	return old, err
}

func sameKey(tx *bbolt.Tx, r *record) (*record, error) {
	if r.Key == "" {
		return nil, nil
	}
	id := tx.Bucket(keysBucket).Get([]byte(r.Key))
	if id == nil {
		return nil, nil
	}
	old, err := get(tx, string(id))
	if err != nil {
		return nil, err
	}
	if old.Fingerprint != r.Fingerprint {
		return nil, &failure.Error{Status: http.StatusUnprocessableEntity, Kind: "conflict", Err: &report.Error{Kind: report.Usage,
			What: "the Idempotency-Key was used for another request, which became " + old.ID, Next: "use a new key for a new request"}}
	}
	return old, nil
}

// fingerprint is a digest of what a submission asks for, the content of its files included.
func fingerprint(s Submission) (string, error) {
	sum := sha256.New()
	told := s
	told.Dir, told.Call.Inputs = "", append([]plugin.Media(nil), s.Call.Inputs...)
	for i, m := range told.Call.Inputs {
		if m.Path == "" {
			continue
		}
		f, err := os.Open(m.Path)
		if err != nil {
			return "", diskError(err)
		}
		_, err = io.Copy(sum, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return "", diskError(err)
		}
		told.Call.Inputs[i].Path = ""
	}
	data, err := json.Marshal(told)
	if err != nil {
		return "", diskError(err)
	}
	_, _ = sum.Write(data) // never fails
	return hex.EncodeToString(sum.Sum(nil)), nil
}
