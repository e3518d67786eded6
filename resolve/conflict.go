package resolve

import "github.com/MediaConduit/conduit/report"

// ConflictError says that no version satisfies everybody.
type ConflictError struct {
	Report     *report.Error // of kind Failure
	Source     Source        // the contended module
	Version    string        // what minimal version selection selected
	Refused    []Link        // the shortest chain to the requirement that does not allow Version
	Forced     []Link        // the shortest chain to the requirement that asks for Version
	Satisfying string        // the lowest version that every requirement allows, "" if there is none
}

// Error is the report's text.
func (e *ConflictError) Error() string { return e.Report.Error() }

// Unwrap returns the report, so that errors.As finds it.
func (e *ConflictError) Unwrap() error { return e.Report }
