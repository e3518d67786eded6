package policy_test

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/verify/policy"
)

func TestParseLicence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"MIT":                                  "MIT",
		" mit ":                                "MIT",
		"(MIT)":                                "MIT",
		"(MIT OR Apache-2.0)":                  "MIT OR Apache-2.0",
		"MIT OR ISC AND 0BSD":                  "MIT OR (ISC AND 0BSD)",
		"(MIT OR ISC) AND 0BSD":                "(MIT OR ISC) AND 0BSD",
		"GPL-2.0":                              "GPL-2.0-only",
		"GPL-2.0+":                             "GPL-2.0-or-later",
		"LGPL-3.0-or-later":                    "LGPL-3.0-or-later",
		"Apache-2.0+":                          "Apache-2.0+",
		"GPL-2.0 WITH Classpath-exception-2.0": "GPL-2.0-only WITH Classpath-exception-2.0",
		"LicenseRef-acme":                      "LicenseRef-acme",
	} {
		got, err := policy.ParseLicence(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"":                           "empty",
		"Apache 2.0":                 `"Apache" is no identifier`,
		"SEE LICENSE IN LICENSE.md":  `"SEE" is no identifier`,
		"UNLICENSED":                 "no identifier",
		"MIT or ISC":                 `"or" stands where`,
		"MIT OR":                     "ends where a licence is due",
		"(MIT":                       "not closed",
		"MIT)":                       `")" stands where`,
		"MIT WITH":                   "exception is due",
		"LicenseRef-":                "no identifier",
		strings.Repeat("(", 100):     "too deeply",
		strings.Repeat("MIT ", 1000): "more than",
	} {
		if got, err := policy.ParseLicence(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, %v, want %s", text, got, err, want)
		}
	}
}

func FuzzLicence(f *testing.F) {
	for _, seed := range []string{"MIT", "(MIT OR Apache-2.0) AND ISC", "GPL-2.0+ WITH Bison-exception-2.2", "((MIT))", "LicenseRef-x AND (0BSD OR (MIT AND ISC))"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := policy.ParseLicence(text)
		if err != nil || len(text) > 500 || strings.Count(text, "(") > 10 {
			return // what is longer or deeper may become too long or too deep
		}
		again, err := policy.ParseLicence(l.String())
		if err != nil || again.String() != l.String() {
			t.Fatalf("%q became %q, and that %q, %v", text, l, again, err)
		}
	})
}
