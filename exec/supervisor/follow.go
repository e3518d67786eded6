package supervisor

import (
	"time"

	"github.com/MediaConduit/conduit/exec/service"
)

// follower is the reading of a service's log.
type follower struct {
	busy  bool
	until time.Time // when the last one ended
}

// follow hands on the log of a running instance from where the last following ended, unless that goes on. It ends with the
// instance.
func (k *keeper) follow(s service.Status) {
	if k.s.opts.Log == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.follower.busy {
		return
	}
	opts := since(s.Started, k.follower.until, k.s.began, time.Now())
	k.follower.busy = true
	k.s.running.Go(func() {
		// What cannot be read is not shown; conduit logs says why.
		_ = k.s.opts.Driver.Logs(k.s.ctx, k.s.opts.Project, k.name, opts, func(line string) { k.s.opts.Log(k.name, line) })
		k.mu.Lock()
		defer k.mu.Unlock()
		k.follower = follower{until: time.Now()}
	})
}

// since is what to read of the log of an instance that started at a time, when the last following ended at until, if there
// was one. Logs have the times of the machine's clock, which may have been set back meanwhile: then what is new is all that
// can be told.
func since(started, until, began, now time.Time) service.LogOptions {
	opts := service.LogOptions{Follow: true, Shown: true, Since: until}
	if until.IsZero() {
		opts.Since = began
	}
	// Without the monotonic reading, which such a jump leaves alone.
	opts.Since = opts.Since.Round(0)
	if back := now.Round(0).Before(opts.Since); back || started.Before(opts.Since) {
		opts.New = true
	}
	return opts
}
