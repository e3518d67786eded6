package resolve

import "strings"

// Node is one installation of a library in a provider's library tree. ID is "name@version", with "+2", "+3", … appended
// where the same version stands in the tree more than once with different edges; the node "." is the provider itself.
type Node struct {
	ID    string
	Edges []Edge // sorted by Name
}

// Edge is what one import name means to a node.
type Edge struct {
	Name string // the name it is imported by; differs from the library's own for npm aliases ("npm:other@^1")
	ID   string // the node that it means
}

// Library is one version of an npm package. Name and Version together identify it.
type Library struct {
	Name      string
	Version   string
	Integrity string   // Subresource Integrity of the tarball, sha512
	Source    string   // where it comes from if not from the npm registry: "https://HOST/x.tgz", or "github:OWNER/REPO@COMMIT"
	OS        []string // npm's "os", empty for all
	CPU       []string // npm's "cpu"
	Libc      []string // npm's "libc"
}

// LibraryID is "name@version" of the library that a node's ID means: the ID without its counter. The npm registry keeps no
// build metadata in versions, so that a plus can only begin the counter.
func LibraryID(node string) string {
	if i := strings.LastIndexByte(node, '+'); i > strings.LastIndexByte(node, '@') {
		return node[:i]
	}
	return node
}

// Library is the name and version of the library that the node installs; the provider itself, ".", has no version.
func (n Node) Library() (name, version string) {
	id := LibraryID(n.ID)
	at := strings.LastIndexByte(id, '@')
	if at <= 0 {
		return id, ""
	}
	return id[:at], id[at+1:]
}
