//go:build unix

package hold

import (
	"errors"
	"net"
	"syscall"
)

// fresh tells whether nothing has come over a connection on which nothing is expected: not the end of it either. A
// service may close a kept connection at any time, and what cannot be sent twice must not be sent into it.
func fresh(c *net.TCPConn) bool {
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ok := false
	err = raw.Read(func(fd uintptr) bool {
		n, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK)
		ok = n <= 0 && (errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EWOULDBLOCK))
		return true
	})
	return err == nil && ok
}
