package call

import "github.com/MediaConduit/conduit/exec/plugin"

// Progress is a report from within a call as clients read it: the data of an event "progress".
type Progress struct {
	Fraction *float64 `json:"fraction,omitempty"` // 0 to 1; nil when unknown
	Message  string   `json:"message,omitempty"`
}

// ProgressOf is a report of progress for clients; a further piece of text is none.
func ProgressOf(p plugin.Progress) (Progress, bool) {
	out := Progress{Message: p.Message}
	if p.Fraction >= 0 && p.Partial == "" {
		out.Fraction = &p.Fraction
	}
	return out, out.Fraction != nil || out.Message != ""
}
