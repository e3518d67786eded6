package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/gateway/call"
)

// TestPersist: a disk that is full for a while holds a job up, no more.
func TestPersist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("no space left on device")
		tries, told := 0, 0
		begun := time.Now()
		err := persist(t.Context(), func() error {
			if tries++; time.Since(begun) < time.Hour {
				return full
			}
			return nil
		}, func(error) { told++ })
		if err != nil || told != 1 || tries < 60 {
			t.Errorf("%v after %d tries, told %d times", err, tries, told)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := persist(ctx, func() error { return full }, nil); err != full {
			t.Errorf("the end of a queue that could not store: %v", err)
		}
		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		if err := persist(ctx, func() error { tries = 0; return nil }, nil); err != nil || tries != 0 {
			t.Errorf("one attempt is made at the end, too: %v", err)
		}
	})
}

// reader is a caller that reads a job's input, and in whose first call the disk goes away.
type reader struct {
	calls atomic.Int32
	first func()
	read  chan string
}

func (c *reader) Do(_ context.Context, asked call.Call, _ string, _ func(plugin.Progress)) (plugin.Response, error) {
	if c.calls.Add(1) == 1 && c.first != nil {
		c.first()
	}
	data, err := os.ReadFile(asked.Inputs[0].Path)
	c.read <- string(data)
	return plugin.Response{Outputs: []plugin.Media{plugin.Text("seen")}}, err
}

type uncounted struct{}

func (uncounted) Job(string)     {}
func (uncounted) Webhook(string) {}

// TestEndNotStored: a job that has ended, and whose end did not come to disk, runs again with its inputs; when the end is there, the
// inputs are not.
func TestEndNotStored(t *testing.T) {
	opts := Options{Dir: t.TempDir(), Workers: 1, Keep: time.Hour, Storage: 1 << 20, Timeout: time.Hour}
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "input.wav"), []byte("sound"), 0o600); err != nil {
		t.Fatal(err)
	}
	c := &reader{read: make(chan string, 2)}
	q, err := Open(t.Context(), opts, c, uncounted{})
	if err != nil {
		t.Fatal(err)
	}
	c.first = func() { _ = q.store.db.Close() }
	job, _, err := q.Submit(Submission{Dir: folder, Call: call.Call{Model: "m", Inputs: []plugin.Media{{Type: "audio", Path: filepath.Join(folder, "input.wav")}}}})
	if err != nil {
		t.Fatal(err)
	}
	q.Start(t.Context())
	<-c.read
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	q.Stop(ended)

	q, err = Open(t.Context(), opts, c, uncounted{})
	if err != nil {
		t.Fatal(err)
	}
	q.Start(t.Context())
	if got := <-c.read; got != "sound" {
		t.Errorf("the second time it read %q", got)
	}
	q.Stop(t.Context())
	if got, err := q.Read(job.ID); err != nil || got.State != Succeeded || got.Attempts != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if left, err := os.ReadDir(filepath.Join(opts.Dir, job.ID)); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if err := q.Close(); err != nil {
		t.Error(err)
	}
}
