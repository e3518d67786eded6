package build

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/MediaConduit/conduit/build/nodejs"
)

func TestShelfReadsOnce(t *testing.T) {
	var s shelf
	var reads atomic.Int32
	var all sync.WaitGroup
	kept := make([]*opening, 8)
	for i := range kept {
		all.Go(func() {
			o, err := s.open(context.Background(), "a", func() (*nodejs.Package, error) {
				reads.Add(1)
				return nodejs.NewPackage(nil), nil
			})
			if err != nil {
				t.Error(err)
			}
			kept[i] = o
		})
	}
	all.Wait()
	for _, o := range kept {
		if o.pkg != kept[0].pkg {
			t.Error("two builds got different packages")
		}
	}
	if reads.Load() != 1 {
		t.Errorf("read %d times", reads.Load())
	}
}

// What fails is tried again by the next build, and a build that is stopped does not stop another.
func TestShelfForgetsFailures(t *testing.T) {
	var s shelf
	stopped, stop := context.WithCancel(context.Background())
	reading, waiting := make(chan struct{}), make(chan struct{})
	var first sync.WaitGroup
	defer first.Wait()
	first.Go(func() {
		_, err := s.open(stopped, "a", func() (*nodejs.Package, error) {
			close(reading)
			<-waiting
			stop()
			return nil, stopped.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the stopped build: %v", err)
		}
	})
	<-reading
	close(waiting)
	o, err := s.open(context.Background(), "a", func() (*nodejs.Package, error) { return nodejs.NewPackage(nil), nil })
	if err != nil || o.pkg == nil {
		t.Errorf("the other build: %v", err)
	}
	want := errors.New("damaged")
	if _, err := s.open(context.Background(), "b", func() (*nodejs.Package, error) { return nil, want }); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
	if o, err := s.open(context.Background(), "b", func() (*nodejs.Package, error) { return nodejs.NewPackage(nil), nil }); err != nil || o.pkg == nil {
		t.Errorf("after a failure: %v", err)
	}
}
