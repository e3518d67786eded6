package project

import (
	"time"

	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify/policy"
)

// age is how long ago a version of src must have been published to be chosen.
func (p *Project) age(src resolve.Source) policy.Age { return p.ruled().sources.Age(src.String()) }

// cutoff is until when a library's version must have been published to be chosen, now being the same for all of a provider's.
func (p *Project) cutoff(now time.Time) func(name string) library.Cutoff {
	return func(name string) library.Cutoff {
		source := "npm:" + name
		rule := p.ruled().sources.Age(source)
		if rule.Least <= 0 {
			return library.Cutoff{}
		}
		c := library.Cutoff{Time: now.Add(-rule.Least)}
		if rule.Strict() {
			c.Refuse = func(version string, published time.Time) error {
				return rule.TooYoung(name+"@"+version, source, `[replace] "`+source+`" = "`+version+`" in conduit.toml`, published, now)
			}
		}
		return c
	}
}
