package supervisor

import (
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Values of State.State.
const (
	Starting = "starting"
	Running  = "running"
	Waiting  = "waiting" // before it is started again
	Failed   = "failed"  // given up
	Idle     = "idle"    // unused; the next connection starts it
	Stopped  = "stopped" // by order
)

// State is a service as its keeper sees it.
type State struct {
	Name     string    `json:"name"`
	State    string    `json:"state"`
	Health   string    `json:"health,omitempty"` // while it runs, by probes at the declared interval
	Reason   string    `json:"reason,omitempty"` // why it does not run, or is not healthy
	Restarts int       `json:"restarts"`         // since the supervisor began, whoever asked for them
	Next     time.Time `json:"next,omitzero"`    // when it will be started again
	Held     int       `json:"held,omitempty"`   // stable port on 127.0.0.1
}

// failure is the error for a service that was given up.
func (s State) failure() error {
	return &report.Error{Kind: report.Service, What: "service " + s.Name + " has failed", Why: s.Reason,
		Next: "conduit logs " + s.Name + "    shows what it wrote\nconduit restart " + s.Name + "    tries again"}
}
