package lazyregexp_test

import (
	"testing"

	"github.com/MediaConduit/conduit/lazyregexp"
)

func TestRegexp(t *testing.T) {
	r := lazyregexp.New(`^v([0-9]+)$`)
	if !r.MatchString("v12") || r.MatchString("12") {
		t.Error("v12 and 12 are not told apart")
	}
	if got := r.FindStringSubmatch("v12"); len(got) != 2 || got[1] != "12" {
		t.Errorf("submatches %q", got)
	}
}

// A malformed expression is found by every test of its package, not by the user who needs it first.
func TestMalformed(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an expression that cannot be compiled was taken")
		}
	}()
	lazyregexp.New(`(`)
}
