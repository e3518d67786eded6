package service

import (
	"context"
	"errors"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// errLost is in the chain of errors that say that the engine went away while something was done, together with
// [ErrNoEngine].
var errLost = errors.New("the Docker engine went away")

// failed is [failed] for what the engine was asked, and tells where it failed because the engine is not there any more.
func (d *dockerDriver) failed(ctx context.Context, err error, what, where, next string) error {
	var e *report.Error
	if err == nil || ctx.Err() != nil || errors.As(err, &e) {
		return failed(ctx, err, what, where, next)
	}
	if gone := d.Ping(ctx); errors.Is(gone, ErrNoEngine) {
		return &report.Error{Kind: report.Service, What: what + ": the Docker engine went away meanwhile", Where: where, Why: why(gone),
			Next: startEngine + "\nthen the same again", Err: errors.Join(errLost, gone)}
	}
	return failed(ctx, err, what, where, next)
}

const (
	returnMost = 30 * time.Second // how long an engine may be away while something is done
	returnLook = 250 * time.Millisecond
	losses     = 3 // after which an engine that comes and goes is not waited for
)

// persist does something about a service that can be repeated, and repeats it where the engine went away meanwhile and came back:
// one that is restarted or upgraded is away for some seconds.
func (d *dockerDriver) persist(ctx context.Context, name string, do func() error) error {
	for n := 1; ; n++ {
		err := do()
		if n == losses || !errors.Is(err, errLost) {
			return err
		}
		report.Warn(ctx, name, "", "the Docker engine went away; waiting for it")
		if !d.returns(ctx) {
			return err
		}
	}
}

// returns waits for the engine.
func (d *dockerDriver) returns(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, returnMost)
	defer cancel()
	for d.Ping(ctx) != nil {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(returnLook):
		}
	}
	return true
}
