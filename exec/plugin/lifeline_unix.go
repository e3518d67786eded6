//go:build unix

package plugin

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// shell runs the watcher; every system has it but containers that hold nothing. A variable for tests.
var shell = "/bin/sh"

// watcher waits for the end of its input, which conduit holds open, and then ends its group. It is deaf to what a person
// or the provider may send to the group, but for SIGKILL.
const watcher = `trap '' HUP INT TERM; read -r _; rm -rf -- "$@"; kill -9 0`

// canWatch reports whether tie works here. Where it does not, a provider watches conduit itself.
func canWatch() bool {
	_, err := exec.LookPath(shell)
	return err == nil
}

// tie has the group of process pid end when conduit does, however that ends and whatever the provider's code is doing: a
// member of the group waits for a pipe whose other end only conduit has, and the kernel closes it. It takes the process's
// folders along. A watching thread in the provider would cost a third of the time that Node takes to start. Closing
// the result ends the watching, and the group.
func tie(pid int, folders []string) (io.Closer, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer read.Close()
	cmd := exec.Command(shell, append([]string{"-c", watcher, shell}, folders...)...)
	cmd.Env, cmd.Dir, cmd.Stdin = []string{"PATH=/usr/bin:/bin"}, "/", read
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pgid: pid}
	if err := cmd.Start(); err != nil {
		_ = write.Close()
		return nil, err
	}
	go func() { _ = cmd.Wait() }() // ends with the group
	return write, nil
}
