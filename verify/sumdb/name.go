package sumdb

import (
	"errors"
	"strconv"
	"strings"
)

// modulePath is how the log names a source ("github:acme/talk//deep"): as a module path of Go, which may hold less than a source. The
// kind is the first element, with an ending; each further one begins with "x-", so that none is reserved, empty or a version; in
// it small letters, digits and hyphens stay, and anything else is "_" and two hex digits.
func modulePath(source string) (string, error) {
	kind, path, ok := strings.Cut(source, ":")
	if !ok || kind == "" || path == "" || strings.Trim(kind, "abcdefghijklmnopqrstuvwxyz") != "" {
		return "", errors.New("no source: " + strconv.Quote(source))
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	b.WriteString(kind + ending)
	for elem := range strings.SplitSeq(path, "/") {
		b.WriteString(begin)
		for i := range len(elem) {
			c := elem[i]
			if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' {
				b.WriteByte(c)
			} else {
				b.Write([]byte{'_', digits[c>>4], digits[c&15]})
			}
		}
	}
	return b.String(), nil
}

const (
	ending = ".source"
	begin  = "/x-"
)

// sourceOf is the source that the log names so.
func sourceOf(path string) (string, error) {
	bad := errors.New("no source is named " + strconv.Quote(path))
	elems := strings.Split(path, "/")
	kind, ok := strings.CutSuffix(elems[0], ending)
	if !ok {
		return "", bad
	}
	for i, elem := range elems[1:] {
		elem, ok := strings.CutPrefix(elem, begin[1:])
		if !ok {
			return "", bad
		}
		var b strings.Builder
		for elem != "" {
			if elem[0] != '_' {
				b.WriteByte(elem[0])
				elem = elem[1:]
				continue
			}
			if len(elem) < 3 {
				return "", bad
			}
			c, err := strconv.ParseUint(elem[1:3], 16, 8)
			if err != nil {
				return "", bad
			}
			b.WriteByte(byte(c))
			elem = elem[3:]
		}
		elems[i+1] = b.String()
	}
	source := kind + ":" + strings.Join(elems[1:], "/")
	if again, err := modulePath(source); err != nil || again != path { // one name for each
		return "", bad
	}
	return source, nil
}
