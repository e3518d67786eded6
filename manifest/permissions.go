package manifest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/manifest/suggest"
)

// permissions reads what a provider declares that it needs: in its manifest, else in package.json under mediaconduit. Unlike in the
// rest of a manifest, what cannot be read is an error: to leave it out would allow more or less than its author has written.
func (r *reader) permissions(p *Provider, file string, n, pkg *node) error {
	stated, known := n.exact("permissions"), n.get("permissions")
	if own := pkg.get("mediaconduit"); stated == nil && known == nil && own != nil {
		file = packageFile
		for _, at := range []*node{own.get("provider"), own} {
			if stated = at.exact("permissions"); stated != nil {
				break
			}
		}
	}
	if stated == nil {
		stated = known
	}
	if stated == nil {
		return nil
	}
	const table = "permissions:\n    net: [\"api.example.com:443\"]\n    run: []"
	if stated.kind != dict {
		return r.fail(file, stated.line, "permissions is no table of lists", "write it as\n  "+table+"\nor leave it out")
	}
	for _, e := range stated.keys {
		list := p.Permissions.List(e.key)
		if list == nil {
			next := "known here: " + strings.Join(permission.Keys, ", ")
			near := suggest.Nearest(e.key, permission.Keys)
			for _, key := range permission.Keys {
				if strings.HasPrefix(suggest.Fold(e.key), key) { // network, environment
					near = key
				}
			}
			if near != "" {
				next = fmt.Sprintf("did you mean %q?", near)
			}
			return r.fail(file, e.line, fmt.Sprintf("unknown key %q in permissions", e.key), next)
		}
		if err := r.permitted(list, file, e); err != nil {
			return err
		}
	}
	return nil
}

// permitted reads one of the lists. What stands for no limit is as if the list was not there.
func (r *reader) permitted(to *[]string, file string, e entry) error {
	write := fmt.Sprintf("write it as\n  %s: [%q]", e.key, permission.Example(e.key))
	if e.val.kind != list {
		return r.fail(file, e.line, fmt.Sprintf("permissions.%s is no list", e.key), write+"\nand as [] for nothing of the kind")
	}
	out := []string{}
	for _, item := range e.val.items {
		err := permission.Check(e.key, item.text)
		if item.kind != scalar {
			err = errors.New("it is no text")
		}
		if err != nil {
			f := r.fail(file, item.line, fmt.Sprintf("permissions.%s has %q", e.key, item.text), write)
			f.Err = err
			return f
		}
		out = append(out, item.text)
	}
	if permission.Limited(e.key, out) {
		*to = out
	}
	return nil
}
