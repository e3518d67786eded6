package service

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/MediaConduit/conduit/report"
)

// StateDir is the folder for what outlives a command: $CONDUIT_STATE, else conduit in $XDG_STATE_HOME or the folder that
// the operating system has for such things.
func StateDir() (string, error) {
	if dir := os.Getenv("CONDUIT_STATE"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "conduit"), nil
	}
	var base string
	var err error
	switch runtime.GOOS {
	case "windows", "darwin":
		base, err = os.UserConfigDir()
	default:
		if base, err = os.UserHomeDir(); err == nil {
			base = filepath.Join(base, ".local", "state")
		}
	}
	if err != nil {
		return "", &report.Error{Kind: report.Failure, What: "no folder for the state of services", Err: err, Next: "set CONDUIT_STATE to a folder that you may write to"}
	}
	return filepath.Join(base, "conduit"), nil
}

const freeState = "make room for the file, or set CONDUIT_STATE to a folder that you may write to"

// lock takes the lock of one instance or image between all conduits of this user. It is held while something is started or
// stopped, never while waiting for health, and the operating system frees it when its holder dies.
func lock(ctx context.Context, state, name string) (unlock func(), err error) {
	path := filepath.Join(state, "locks", slug(name)+".lock")
	fail := func(err error) error {
		return failed(ctx, err, "cannot lock service "+name, path, freeState)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fail(err)
	}
	l := flock.New(path)
	if _, err := l.TryLockContext(ctx, 50*time.Millisecond); err != nil {
		return nil, fail(err)
	}
	return func() { _ = l.Unlock() }, nil
}
