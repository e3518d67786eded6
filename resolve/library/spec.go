package library

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// sdkName is the package that conduit provides itself: nothing ever depends on a published one.
const sdkName = "@mediaconduit/mediaconduit"

// spec is what a package.json writes behind a dependency's name, parsed.
type spec struct {
	pkg   string // the package; differs from the name it is imported by for aliases
	text  string // version, range or tag
	rng   *Range // nil for a tag
	exact string // the version, if text is one
}

func (s spec) String() string { return s.pkg + "@" + s.text }

// any reports whether every version will do, prereleases included.
func (s spec) any() bool { return s.text == "*" }

// allows reports whether a version of the package satisfies s. A tag is satisfied by every version: what it pointed to
// when the version was chosen cannot be known later.
func (s spec) allows(pkg, version string) bool {
	return s.pkg == pkg && (s.rng == nil || s.any() || s.rng.Allows(version))
}

// parseSpec parses what subject (a package, for messages) says about the dependency name.
func parseSpec(subject, name, text string) (spec, error) {
	text = strings.TrimSpace(text)
	s := spec{pkg: name, text: text}
	if alias, ok := cutPrefixFold(text, "npm:"); ok {
		s.pkg, s.text = alias, ""
		if at := strings.LastIndex(alias, "@"); at > 0 {
			s.pkg, s.text = alias[:at], strings.TrimSpace(alias[at+1:])
		}
	} else if why := foreign(text); why != "" {
		return spec{}, &report.Error{
			What: fmt.Sprintf("%s depends on %s in a way that is not supported: %q", subject, name, text),
			Why:  why,
			Next: fmt.Sprintf("if it is on the npm registry too, choose a version of it with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml; otherwise ask the author of %s to publish it there", name, subject),
		}
	}
	if s.text == "" {
		s.text = "*"
	}
	if Valid(s.text) {
		s.exact = Clean(s.text)
	}
	if rng, err := ParseRange(s.text); err == nil {
		s.rng = rng
	} else if url.PathEscape(s.text) != s.text {
		return spec{}, &report.Error{
			What: fmt.Sprintf("%s depends on %s with %q, which is neither a range nor a tag", subject, name, s.text),
			Next: fmt.Sprintf("choose a version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", s.pkg),
		}
	}
	return s, nil
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}

// foreign says what is the matter with a dependency that does not come from a registry, "" if it does.
func foreign(text string) string {
	scheme, _, hasScheme := strings.Cut(text, ":")
	switch scheme = strings.ToLower(scheme); {
	case hasScheme && (scheme == "http" || scheme == "https"):
		return "tarballs from other places than the npm registry have no integrity to lock"
	case hasScheme && (scheme == "file" || scheme == "link" || scheme == "portal"):
		return "it names a folder on its author's machine"
	case hasScheme && (scheme == "workspace" || scheme == "catalog" || scheme == "patch"):
		return "it names a part of its author's workspace"
	case hasScheme && !strings.ContainsAny(scheme, " <>=^~*|"):
		return "git repositories are not a source of libraries"
	case strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~/"):
		return "it names a folder on its author's machine"
	case strings.Contains(text, "/"):
		return "git repositories are not a source of libraries"
	}
	return ""
}
