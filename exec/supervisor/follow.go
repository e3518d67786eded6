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
	opts := service.LogOptions{Follow: true, Shown: true, Since: k.follower.until}
	if opts.Since.IsZero() {
		opts.Since = k.s.began
	}
	if s.Started.Before(opts.Since) {
		opts.New = true
	}
	k.follower.busy = true
	k.s.running.Go(func() {
		// What cannot be read is not shown; conduit logs says why.
		_ = k.s.opts.Driver.Logs(k.s.ctx, k.s.opts.Project, k.name, opts, func(line string) { k.s.opts.Log(k.name, line) })
		k.mu.Lock()
		defer k.mu.Unlock()
		k.follower = follower{until: time.Now()}
	})
}
