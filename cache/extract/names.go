package extract

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Names checks the names of one archive. The zero value is not ready: use [NewNames].
type Names struct {
	subject string
	exact   map[string]string // folded path, of files and of the folders above them, to the path as it is written
	leaf    map[string]bool   // path to whether it is a file or link; else it is a folder
}

// NewNames returns a checker; subject names the archive in errors.
func NewNames(subject string) *Names {
	return &Names{subject: subject, exact: map[string]string{}, leaf: map[string]bool{}}
}

// Check returns the clean slash-separated form of an entry's name. ok is false for a name that is to be left out: the root
// itself, and whatever lies in a folder called ".git", which sums leave out too.
func (n *Names) Check(name string) (clean string, ok bool, err error) {
	if err := n.Inside(name); err != nil {
		return "", false, err
	}
	clean = path.Clean(name)
	if clean == "." {
		return "", false, nil
	}
	for part := range strings.SplitSeq(clean, "/") {
		if strings.EqualFold(part, ".git") {
			return "", false, nil
		}
	}
	if err := n.Unfolded(clean); err != nil {
		return "", false, err
	}
	return clean, true, n.apart(clean)
}

// Inside checks that a name can be one of a file below the root, on every system, whatever other names there are.
func (n *Names) Inside(name string) error {
	switch {
	case !utf8.ValidString(name):
		return refuse(n.subject, name, "has a name that is not UTF-8")
	case strings.ContainsAny(name, "\x00\n\r"):
		return refuse(n.subject, name, "has a control character in its name")
	case strings.Contains(name, `\`):
		return refuse(n.subject, name, "has a backslash in its name, which some systems read as a folder")
	case strings.HasPrefix(name, "/"), len(name) > 1 && name[1] == ':':
		return refuse(n.subject, name, "has an absolute path")
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return refuse(n.subject, name, `leaves the package's folder with ".."`)
		}
	}
	return nil
}

// apart checks that no name is both a file and a folder.
func (n *Names) apart(clean string) error {
	if leaf, known := n.leaf[clean]; known && !leaf {
		return refuse(n.subject, clean, "is both a file and a folder")
	}
	n.leaf[clean] = true
	for p := path.Dir(clean); p != "."; p = path.Dir(p) {
		leaf, known := n.leaf[p]
		if leaf {
			return refuse(n.subject, p, "is both a file and a folder")
		}
		if known {
			break
		}
		n.leaf[p] = false
	}
	return nil
}

// Unfolded checks that no other name differs from clean, or from a folder above it, by case alone.
func (n *Names) Unfolded(clean string) error {
	for p := clean; p != "."; p = path.Dir(p) {
		key := fold(p)
		other, known := n.exact[key]
		if known && other != p {
			return refuse(n.subject, p, "differs from %q by case alone: only one of the two could be kept on some systems", other)
		}
		if known {
			return nil // the folders above were checked with it
		}
		n.exact[key] = p
	}
	return nil
}

// fold maps names that some file system takes for the same to one string: case is folded, accents are composed.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s) // the lower code points, as below
	}
	return strings.Map(func(r rune) rune {
		low := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			low = min(low, f)
		}
		return low
	}, norm.NFC.String(s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
