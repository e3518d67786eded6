package manifest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/manifest/suggest"
)

func isCapability(s string) bool { return slices.Contains(Capabilities, Capability(s)) }

// requires reads what a package requires, in any of the forms
//
//	requires: [github:a/b@^1, npm:@x/y]
//	requires: [{github:a/b: ^1}, {source: npm:@x/y, version: ^2, kind: provider}]
//	requires: {github:a/b: ^1, npm:@x/y: "*"}
//	requires: {services: …, providers: …}
//
// An entry that names no kind is a service.
func (r *reader) requires(file string, n *node, into string) (services, providers []Need, err error) {
	if n == nil {
		return nil, nil, nil
	}
	add := func(kind, source, version string, line int) error {
		switch suggest.Fold(strings.TrimSuffix(kind, "s")) {
		case "service":
			services = addNeeds(services, []Need{joinNeed(source, version, line)})
		case "provider":
			providers = addNeeds(providers, []Need{joinNeed(source, version, line)})
		default:
			return r.fail(file, line, fmt.Sprintf("requires: unknown kind %q", kind), "write \"kind: service\" or \"kind: provider\"")
		}
		return nil
	}
	nested := func(kind string, v *node) error {
		s, p, err := r.requires(file, v, kind)
		services, providers = addNeeds(services, s), addNeeds(providers, p)
		return err
	}
	items, keys := n.items, n.keys
	if n.kind == dict && n.get("source") != nil {
		items, keys = []*node{n}, nil // one entry, not in a list
	}
	for _, item := range items {
		switch {
		case item.kind == scalar && item.string() != "":
			err = add(into, item.string(), "", item.line)
		case item.kind == dict && item.get("source") != nil:
			kind := item.get("kind", "type").string()
			if kind == "" {
				kind = into
			}
			err = add(kind, item.get("source").string(), item.get("version", "range").string(), item.line)
		case item.kind == dict:
			err = nested(into, item)
		default:
			err = r.fail(file, item.line, "requires: an entry must be a source or a map", "write it as\n  requires:\n    - github:OWNER/REPO@^1")
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, e := range keys {
		switch key := suggest.Fold(e.key); {
		case key == "services" || key == "providers":
			err = nested(key, e.val)
		case (key == "service" || key == "provider") && e.val.kind == scalar:
			err = add(key, e.val.string(), "", e.line)
		case e.val.kind == dict:
			err = add(into, e.key, e.val.get("version", "range").string(), e.line)
		case e.val.kind == list:
			err = r.fail(file, e.line, fmt.Sprintf("requires: %q must have a version range", e.key), "write it as\n  requires:\n    "+e.key+": ^1")
		default:
			err = add(into, e.key, e.val.string(), e.line)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if n.kind == scalar && n.string() != "" {
		for _, s := range n.strings() {
			if err := add(into, s.string(), "", n.line); err != nil {
				return nil, nil, err
			}
		}
	}
	return services, providers, nil
}

func joinNeed(source, version string, line int) Need {
	if version != "" {
		source += "@" + version
	}
	return Need{Source: source, Line: line}
}

// addNeeds appends those of more that are not in needs.
func addNeeds(needs, more []Need) []Need {
	for _, m := range more {
		if m.Source != "" && !slices.ContainsFunc(needs, func(n Need) bool { return n.Source == m.Source }) {
			needs = append(needs, m)
		}
	}
	return needs
}
