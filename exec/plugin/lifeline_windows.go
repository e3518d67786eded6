package plugin

import (
	"errors"
	"io"
)

// canWatch reports that there are no process groups to watch over: a provider watches conduit itself.
func canWatch() bool { return false }

func tie(int, []string) (io.Closer, error) { return nil, errors.ErrUnsupported }
