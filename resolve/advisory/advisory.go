package advisory

import (
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/resolve/library"
)

// Levels are the severities, the lowest first.
var Levels = []string{"low", "moderate", "high", "critical"}

// Advisory is one known weakness of a library.
type Advisory struct {
	Library  string
	ID       string // "GHSA-…", or the registry's number
	URL      string
	Title    string
	Severity string // one of [Levels], "info", or "unknown"
	Range    string // the versions that it is about, as people read it

	affects func(version string) bool
}

// Affects reports whether the advisory is about a version.
func (a *Advisory) Affects(version string) bool { return a.affects(version) }

// Reaches reports whether the severity is level or above. What nobody has judged may be anything.
func (a *Advisory) Reaches(level string) bool {
	at := slices.Index(Levels, a.Severity)
	return a.Severity == "unknown" || at >= 0 && at >= slices.Index(Levels, level)
}

// severity is one of the words of [Advisory.Severity].
func severity(word string) string {
	word = strings.ToLower(word)
	if word == "medium" {
		word = "moderate"
	}
	if slices.Contains(Levels, word) || word == "info" {
		return word
	}
	return "unknown"
}

// inRange tells the versions of an npm range, prereleases included as npm audit includes them: one counts where itself, or the
// release that it leads to, is in the range. A range that cannot be read is of every version.
func inRange(text string) func(string) bool {
	rng, err := library.ParseRange(text)
	if err != nil {
		return func(string) bool { return true }
	}
	return func(version string) bool {
		release, pre, _ := strings.Cut(version, "-")
		if rng.Allows(version) || pre != "" && rng.Allows(release) {
			return true
		}
		// "<1.2.3" holds 1.2.3-rc.1 too, which neither of them shows: the version below does.
		return pre != "" && below(rng, release)
	}
}

// below tells whether a range ends at a release, which it does not hold.
func below(rng *library.Range, release string) bool {
	return strings.Contains(strings.ReplaceAll(rng.String(), " ", ""), "<"+release)
}
