package library

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// sdkName is the package that conduit provides itself: nothing ever depends on a published one.
const sdkName = "@mediaconduit/mediaconduit"

// spec is what a package.json writes behind a dependency's name, parsed.
type spec struct {
	pkg   string   // the package; differs from the name it is imported by for aliases
	text  string   // version, range or tag
	rng   *Range   // nil for a tag
	exact string   // the version, if text is one
	from  *Address // where it comes from if not from the registry
}

func (s spec) String() string { return s.pkg + "@" + s.text }

// any reports whether every version will do, prereleases included.
func (s spec) any() bool { return s.text == "*" }

// allows reports whether a version of the package satisfies s; source is empty for one of the registry. A tag is satisfied
// by every version: what it pointed to when the version was chosen cannot be known later. A range is satisfied by what
// comes from elsewhere too, as for npm: by the version that the package itself states.
func (s spec) allows(pkg, version, source string) bool {
	if s.from != nil {
		return source != "" && s.from.admits(source, version)
	}
	if source != "" {
		version = stated(version)
	}
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
	} else if from, foreign, why := parseAddress(text); foreign {
		if why != "" {
			return spec{}, &report.Error{
				What: fmt.Sprintf("%s depends on %s in a way that is not allowed: %q", subject, name, text),
				Why:  why,
				Next: fmt.Sprintf("if it is on the npm registry too, choose a version of it with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml; otherwise ask the author of %s to publish it there, or to name it as \"github:OWNER/REPO#TAG\" or \"https://HOST/FILE.tgz\"", name, subject),
			}
		}
		s.from = &from
		return s, nil
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

// CheckNeeds tells of every dependency that cannot be followed whatever the registry has: a folder, an address that is not
// allowed, a text that is neither a range nor a tag. subject names the package in messages; each of needs is a table of
// package.json, by import name.
func CheckNeeds(subject string, needs ...map[string]string) (problems []error) {
	for _, table := range needs {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			if _, err := parseSpec(subject, name, table[name]); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return problems
}

func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix) {
		return s[len(prefix):], true
	}
	return s, false
}
