//go:build !unix

package hold

import "net"

// fresh is false where a connection cannot be asked without waiting: what cannot be sent twice gets a new one.
func fresh(*net.TCPConn) bool { return false }
