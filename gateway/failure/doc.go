// Package failure turns errors into what a client of the gateway reads: a status of HTTP, the error's kind, what failed,
// why, what to do next, and whether the same request may succeed later. The table from kind to status is [StatusOf].
package failure
