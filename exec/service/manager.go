package service

import "time"

// Options configure [New].
type Options struct {
	Driver  string        // Auto (also ""), Docker or Process, for every Spec that names none
	State   string        // folder of the process driver's state; "" means [StateDir]
	Timeout time.Duration // longest wait for a service to become healthy where the context has no deadline; 0 means 5 minutes
}
