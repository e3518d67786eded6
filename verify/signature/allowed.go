package signature

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// allowed is a line of an allowed signers file: "PRINCIPALS [OPTIONS] KEYTYPE KEY [COMMENT]".
type allowed struct {
	principals    string // patterns, as written
	key           ssh.PublicKey
	authority     bool     // the key signs certificates
	namespaces    []string // patterns; nil for all
	after, before time.Time
}

// parseAllowed reads an allowed signers file. An error tells its line.
func parseAllowed(data []byte) ([]allowed, error) {
	var out []allowed
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		a, err := parseAllowedLine(text)
		if err != nil {
			return nil, &LineError{n, err}
		}
		out = append(out, a)
	}
	return out, nil
}

// LineError is an error in one line of a file of signers.
type LineError struct {
	Line int // from 1
	Err  error
}

// Error is what is wrong with the line.
func (e *LineError) Error() string { return e.Err.Error() }

// Unwrap returns the error without its place.
func (e *LineError) Unwrap() error { return e.Err }

func parseAllowedLine(text string) (a allowed, err error) {
	var rest string
	if a.principals, rest, err = principals(text); err != nil {
		return a, err
	}
	var options []string
	if a.key, _, options, _, err = ssh.ParseAuthorizedKey([]byte(rest)); err != nil {
		return a, errors.New("it has no key that can be read: PRINCIPALS [OPTIONS] KEYTYPE KEY")
	}
	if _, ok := a.key.(*ssh.Certificate); ok {
		return a, errors.New("it holds a certificate in place of a key")
	}
	seen := map[string]bool{}
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		name = strings.ToLower(name)
		if seen[name] {
			return a, fmt.Errorf("the option %s stands twice", name)
		}
		seen[name] = true
		if err := a.option(name, option != name, value); err != nil {
			return a, err
		}
	}
	if !a.after.IsZero() && !a.before.IsZero() && !a.after.Before(a.before) {
		return a, errors.New("valid-before is not after valid-after")
	}
	return a, nil
}

// principals is the first field of a line, in quotes or not.
func principals(text string) (field, rest string, err error) {
	if quoted, ok := strings.CutPrefix(text, `"`); ok {
		if field, rest, ok = strings.Cut(quoted, `"`); !ok {
			return "", "", errors.New("a quotation mark is missing")
		}
	} else if at := strings.IndexAny(text, " \t"); at > 0 {
		field, rest = text[:at], text[at:]
	}
	if field == "" || strings.ContainsFunc(field, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", "", errors.New("it names no principals: PRINCIPALS [OPTIONS] KEYTYPE KEY")
	}
	return field, strings.TrimLeft(rest, " \t"), nil
}

func (a *allowed) option(name string, valued bool, value string) error {
	text, quoted := strings.CutPrefix(value, `"`)
	text, closed := strings.CutSuffix(text, `"`)
	var err error
	switch {
	case name == "cert-authority" && !valued:
		a.authority = true
		return nil
	case name != "namespaces" && name != "valid-after" && name != "valid-before":
		return fmt.Errorf("the option %q means nothing", name)
	case !quoted || !closed || text == "":
		return fmt.Errorf("write %s=\"…\"", name)
	case name == "namespaces":
		a.namespaces = strings.Split(text, ",")
	case name == "valid-after":
		a.after, err = timestamp(text)
	default:
		a.before, err = timestamp(text)
	}
	return err
}

// timestamp is YYYYMMDD[HHMM[SS]] in the machine's own time zone, or in UTC with a Z.
func timestamp(text string) (time.Time, error) {
	zone := time.Local
	digits, utc := strings.CutSuffix(text, "Z")
	if utc {
		zone = time.UTC
	}
	layouts := map[int]string{8: "20060102", 12: "200601021504", 14: "20060102150405"}
	at, err := time.ParseInLocation(layouts[len(digits)], digits, zone)
	if err != nil || layouts[len(digits)] == "" {
		return at, fmt.Errorf("%q is no time: YYYYMMDD[HHMM[SS]][Z]", text)
	}
	return at, nil
}

// valid tells whether the line holds at a time.
func (a *allowed) valid(at time.Time) bool {
	return (a.after.IsZero() || !at.Before(a.after)) && (a.before.IsZero() || !at.After(a.before))
}

func (a *allowed) forGit() bool {
	return a.namespaces == nil || matchesAny(a.namespaces, namespace)
}

// is tells whether the line is about the key, itself or as the authority of its certificate.
func (a *allowed) is(s *sshSignature) bool {
	key := s.key
	if a.authority {
		if s.cert == nil {
			return false
		}
		key = s.cert.SignatureKey
	}
	return bytes.Equal(a.key.Marshal(), key.Marshal())
}

// allows tells whether the line's patterns name the principal.
func (a *allowed) allows(principal string) bool {
	return matchesAny(strings.Split(a.principals, ","), principal)
}

// matchesAny is OpenSSH's list of patterns: one has to match, and none with a "!" before it.
func matchesAny(patterns []string, text string) bool {
	found := false
	for _, p := range patterns {
		p, negated := strings.CutPrefix(p, "!")
		if matches(p, text) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// matches takes time in proportion to the pattern's length times the text's. "*" stands for any text, "?" for one byte.
func matches(pattern, text string) bool {
	reach := make([]bool, len(text)+1)
	reach[0] = true
	for i := range len(pattern) {
		next := make([]bool, len(text)+1)
		for at := range next {
			switch {
			case pattern[i] == '*':
				next[at] = reach[at] || at > 0 && next[at-1]
			case at > 0:
				next[at] = reach[at-1] && (pattern[i] == '?' || pattern[i] == text[at-1])
			}
		}
		reach = next
	}
	return reach[len(text)]
}

// principalsOf are the names that a certificate and a line about its authority have in common.
func (a *allowed) principalsOf(cert *ssh.Certificate) []string {
	return slices.DeleteFunc(slices.Clone(cert.ValidPrincipals), func(p string) bool { return !a.allows(p) })
}
