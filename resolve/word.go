package resolve

import (
	"strings"
	"unicode"
)

// A large graph reads thousands of sources, and a regular expression for each of their parts takes longer than all the rest
// of reading them.

// isWord reports whether s consists of ASCII letters and digits, and of the other characters that may be its first, or come
// after it.
func isWord(s, first, after string) bool {
	others := first
	for i := range len(s) {
		c := s[i]
		if letter := c|0x20 >= 'a' && c|0x20 <= 'z'; !letter && (c < '0' || c > '9') && strings.IndexByte(others, c) < 0 {
			return false
		}
		others = after
	}
	return s != ""
}

// isNPMName reports whether s is NAME or @SCOPE/NAME, in characters that npm allows.
func isNPMName(s string) bool {
	if scoped, ok := strings.CutPrefix(s, "@"); ok {
		scope, name, slash := strings.Cut(scoped, "/")
		if !slash || !isWord(scope, "~_", "~._-") {
			return false
		}
		s = name
	}
	return isWord(s, "~", "~._-")
}

// hasDrive reports whether a path begins with a drive, as in "C:/".
func hasDrive(s string) bool {
	return len(s) > 2 && isWord(s[:1], "", "") && (s[0] < '0' || s[0] > '9') && s[1] == ':' && (s[2] == '/' || s[2] == '\\')
}

// isHidden is true of characters that cannot be seen in a source.
func isHidden(r rune) bool {
	if r < unicode.MaxASCII { // nearly all
		return r < ' '
	}
	return r == unicode.ReplacementChar || !unicode.IsPrint(r)
}
