package openai

import (
	"net/http"

	"github.com/MediaConduit/conduit/gateway/failure"
	"github.com/MediaConduit/conduit/report"
)

// Error is an error as the API's clients read it.
type Error struct {
	Error Details `json:"error"`
}

// Details are what an error says. Retryable and Next are ours.
type Details struct {
	Message   string  `json:"message"`
	Type      string  `json:"type"`
	Param     *string `json:"param"`
	Code      *string `json:"code"`
	Retryable bool    `json:"retryable"`
	Next      string  `json:"next,omitempty"`
}

// ErrorOf is a failure in the API's form.
func ErrorOf(f failure.Failure) Error {
	out := Details{Message: f.What, Type: typeOf(f.Status), Code: &f.Kind, Retryable: f.Retryable, Next: f.Next}
	if f.Where != "" {
		out.Message = f.Where + ": " + out.Message
	}
	if f.Why != "" {
		out.Message += ": " + f.Why
	}
	return Error{out}
}

func typeOf(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "authentication_error"
	case status == http.StatusForbidden:
		return "permission_error"
	case status == http.StatusTooManyRequests:
		return "rate_limit_error"
	case status >= 500:
		return "server_error"
	}
	return "invalid_request_error"
}

// unsupported refuses a field of a request.
func unsupported(field, next string) error {
	return &report.Error{Kind: report.Usage, What: field + " cannot be had from this gateway", Next: next}
}
