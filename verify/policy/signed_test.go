package policy_test

import (
	"testing"

	"github.com/MediaConduit/conduit/verify/policy"
)

// TestDemands: every rule that matches counts, whichever file it stands in and however the source is spelt.
func TestDemands(t *testing.T) {
	t.Parallel()
	rule := func(text string, line int) policy.Signed {
		return policy.Signed{Rule: policy.Rule{Pattern: pattern(t, text), Line: line}, Signers: []string{"keys"}}
	}
	set := policy.Set{
		{File: "conduit.toml", Project: true, Signed: []policy.Signed{rule("github:acme/*", 3), rule("github:acme/talk", 7)}},
		{File: "/etc/policy.toml", Signed: []policy.Signed{rule("git:**", 1), rule("github:**", 2)}},
	}
	for source, want := range map[string]int{
		"github:acme/talk": 3, "github:ACME/Talk": 3, "github:acme/talk//dir": 3, "github:acme/other": 2, "github:else/where": 1,
		"git:Host.example/a": 1, "npm:acme": 0, "file:../talk": 0,
	} {
		if got := set.Demands(source); len(got) != want {
			t.Errorf("%s: %d rules, want %d", source, len(got), want)
		}
	}
	last := set.Demands("github:acme/talk")[2]
	refused := last.Refuse("github:acme/talk", "it is unsigned", "sign it")
	if refused.Where() != "/etc/policy.toml:2" || refused.Why() != `signed names "github:**": it is unsigned` || last.Project {
		t.Errorf("%s: %s", refused.Where(), refused.Why())
	}
}
