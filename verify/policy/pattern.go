package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Pattern matches sources in their canonical form: "github:OWNER/REPO//DIR", "git:HOST/PATH", "npm:NAME", "file:PATH", or the
// address of a tarball, "https://HOST/PATH".
//
// "*" stands for any text without a slash, the empty one included, "**" for any text. Everything else stands for itself;
// the whole source must match. A pattern that matches a repository matches its directories (//DIR) too. What GitHub takes
// for the same name is the same: case does not count there; nor does ".git" at the end of a repository anywhere.
type Pattern struct {
	text  string
	parts []part
}

// part is a piece of a pattern between two slashes, the scheme or a wildcard.
type part struct {
	literal string // "" for a wildcard
	deep    bool   // "**": slashes too
}

// schemes are what a pattern can begin with. "**" alone is every source.
var schemes = []string{"github:", "git:", "npm:", "file:", "https:"}

// longest bounds a pattern in bytes: it is more than any name that a host or the npm registry allows.
const longest = 500

// ParsePattern reads a pattern. Its errors say in one clause what is wrong with the text.
func ParsePattern(text string) (Pattern, error) {
	if text == "**" {
		return Pattern{text, []part{{deep: true}}}, nil
	}
	scheme, rest, ok := strings.Cut(text, ":")
	switch {
	case len(text) > longest:
		return Pattern{}, fmt.Errorf("it has more than %d bytes", longest)
	case text == "":
		return Pattern{}, errors.New("it is empty")
	case !ok || !slices.Contains(schemes, scheme+":"):
		return Pattern{}, fmt.Errorf("it begins with none of %s", strings.Join(schemes, ", "))
	case rest == "":
		return Pattern{}, errors.New("it names nothing")
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`?[]{}!\`, r) }):
		return Pattern{}, errors.New(`"*" and "**" are the only wildcards`)
	case strings.Contains(rest, "***"):
		return Pattern{}, errors.New(`"***" means nothing`)
	case strings.LastIndex(rest, "@") > 0 && scheme != "file" && scheme != "https":
		return Pattern{}, errors.New("it names a version")
	}
	p := Pattern{text: text}
	for rest := fold(text); rest != ""; {
		switch at := strings.IndexByte(rest, '*'); {
		case strings.HasPrefix(rest, "**"):
			p.parts, rest = append(p.parts, part{deep: true}), rest[2:]
		case at == 0:
			p.parts, rest = append(p.parts, part{}), rest[1:]
		case at < 0:
			p.parts, rest = append(p.parts, part{literal: rest}), ""
		default:
			p.parts, rest = append(p.parts, part{literal: rest[:at]}), rest[at:]
		}
	}
	return p, nil
}

// String is the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Matches reports whether the pattern matches the source.
func (p Pattern) Matches(source string) bool { return p.either(fold(source)) }

// matchesAnyCase is Matches for a rule that forbids: a source is not to get by it with another spelling, on hosts that do not
// tell cases apart.
func (p Pattern) matchesAnyCase(source string) bool {
	lower := Pattern{parts: slices.Clone(p.parts)}
	for i := range lower.parts {
		lower.parts[i].literal = strings.ToLower(lower.parts[i].literal)
	}
	return lower.either(strings.ToLower(fold(source)))
}

// either matches the source, or the repository that it is a directory of.
func (p Pattern) either(source string) bool {
	if p.matches(source) {
		return true
	}
	repository, _, ok := cutDir(source)
	return ok && p.matches(repository)
}

// matches takes time in proportion to the pattern's length times the text's, whatever they are: reach holds where in the text
// the parts so far can end.
func (p Pattern) matches(text string) bool {
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for _, part := range p.parts {
		next := make([]bool, len(text)+1)
		switch {
		case part.literal != "":
			for at, ok := range reach {
				if ok && strings.HasPrefix(text[at:], part.literal) {
					next[at+len(part.literal)] = true
				}
			}
		default:
			for at := range next {
				next[at] = reach[at] || at > 0 && next[at-1] && (part.deep || text[at-1] != '/')
			}
		}
		reach = next
	}
	return reach[len(text)]
}

// fold is the same for what hosts take for one repository.
func fold(source string) string {
	scheme, rest, _ := strings.Cut(source, ":")
	if scheme != "github" && scheme != "git" {
		return source
	}
	if scheme == "github" {
		rest = strings.ToLower(rest)
	}
	repository, dir, ok := cutDir(rest)
	repository = strings.TrimSuffix(repository, ".git")
	if ok {
		return scheme + ":" + repository + "//" + dir
	}
	return scheme + ":" + repository
}

// cutDir splits a repository from the directory in it. An address of the web has none.
func cutDir(source string) (repository, dir string, ok bool) {
	if strings.HasPrefix(source, "https:") {
		return source, "", false
	}
	return strings.Cut(source, "//")
}
