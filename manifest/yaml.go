package manifest

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Limits on what a manifest may unfold to. Aliases let a short file describe an enormous value, so the values are counted
// after aliases are followed.
const (
	maxValues = 100_000
	maxDepth  = 100
)

// syntaxError is a place in a file and what is wrong there.
type syntaxError struct {
	line, column int // from 1; 0 where unknown
	message      string
}

func (e *syntaxError) Error() string { return e.message }

// parseYAML reads the one document of a YAML file. An empty file is an empty map.
func parseYAML(data []byte) (*node, error) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		if strings.Contains(err.Error(), "no documents") {
			return &node{kind: dict, line: 1}, nil
		}
		return nil, yamlError(err)
	}
	if len(doc.Content) == 0 {
		return &node{kind: dict, line: 1}, nil
	}
	c := &converter{budget: maxValues}
	return c.convert(doc.Content[0], 0)
}

func yamlError(err error) error {
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return &syntaxError{message: err.Error()}
	}
	message := load.Message
	if load.ContextMsg != "" {
		message += " " + load.ContextMsg
		if load.ContextMark.Line > 0 && load.ContextMark.Line != load.Mark.Line {
			message += fmt.Sprintf(" that begins in line %d", load.ContextMark.Line)
		}
	}
	return &syntaxError{line: load.Mark.Line, column: load.Mark.Column, message: message}
}

type converter struct{ budget int }

func (c *converter) convert(y *yaml.Node, depth int) (*node, error) {
	fail := func(format string, args ...any) (*node, error) {
		return nil, &syntaxError{line: y.Line, column: y.Column, message: fmt.Sprintf(format, args...)}
	}
	if c.budget--; c.budget < 0 {
		return fail("the file unfolds to more than %d values", maxValues)
	}
	if depth > maxDepth {
		return fail("values are nested more than %d deep", maxDepth)
	}
	n := &node{line: y.Line}
	switch y.Kind {
	case yaml.AliasNode:
		// A cycle of aliases ends at the limit on depth.
		return c.convert(y.Alias, depth+1)
	case yaml.ScalarNode:
		n.kind, n.text = scalar, y.Value
		switch y.ShortTag() {
		case "!!null":
			n.kind = null
		case "!!bool", "!!int", "!!float":
			if err := y.Decode(&n.value); err != nil {
				n.value = y.Value
			}
			// JSON, which hands configSchema on, knows neither infinity nor NaN.
			if f, ok := n.value.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
				n.value = y.Value
			}
		default:
			n.value = y.Value
		}
	case yaml.SequenceNode:
		n.kind = list
		for _, item := range y.Content {
			v, err := c.convert(item, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, v)
		}
	case yaml.MappingNode:
		n.kind = dict
		return n, c.mapping(n, y, depth)
	default:
		return fail("a value of unknown kind")
	}
	return n, nil
}

// mapping fills n with the keys of y. Keys of a merge ("<<") count where the map has no such key itself.
func (c *converter) mapping(n *node, y *yaml.Node, depth int) error {
	seen := map[string]int{}
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, raw := y.Content[i], y.Content[i+1]
		val, err := c.convert(raw, depth+1)
		if err != nil {
			return err
		}
		if key.ShortTag() == "!!merge" {
			if val.kind == list {
				merged = append(merged, val.items...)
			} else {
				merged = append(merged, val)
			}
			continue
		}
		if key.Kind != yaml.ScalarNode {
			return &syntaxError{line: key.Line, column: key.Column, message: "a key must be a word, this one is a list or map"}
		}
		if first, dup := seen[key.Value]; dup {
			return &syntaxError{line: key.Line, column: key.Column, message: fmt.Sprintf("key %q stands in line %d already", key.Value, first)}
		}
		seen[key.Value] = key.Line
		n.keys = append(n.keys, entry{key.Value, key.Line, val})
	}
	for _, m := range merged {
		for _, e := range m.keys {
			if _, dup := seen[e.key]; !dup {
				seen[e.key] = e.line
				n.keys = append(n.keys, e)
			}
		}
	}
	return nil
}
