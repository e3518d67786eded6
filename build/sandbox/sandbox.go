package sandbox

import (
	"errors"
	"fmt"
	"io"
)

// Root is where the command finds the folder that it may write to. The path is the same on all machines, so that compilers
// which write it into their output write the same.
const Root = "/build"

// Command is what to run in a sandbox.
type Command struct {
	Dir      string   // the folder that is [Root] inside
	Work     string   // the working folder, as seen from inside
	Args     []string // the program, as seen from inside, and its arguments
	Env      []string // "NAME=VALUE", the whole environment
	Readable []string // absolute paths of files and folders that are to be seen besides those of the system
	Output   io.Writer
}

// ErrUnavailable is in the chain of the error for a machine that has no sandbox. Nothing was run then.
var ErrUnavailable = errors.New("there is no sandbox on this machine")

func unavailable(why error) error { return fmt.Errorf("%w: %w", ErrUnavailable, why) }
