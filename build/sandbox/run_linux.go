package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// childName is what the program is called as whose second start inside of the namespaces it is.
const childName = "conduit-sandbox"

// letGo is how long the command's output is waited for after it was killed.
const letGo = 5 * time.Second

// Run runs the command until it ends. An error that has [ErrUnavailable] in its chain says that it was not run at all; an
// [*exec.ExitError] is the command's own end. When ctx is done, the command is killed with everything that it started, and
// the error is that of ctx.
func Run(ctx context.Context, c Command) error {
	order, err := json.Marshal(c.order())
	if err != nil {
		return err
	}
	status, failed, err := os.Pipe()
	if err != nil {
		return err
	}
	defer status.Close()
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args = []string{childName, string(order)}
	cmd.Env = c.Env
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = c.Output, c.Output
	cmd.ExtraFiles = []*os.File{failed}
	cmd.WaitDelay = letGo
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid: true, Pdeathsig: syscall.SIGKILL,
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
	}
	// The first process of its namespace takes all others along when it is killed; the kernel kills it when the thread that
	// started it ends, so that has to stay.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		failed.Close()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return unavailable(err)
	}
	failed.Close()
	why, readErr := io.ReadAll(status) // empty once the command itself has begun
	err = errors.Join(readErr, cmd.Wait())
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case len(why) > 0:
		return unavailable(errors.New(string(why)))
	}
	return err
}

// order is what the child is told: what of [Command] it needs.
type order struct {
	Dir, Work      string
	Args, Readable []string
}

func (c Command) order() order { return order{c.Dir, c.Work, c.Args, c.Readable} }
