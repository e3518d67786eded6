//go:build !linux

package landlock

import (
	"errors"
	"os/exec"
)

// Supported tells what the kernel enforces: nothing.
func Supported() Support { return Support{} }

// Start starts nothing: there is no Landlock here, see [Supported].
func (r Rules) Start(*exec.Cmd) error { return errors.ErrUnsupported }
