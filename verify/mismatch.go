package verify

import (
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Check compares two digests of the same form: "h1:…", "sha256:…", "sha512-…", a commit. It returns nil if they are equal
// and otherwise the error of [Mismatch].
func Check(subject, want, got string) error {
	if want == got {
		return nil
	}
	return Mismatch(subject, kindOf(want), want, got)
}

// Mismatch is the error for bytes that are not what was promised. subject names the package
// ("github:a/b@v1.2.3", "axios@1.6.0"), what the digest that differs ("sum", "integrity", "artifact digest", "commit").
func Mismatch(subject, what, want, got string) *report.Error {
	return &report.Error{
		Kind: report.Integrity,
		What: "the " + what + " of " + subject + " is not the expected one; nothing of it was used",
		Why:  "expected " + want + "\ngot      " + got,
		Next: "run 'conduit cache prune --all', then 'conduit sync': that fetches it again. " +
			"If it still differs, what is published was changed after it was locked: ask its publisher before you lock it anew",
	}
}

func kindOf(digest string) string {
	switch {
	case strings.HasPrefix(digest, "h1:"):
		return "sum"
	case strings.HasPrefix(digest, "sha256:"):
		return "digest"
	case strings.HasPrefix(digest, "sha"):
		return "integrity"
	}
	return "hash"
}
