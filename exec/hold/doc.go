// Package hold keeps one stable loopback address in front of a service whose own port changes with every start.
//
// An [Address] listens for as long as conduit runs. Behind it stands a [Gate], which knows the port that the service has
// now: whoever supervises the service opens the gate when it is healthy, shuts it while it is not, and drains it before a
// restart. Connections that arrive while the gate is shut wait, for a bounded time, instead of failing.
//
// # HTTP and everything else
//
// A byte forwarder cannot tell a request that is under way from a connection that is merely open. Therefore HTTP/1 is
// recognised by its first line and relayed request by request: the gate counts requests, a restart waits for those under
// way, and a kept-alive connection of a client outlives the instance that answered its last request. The bytes themselves
// pass unchanged in both directions; no header is added or taken away. What switches protocols (WebSocket, CONNECT) is
// forwarded as bytes from then on, and so is a connection that begins with anything else: TLS, HTTP/2 without upgrade,
// protocols whose server speaks first.
//
// A request is sent again only where that is safe: always when no connection could be made, and, for methods that RFC 9110
// section 9.2.2 calls idempotent, when the connection ended before the first byte of a response.
package hold
