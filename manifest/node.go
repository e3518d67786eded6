package manifest

import (
	"strconv"
	"strings"

	"github.com/MediaConduit/conduit/manifest/suggest"
)

type kind int

const (
	null kind = iota
	scalar
	list
	dict
)

// node is a value of a manifest, whichever syntax the file has. Aliases and merge keys are already followed, so the rest of
// the package sees plain data. A nil node stands for a key that is absent; its methods give the zero value.
type node struct {
	kind  kind
	text  string  // scalar: as written, without quotes
	value any     // scalar: bool, int, float64 or string
	items []*node // list
	keys  []entry // dict, in the order of the file
	line  int     // from 1
}

type entry struct {
	key  string
	line int
	val  *node
}

// get returns the value of the first of keys that is there and not null. A key in another spelling (health_check for
// healthCheck) counts where no exact one is there: authors mix them, and the meaning is clear.
func (n *node) get(keys ...string) *node {
	if n == nil || n.kind != dict {
		return nil
	}
	for _, k := range keys {
		for _, e := range n.keys {
			if e.key == k && e.val.kind != null {
				return e.val
			}
		}
	}
	for _, k := range keys {
		for _, e := range n.keys {
			if suggest.Fold(e.key) == suggest.Fold(k) && e.val.kind != null {
				return e.val
			}
		}
	}
	return nil
}

// string is a scalar's text, "" for anything else.
func (n *node) string() string {
	if n == nil || n.kind != scalar {
		return ""
	}
	return strings.TrimSpace(n.text)
}

// strings is a list's scalars; a scalar by itself is a list of one, and may hold several parted by commas.
func (n *node) strings() []*node {
	switch {
	case n == nil || n.kind == null:
		return nil
	case n.kind == scalar:
		var out []*node
		for _, s := range strings.Split(n.text, ",") {
			if s = strings.TrimSpace(s); s != "" {
				out = append(out, &node{kind: scalar, text: s, value: s, line: n.line})
			}
		}
		return out
	case n.kind == list:
		var out []*node
		for _, i := range n.items {
			if i.string() != "" {
				out = append(out, i)
			}
		}
		return out
	}
	return nil
}

// truth is whether a value means yes: true, a word that is no negation, a number that is not zero, a list or map.
func (n *node) truth() bool {
	switch {
	case n == nil || n.kind == null:
		return false
	case n.kind != scalar:
		return true
	}
	switch strings.ToLower(n.string()) {
	case "", "false", "no", "off", "none", "0", "optional":
		return false
	}
	return true
}

// any is the value as encoding/json would give it, with int for whole numbers.
func (n *node) any() any {
	if n == nil {
		return nil
	}
	switch n.kind {
	case scalar:
		return n.value
	case list:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.any()
		}
		return out
	case dict:
		return n.anyMap()
	}
	return nil
}

// anyMap is [node.any] of a map, nil for anything else.
func (n *node) anyMap() map[string]any {
	if n == nil || n.kind != dict {
		return nil
	}
	out := make(map[string]any, len(n.keys))
	for _, e := range n.keys {
		out[e.key] = e.val.any()
	}
	return out
}

// pairs reads names and texts from any way in which files write them: a map, a list of one-entry maps, or a list of
// "NAME=VALUE" (sep "=") or "NAME@VALUE" (sep "@", where the name may begin with one).
func (n *node) pairs(sep string) map[string]string {
	out := map[string]string{}
	if n == nil {
		return out
	}
	for _, e := range n.keys {
		value := e.val.string()
		if e.val.kind == dict {
			value = e.val.get("version", "range", "default").string()
		}
		out[e.key] = value
	}
	for _, item := range n.items {
		if item.kind == dict {
			for k, v := range item.pairs(sep) {
				out[k] = v
			}
			continue
		}
		if text := item.string(); text != "" {
			name, value := text, ""
			if at := strings.Index(text[1:], sep); at >= 0 {
				name, value = text[:at+1], text[at+1+len(sep):]
			}
			out[name] = value
		}
	}
	return out
}

// number is a whole number, false if the value is none.
func (n *node) number() (int, bool) {
	i, err := strconv.Atoi(n.string())
	return i, err == nil
}
