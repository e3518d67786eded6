package report

import (
	"context"
	"errors"
	"strings"
)

// Kind classifies an error by what the caller can do about it. Each kind has one exit code, see [Kind.ExitCode].
type Kind int

// The kinds of errors, in the order of their exit codes.
const (
	Failure     Kind = iota // anything that no other kind describes
	Usage                   // the command line or an identifier is malformed
	Lock                    // conduit.lock is missing, stale or made by another version
	Integrity               // bytes differ from what the lock or the registry promised
	Policy                  // a rule forbids what was asked
	Network                 // a peer cannot be reached or refuses our credentials
	Service                 // a service does not start or is not healthy
	Provider                // a provider does not load, or failed in its own code
	Timeout                 // the deadline of the caller passed
	Interrupted             // the user stopped the command
)

var exitCodes = [...]int{Failure: 1, Usage: 2, Lock: 3, Integrity: 4, Policy: 5, Network: 6, Service: 7, Provider: 8, Timeout: 124, Interrupted: 130}

var kindNames = [...]string{Failure: "failure", Usage: "usage", Lock: "lock", Integrity: "integrity", Policy: "policy", Network: "network", Service: "service", Provider: "provider", Timeout: "timeout", Interrupted: "interrupted"}

// ExitCode is the process exit code for errors of this kind.
func (k Kind) ExitCode() int { return exitCodes[k] }

// String is the kind's name in machine output.
func (k Kind) String() string { return kindNames[k] }

// Error is an error as a user reads it. Every field but What may be empty.
type Error struct {
	Kind  Kind
	What  string // what failed, in one clause: "no version of github:a/b matches ^2"
	Where string // the place: "conduit.toml:7:3", a package, a URL without credentials
	Why   string // the reason, where it is not the cause's own text; may have several lines
	Next  string // what the user can do or type next
	Err   error  // the cause, for errors.Is and errors.As; its text is shown when Why is empty

	Retryable bool // the same call may succeed later, without anything being changed
}

// Error formats the error over several lines: where and what, why, next.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Where != "" {
		b.WriteString(e.Where)
		b.WriteString(": ")
	}
	b.WriteString(e.What)
	why := e.Why
	if why == "" && e.Err != nil {
		why = e.Err.Error()
	}
	if why != "" {
		if strings.Contains(why, "\n") {
			b.WriteString(":\n  ")
			b.WriteString(strings.ReplaceAll(strings.TrimRight(why, "\n"), "\n", "\n  "))
		} else {
			b.WriteString(": ")
			b.WriteString(why)
		}
	}
	if e.Next != "" {
		b.WriteString("\n  next: ")
		b.WriteString(strings.ReplaceAll(e.Next, "\n", "\n        "))
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf is the kind of the first [*Error] in err's chain that has one other than [Failure]; [Failure] if there is none, and where
// the cause is a file system that fails: what cannot be read is neither wrong nor stale. A rule that cannot be read stays one.
func KindOf(err error) Kind {
	kind := ownKind(err)
	if kind == Failure || kind == Policy {
		return kind
	}
	if _, ok := faultOf(err); ok {
		return Failure
	}
	return kind
}

// ownKind is the kind that the errors in err's chain state.
func ownKind(err error) Kind {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return Failure
		}
		if e.Kind != Failure {
			return e.Kind
		}
		err = e.Err
	}
	return Failure
}

// Classify is [KindOf] for the end of an operation: a failure that comes of a context's end is a [Timeout] or [Interrupted].
func Classify(err error) Kind {
	kind := KindOf(err)
	switch {
	case kind != Failure:
		return kind
	case errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Interrupted
	}
	return kind
}

// Retryable reports whether an [*Error] in err's chain is retryable.
func Retryable(err error) bool {
	for err != nil {
		var e *Error
		if !errors.As(err, &e) {
			return false
		}
		if e.Retryable {
			return true
		}
		err = e.Err
	}
	return false
}
