package failure

import (
	"errors"
	"net/http"
	"time"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/report"
)

// Failure is an error as a client reads it. It marshals to the value of "error" in an answer.
type Failure struct {
	Kind      string `json:"kind"`            // as in the machine output of the command line, or "not-found", "conflict", "too-large", "busy", "unauthorized"
	What      string `json:"what"`            // what failed, in one clause
	Where     string `json:"where,omitempty"` // the place: "provider cowsay"
	Why       string `json:"why,omitempty"`
	Next      string `json:"next,omitempty"` // what to do next
	Retryable bool   `json:"retryable"`      // the same request may succeed later

	Status     int           `json:"-"` // of HTTP
	RetryAfter time.Duration `json:"-"` // when to try again; 0 for no advice
}

// statuses is the table from an error's kind to a status of HTTP.
var statuses = map[report.Kind]int{
	report.Failure:     http.StatusInternalServerError,
	report.Usage:       http.StatusBadRequest,
	report.Lock:        http.StatusServiceUnavailable, // the project has to be locked or synced first
	report.Integrity:   http.StatusServiceUnavailable, // what would run is not what the lock promises
	report.Policy:      http.StatusForbidden,
	report.Network:     http.StatusBadGateway,
	report.Service:     http.StatusServiceUnavailable,
	report.Provider:    http.StatusBadGateway,
	report.Timeout:     http.StatusGatewayTimeout,
	report.Interrupted: http.StatusServiceUnavailable, // the gateway or the provider stops
}

// callStatuses refine a provider's errors by what the provider says of them.
var callStatuses = map[string]int{"MODEL": http.StatusNotFound, "INPUT": http.StatusUnprocessableEntity}

// StatusOf is the status of HTTP for errors of a kind.
func StatusOf(kind report.Kind) int { return statuses[kind] }

// Error is an error that has a status of its own, beside those of the kinds.
type Error struct {
	Status     int // of HTTP
	Kind       string
	RetryAfter time.Duration
	Err        *report.Error
}

// Error is the text of the error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error without its status.
func (e *Error) Unwrap() error { return e.Err }

// NotFound is an error for what does not exist.
func NotFound(what, next string) error {
	return &Error{Status: http.StatusNotFound, Kind: "not-found", Err: &report.Error{Kind: report.Usage, What: what, Next: next}}
}

// Conflict is an error for what cannot be done in the present state.
func Conflict(what, next string) error {
	return &Error{Status: http.StatusConflict, Kind: "conflict", Err: &report.Error{Kind: report.Usage, What: what, Next: next}}
}

// TooLarge is an error for what exceeds a limit of the gateway.
func TooLarge(what, next string) error {
	return &Error{Status: http.StatusRequestEntityTooLarge, Kind: "too-large", Err: &report.Error{Kind: report.Usage, What: what, Next: next}}
}

// Busy is an error for what may be asked again after a while.
func Busy(what, next string, after time.Duration) error {
	return &Error{Status: http.StatusTooManyRequests, Kind: "busy", RetryAfter: after, Err: &report.Error{Kind: report.Failure, What: what, Next: next}}
}

// Unauthorized is an error for a request without a token, or with a wrong one.
func Unauthorized(what, next string) error {
	return &Error{Status: http.StatusUnauthorized, Kind: "unauthorized", Err: &report.Error{Kind: report.Policy, What: what, Next: next}}
}

// Usage is an error of the one who asks.
func Usage(what, next string) error {
	return &report.Error{Kind: report.Usage, What: what, Next: next}
}

// Of says how err is told.
func Of(err error) Failure {
	kind := report.Classify(err)
	out := Failure{Kind: kind.String(), What: err.Error(), Status: statuses[kind], Retryable: Retryable(err)}
	var told *report.Error
	if errors.As(err, &told) {
		out.What, out.Where, out.Why, out.Next = told.What, told.Where, told.Why, told.Next
		if out.Why == "" && told.Err != nil {
			out.Why = told.Err.Error()
		}
	}
	var call *plugin.CallError
	if errors.As(err, &call) && callStatuses[call.Kind] != 0 {
		out.Status = callStatuses[call.Kind]
	}
	var own *Error
	if errors.As(err, &own) {
		out.Status, out.Kind, out.RetryAfter = own.Status, own.Kind, own.RetryAfter
	}
	if out.Retryable && out.RetryAfter == 0 {
		out.RetryAfter = time.Second
	}
	return out
}

// Retryable reports whether the request that failed with err may succeed when it is made again as it is: because the
// provider says so, its process or service ended meanwhile, or the gateway is busy or stops.
func Retryable(err error) bool {
	var own *Error
	if errors.As(err, &own) {
		return own.Status == http.StatusTooManyRequests
	}
	if report.Retryable(err) {
		return true
	}
	switch report.Classify(err) {
	case report.Service, report.Network, report.Interrupted:
		return true
	}
	return false
}
