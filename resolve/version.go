package resolve

import (
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// Line is the compatibility line of a canonical version: "v1" for v1.4.2, "v0.3" for v0.3.1, "v0.0" for every v0.0.x
// and for pseudo-versions on no tag. Versions of one line replace each other, lines of one source live side by side. The
// line of a folder, which has no version, is "".
func Line(version string) string {
	if !semver.IsValid(version) {
		return ""
	}
	if semver.Major(version) == "v0" {
		return semver.MajorMinor(version)
	}
	return semver.Major(version)
}

func isPrerelease(version string) bool { return semver.Prerelease(version) != "" }

func isPseudo(version string) bool { return module.IsPseudoVersion(version) }

// canonical adds the leading v and missing zeros: "1.2" is v1.2.0. It is "" where s is no version.
func canonical(s string) string {
	if !strings.HasPrefix(s, "v") {
		s = "v" + s
	}
	return semver.Canonical(s)
}
