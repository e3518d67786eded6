package build

import "testing"

func TestOnlyToldApart(t *testing.T) {
	const kept = "const own = typeof __filename !== 'undefined' ? __filename : undefined\n"
	for _, c := range []struct {
		source string
		want   bool
	}{
		{kept + "function mark (e, name) { return e.stack.includes(name) }\nif (own) { mark(e, own) }", true},
		{"// __filename\nvar own = __filename;\nif (own) log()", true},
		{kept + "mark(e, own)", false},                                                    // a function from elsewhere
		{kept + "exports.own = own", false},                                               // others may open it
		{kept + "function mark (n) { require('node:fs').readFile(n) }\nmark(own)", false}, // opens it
		{kept + "load(__filename)", false},
		{"load(__filename)", false},
		{"exports.own = __filename;", false},
	} {
		if got := onlyToldApart(c.source); got != c.want {
			t.Errorf("%v for %s", got, c.source)
		}
	}
}
