package policy

import "strings"

// Plain is what one file says of hosts that are asked without TLS.
type Plain struct {
	Hosts []string // allowed, with port where it is not 80
	Line  int
}

// CheckPlain is nil where all files that say something of it allow to ask the host without TLS.
func (s Set) CheckPlain(host string) *Refusal {
	host = strings.TrimSuffix(strings.ToLower(host), ":80")
	for _, rules := range s {
		if rules.Plain == nil || rules.Plain.allows(host) {
			continue
		}
		next := "use https, in .npmrc or in git's url.*.insteadOf;\nor, if the network up to that host is yours, add " + quote(host) + " to insecure under [policy] in " + rules.File
		if !rules.Project {
			next = "use https, in .npmrc or in git's url.*.insteadOf,\nor ask whoever keeps " + rules.File
		}
		return &Refusal{Source: "http://" + host, List: "insecure", File: rules.File, Line: rules.Plain.Line, Reason: "it has no TLS, and insecure does not name " + quote(host), Next: next}
	}
	return nil
}

func (p *Plain) allows(host string) bool {
	for _, each := range p.Hosts {
		if strings.EqualFold(strings.TrimSuffix(each, ":80"), host) {
			return true
		}
	}
	return false
}
