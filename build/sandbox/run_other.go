//go:build !linux

package sandbox

import (
	"context"
	"errors"
	"runtime"
)

// Run runs the command until it ends. On this system it only returns [ErrUnavailable].
func Run(context.Context, Command) error {
	return unavailable(errors.New("conduit has none for " + runtime.GOOS))
}
