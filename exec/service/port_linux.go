package service

import (
	"errors"
	"net"
	"strconv"
	"syscall"
)

// reserve reports whether no other conduit on this network is about to start a process with the port. The reservation is
// a socket with an abstract name (unix(7)), which is gone when this process is.
func reserve(port int) (release func(), ours bool) {
	l, err := net.Listen("unix", "@conduit-port-"+strconv.Itoa(port))
	if err != nil {
		return func() {}, !errors.Is(err, syscall.EADDRINUSE) // where there are no such sockets, as on other systems
	}
	return func() { _ = l.Close() }, true
}
