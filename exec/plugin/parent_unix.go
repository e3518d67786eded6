//go:build unix

package plugin

import (
	"os"
	"os/signal"
	"syscall"
)

// parentAlive compares with the parent that started us: an orphan gets another one.
func parentAlive(parent int) bool { return os.Getppid() == parent }

// endOnSignal takes the children along at SIGTERM, which the kernel sends on Linux when conduit dies.
func endOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	go func() {
		<-signals
		endOwnGroup()
	}()
}

// endOwnGroup ends this process and, where it leads a group, all of it; its socket folder goes too.
func endOwnGroup() {
	if dir := os.Getenv("PLUGIN_UNIX_SOCKET_DIR"); dir != "" {
		_ = os.RemoveAll(dir)
	}
	if syscall.Getpgrp() == os.Getpid() {
		_ = syscall.Kill(0, syscall.SIGKILL)
	}
	os.Exit(1)
}
