package library

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// override is one rule of package.json's overrides, with the rules that are nested in it. The root of the rules has no
// parent. It is immutable.
type override struct {
	parent *override
	name   string
	key    string // the range behind the name in the key, "*" for none
	value  string // what replaces a dependency's spec; "*" for nothing
	kids   []*override
}

// parseOverrides reads npm's overrides. References ("$name") are replaced by what the provider itself says about name.
func parseOverrides(subject string, raw map[string]any, own map[string]string) (*override, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	root := &override{}
	return root, root.read(subject, raw, own)
}

func (o *override) read(subject string, raw map[string]any, own map[string]string) error {
	bad := func(why string) error {
		return &report.Error{What: "the overrides of " + subject + " cannot be read", Where: "package.json", Why: why, Next: "correct overrides as npm's documentation of package.json describes them"}
	}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		if key == "." {
			continue
		}
		name, rng := key, "*"
		if at := strings.LastIndex(key, "@"); at > 0 {
			name, rng = key[:at], key[at+1:]
		}
		kid := &override{parent: o, name: name, key: rng, value: rng}
		nested, isMap := raw[key].(map[string]any)
		value, isString := raw[key].(string)
		if isMap {
			value, isString = nested["."].(string)
			if _, has := nested["."]; has && !isString {
				return bad(fmt.Sprintf("the value of %q is no string", key+"/."))
			}
		}
		switch {
		case !isMap && !isString:
			return bad(fmt.Sprintf("the value of %q is neither a string nor an object", key))
		case isString && value == "":
			kid.value = "*"
		case isString && strings.HasPrefix(value, "$"):
			ref, ok := own[value[1:]]
			if !ok {
				return bad(fmt.Sprintf("%q refers to %s, which is no dependency", key, value))
			}
			kid.value = ref
		case isString:
			kid.value = value
		}
		if isMap {
			if err := kid.read(subject, nested, own); err != nil {
				return err
			}
		}
		o.kids = append(o.kids, kid)
	}
	return nil
}

// rules lists the rules in force below o, the innermost first.
func (o *override) rules() []*override {
	var out []*override
	type id struct{ name, key string }
	seen := map[id]bool{}
	add := func(r *override) {
		if !seen[id{r.name, r.key}] {
			seen[id{r.name, r.key}] = true
			out = append(out, r)
		}
	}
	for p := o; p != nil; p = p.parent {
		for _, k := range p.kids {
			add(k)
		}
		if p.parent != nil {
			add(p)
		}
	}
	return out
}

// forEdge is the rule for a dependency of a package that stands under o; o itself if none concerns it.
func (o *override) forEdge(name string, s spec) *override {
	if o == nil {
		return nil
	}
	for _, r := range o.rules() {
		if r.name != name {
			continue
		}
		if r.key == "*" || s.rng == nil {
			return r
		}
		if k, err := ParseRange(r.key); err == nil && s.rng.intersects(k) {
			return r
		}
	}
	return o
}

// forNode is the rule that the dependencies of a package stand under, which was reached by an edge under o.
func (o *override) forNode(name, version string) *override {
	if o == nil {
		return nil
	}
	for _, r := range o.rules() {
		if r.name == name && (rangeAllows(r.key, version) || rangeAllows(r.value, version)) {
			return r
		}
	}
	return o
}

func rangeAllows(text, version string) bool {
	r, err := ParseRange(text)
	return err == nil && r.Allows(version)
}

// replaces returns what stands in for the spec of a dependency called name, "" for nothing.
func (o *override) replaces(name string) string {
	if o == nil || o.name != name || o.value == "*" || o.value == "" {
		return ""
	}
	return o.value
}

// intersects reports whether some version can be in both ranges.
func (r *Range) intersects(q *Range) bool {
	for _, a := range r.sets {
		for _, b := range q.sets {
			if satisfiable(a) && satisfiable(b) && compatible(a, b) {
				return true
			}
		}
	}
	return false
}

func satisfiable(set []comparator) bool { return compatible(set, set) }

func compatible(a, b []comparator) bool {
	for _, c := range a {
		for _, d := range b {
			if !c.intersects(d) {
				return false
			}
		}
	}
	return true
}

func (c comparator) intersects(d comparator) bool {
	switch {
	case c.at == nil || d.at == nil:
		return true
	case c.op == "":
		return d.allows(c.at)
	case d.op == "":
		return c.allows(d.at)
	case c.op[0] == d.op[0]:
		return c.op[0] == '>' || c.at.compare(none().at) != 0 && d.at.compare(none().at) != 0
	case c.op[0] == '<':
		return d.intersects(c)
	}
	order := c.at.compare(d.at)
	return order < 0 || order == 0 && c.op == ">=" && d.op == "<="
}
