package lockfile

import (
	"slices"
	"strings"
)

// Bundling says which libraries of a provider stay outside of its bundle, whatever conduit finds out about them.
type Bundling struct {
	Unbundled bool     // bundle = false: all of them
	External  []string // external = ["NAME", "NAME@VERSION"]; sorted
}

// Union is what stays outside by either.
func (b Bundling) Union(other Bundling) Bundling {
	list := slices.Concat(b.External, other.External)
	slices.Sort(list)
	return Bundling{b.Unbundled || other.Unbundled, slices.Compact(list)}
}

// Equal reports whether both keep the same libraries outside.
func (b Bundling) Equal(other Bundling) bool {
	return b.Unbundled == other.Unbundled && slices.Equal(b.External, other.External)
}

// String is the keys of conduit.toml that say so.
func (b Bundling) String() string {
	switch {
	case b.Unbundled:
		return "bundle = false"
	case len(b.External) > 0:
		return "external = [\"" + strings.Join(b.External, "\", \"") + "\"]"
	}
	return "nothing kept outside"
}
