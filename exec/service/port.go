package service

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports for processes are below those that operating systems give out by themselves, so that no outgoing connection has
// one by chance before the process listens, and below those that are held.
const (
	lowest  = 12000
	highest = 20000
)

// freePort chooses a port that nobody has, and keeps it from other starts, those of other conduits too, until release is
// called.
func freePort() (port int, release func(), err error) {
	err = errors.New("every port that was tried is about to be used")
	for range 1000 {
		port = lowest + rand.IntN(highest-lowest)
		var ours bool
		if release, ours = reserve(port); !ours {
			continue
		}
		if err = free(port); err == nil {
			return port, release, nil
		}
		release()
	}
	return 0, nil, err
}

// free returns nil when nobody listens on the loopback port.
func free(port int) error {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return l.Close()
}
