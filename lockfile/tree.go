package lockfile

import (
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/resolve"
)

// A node of a library tree is one line:
//
//	. > axios@1.6.0 http=follow-redirects@1.15.9
//	axios@1.6.0 > follow-redirects@1.15.9 form-data@4.0.3
//	form-data@4.0.3
//
// An edge is the ID of the node that it means, with "NAME=" before it where it is imported by another name.

func formatNode(n resolve.Node) string {
	var b strings.Builder
	b.WriteString(n.ID)
	for i, e := range n.Edges {
		if i == 0 {
			b.WriteString(" >")
		}
		b.WriteByte(' ')
		if e.Name != libraryName(e.ID) {
			b.WriteString(e.Name + "=")
		}
		b.WriteString(e.ID)
	}
	return b.String()
}

func parseNode(s string) (resolve.Node, error) {
	words := strings.Split(s, " ")
	n := resolve.Node{ID: words[0]}
	if n.ID != "." && !isNodeID(n.ID) {
		return n, fmt.Errorf("%q does not begin with NAME@VERSION", s)
	}
	if len(words) == 1 {
		return n, nil
	}
	if words[1] != ">" || len(words) == 2 {
		return n, fmt.Errorf("%q is not of the form ID > EDGE EDGE", s)
	}
	seen := map[string]bool{}
	for _, word := range words[2:] {
		e := resolve.Edge{ID: word}
		name, id, alias := strings.Cut(word, "=")
		if alias {
			e.Name, e.ID = name, id
		} else {
			e.Name = libraryName(word)
		}
		if !isNodeID(e.ID) || e.Name == "" || strings.Contains(e.ID, "=") {
			return n, fmt.Errorf("%q: %q is no edge", s, word)
		}
		if seen[e.Name] {
			return n, fmt.Errorf("%q: two edges named %q", s, e.Name)
		}
		seen[e.Name] = true
		n.Edges = append(n.Edges, e)
	}
	return n, nil
}

// isNodeID reports whether s is NAME@VERSION, free of what parts the words of a line.
func isNodeID(s string) bool {
	i := strings.LastIndexByte(s, '@')
	return i > 0 && i < len(s)-1 && !strings.ContainsAny(s, " \t\r\n=>")
}

// libraryName is the npm name in a node's ID.
func libraryName(id string) string {
	if i := strings.LastIndexByte(id, '@'); i > 0 {
		return id[:i]
	}
	return id
}
