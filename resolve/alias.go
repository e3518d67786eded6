package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// FollowAlias is [ParseSource] for texts that may be bare names: a name is looked up in aliases, whose values are sources
// with or without a query. A query after the name goes before the alias's own. An unknown name fails with [ErrAlias] in
// the chain.
func FollowAlias(s string, aliases map[string]string) (src Source, query string, err error) {
	var seen []string
	for {
		src, query2, err := ParseSource(s)
		if query == "" {
			query = query2
		}
		if err == nil || !errors.Is(err, ErrAlias) {
			return src, query, err
		}
		name, _, _ := strings.Cut(strings.TrimSpace(s), "@")
		if slices.Contains(seen, name) {
			return Source{}, "", usage(fmt.Sprintf("alias %s leads back to itself", quote(name)), strings.Join(append(seen, name), " → "),
				fmt.Sprintf("let %s name a source such as github:OWNER/REPO under [aliases] in conduit.toml", name))
		}
		target, ok := aliases[name]
		if !ok {
			return Source{}, "", err
		}
		seen = append(seen, name)
		s = target
	}
}
