package lockfile

import (
	"fmt"

	"github.com/MediaConduit/conduit/verify/policy"
)

const (
	ageKey       = "minimum-release-age"
	ageExceptKey = "minimum-release-age-except"
)

// age reads how long ago what is chosen must have been published, and which sources are left out.
func (d *decoder) age(p *Policy, t map[string]any) error {
	text, err := d.text(t[ageKey], "24h", "policy", ageKey)
	if err != nil {
		return err
	}
	if _, ok := t[ageKey]; ok {
		least, err := policy.ParseAge(text)
		if err != nil {
			return d.fail(fmt.Sprintf("policy.%s is %q: %v", ageKey, text, err), "write it as\n  "+ageKey+" = \"24h\"\nor in days (\"3d\") or weeks (\"2w\"); \"0s\" takes what is new", "policy", ageKey)
		}
		p.Age, p.AgeLine = &least, d.doc.lineOf("policy", ageKey)
	}
	p.AgeExcept, err = d.rules(t[ageExceptKey], ageExceptKey)
	return err
}
