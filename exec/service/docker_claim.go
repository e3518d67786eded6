package service

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// claim is the lock of one compose project, with a note beside it while the engine is being asked to make something. A
// conduit that is killed leaves the note, and who has the lock next knows that the engine may not be done yet.
type claim struct {
	note    string // file
	release func()
}

// settleMost is how long an engine may be busy with what it was asked to make when a conduit was killed.
const settleMost = 2 * time.Second

// claim takes the lock, and waits where its last holder was killed a moment ago.
func (d *dockerDriver) claim(ctx context.Context, composeProject string) (*claim, error) {
	unlock, err := lock(ctx, d.state, composeProject)
	if err != nil {
		return nil, err
	}
	c := &claim{note: filepath.Join(d.state, "locks", slug(composeProject)+".asked"), release: unlock}
	info, err := os.Stat(c.note)
	if err != nil {
		return c, nil
	}
	// The time may be of a clock that was wrong: never longer than the whole.
	wait := min(settleMost-time.Since(info.ModTime()), settleMost)
	report.Emit(ctx, report.Event{Type: report.Detail, Step: "service", Subject: composeProject, Message: "the last conduit was killed while it started this: letting the engine finish"})
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		unlock()
		return nil, failed(ctx, ctx.Err(), "waiting for the engine", composeProject, "conduit down")
	}
	c.end()
	return c, nil
}

// begin leaves the note.
func (c *claim) begin() error { return os.WriteFile(c.note, nil, 0o600) }

// end takes the note away. One that stays costs the next holder a moment, and nothing else.
func (c *claim) end() {
	if err := os.Remove(c.note); err != nil && !errors.Is(err, fs.ErrNotExist) {
		_ = os.Chtimes(c.note, time.Time{}, time.Unix(0, 0))
	}
}
