package lockfile

import (
	"bytes"
	"fmt"
	"reflect"

	"github.com/pelletier/go-toml/v2/unstable"
)

// Bounds of what is parsed. Readers of TOML take memory and time that grow with the square of the depth of a value and of
// the parts of a key, so that a few hundred kilobytes could keep a machine busy. No file of people or of ours comes near.
const (
	maxFile  = 16 << 20 // bytes
	maxDepth = 100      // of brackets in brackets, and of parts of a dotted key
)

// outOfBounds says which bound a TOML file exceeds, nil for none. It knows strings and comments, no more of the language: in
// a file with mistakes it may miss something behind the first one, where readers stop.
func outOfBounds(data []byte) *tomlError {
	if len(data) > maxFile {
		return &tomlError{message: fmt.Sprintf("the file is larger than %d MiB", maxFile>>20)}
	}
	line, depth, parts := 1, 0, 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\n':
			line++
			parts = 0
		case '#':
			for i+1 < len(data) && data[i+1] != '\n' {
				i++
			}
		case '"', '\'':
			end := stringEnd(data, i)
			line += bytes.Count(data[i:end], []byte("\n"))
			i = end - 1
		case '[', '{':
			depth++
			parts = 0
		case ']', '}':
			depth = max(0, depth-1)
		case '=', ',':
			parts = 0
		case '.':
			parts++
		}
		if depth > maxDepth || parts > maxDepth {
			return &tomlError{line: line, message: fmt.Sprintf("nested more than %d deep", maxDepth)}
		}
	}
	return nil
}

// stringEnd is where the string that begins at start ends: behind its closing quote, or before the end of the line or file
// that it is not closed in.
func stringEnd(data []byte, start int) int {
	quote, long := data[start], false
	i := start + 1
	if bytes.HasPrefix(data[start:], bytes.Repeat([]byte{quote}, 3)) {
		long, i = true, start+3
	}
	for ; i < len(data); i++ {
		switch {
		case data[i] == '\\' && quote == '"':
			i++
		case data[i] == '\n' && !long:
			return i
		case data[i] == quote && !long:
			return i + 1
		case data[i] == quote && bytes.HasPrefix(data[i:], bytes.Repeat([]byte{quote}, 3)):
			return i + 3
		}
	}
	return len(data)
}

// unknownKey is the first key of a lock without mistakes of syntax or type that has no field in [lockTOML], nil for none. The decoder's own
// check lists all of them, each with its surroundings, which takes minutes where there are thousands.
func unknownKey(data []byte) []string {
	var p unstable.Parser
	p.Reset(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	root := reflect.TypeFor[lockTOML]()
	table, in := []string(nil), root
	for p.NextExpression() {
		e := p.Expression()
		path, kind := below(e, nil, root)
		if e.Kind == unstable.KeyValue {
			if path, kind = below(e, table, in); kind != nil {
				path, kind = unknownValue(e.Value(), path, kind)
			}
		} else {
			table, in = path, kind
		}
		if kind == nil {
			return path
		}
	}
	return nil
}

// below follows the key of a node from a type: the whole path, and the type there, nil where the path leads to no field.
func below(n *unstable.Node, path []string, kind reflect.Type) ([]string, reflect.Type) {
	path = path[:len(path):len(path)]
	for k := n.Key(); k.Next(); {
		path = append(path, string(k.Node().Data))
		kind = field(kind, path[len(path)-1])
		if kind == nil {
			return path, nil
		}
	}
	return path, kind
}

// unknownValue looks for unknown keys in a value; its type is nil where there is one, at the path.
func unknownValue(v *unstable.Node, path []string, kind reflect.Type) ([]string, reflect.Type) {
	for c := v.Children(); c.Next(); {
		n := c.Node()
		at, in := path, kind
		if n.Kind == unstable.KeyValue {
			if at, in = below(n, path, kind); in == nil {
				return at, nil
			}
			n = n.Value()
		}
		if n.Kind != unstable.Array && n.Kind != unstable.InlineTable {
			continue
		}
		if at, in = unknownValue(n, at, in); in == nil {
			return at, nil
		}
	}
	return path, kind
}

// field is the type of the field that a key stands for, nil for none. Of a list it is that of its elements' field.
func field(kind reflect.Type, key string) reflect.Type {
	for kind.Kind() == reflect.Slice {
		kind = kind.Elem()
	}
	if kind.Kind() != reflect.Struct {
		return nil
	}
	for f := range kind.Fields() {
		if f.Tag.Get("toml") == key {
			return f.Type
		}
	}
	return nil
}
