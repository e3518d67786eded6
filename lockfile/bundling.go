package lockfile

import (
	"fmt"
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

// bundling reads which libraries stay outside of a provider's bundle.
func (d *decoder) bundling(t map[string]any, path []string) (Bundling, error) {
	var b Bundling
	if v, ok := t["bundle"]; ok {
		bundle, isBool := v.(bool)
		if !isBool {
			return b, d.fail(join(path)+".bundle must be true or false", "write it as\n  bundle = false", append(path, "bundle")...)
		}
		b.Unbundled = !bundle
	}
	list, err := d.texts(t["external"], "sharp", append(path, "external")...)
	if err != nil {
		return b, err
	}
	for _, name := range list {
		if !externalName.MatchString(name) {
			return b, d.fail(fmt.Sprintf("%q is no npm library", name), "name libraries, with or without a version:\n  external = [\"sharp\", \"@acme/addon@1.2.3\"]", append(path, "external")...)
		}
	}
	return b.Union(Bundling{External: list}), nil
}
