package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"
)

// document knows where things stand in a TOML file, which decoding into values forgets.
type document struct {
	data  []byte
	items []item
}

// item is a table's header or a key with its value.
type item struct {
	path       []string // the whole key, from the root of the document
	header     bool     // [path] or [[path]]
	array      bool     // [[path]]
	nested     bool     // stands inside an inline table
	section    int      // index of the header above, -1 before the first
	start, end int      // bytes of the key with its value; of the key in a header
	value      unstable.Kind
	valueStart int    // bytes of the value; of an inline table or array only where it begins
	valueEnd   int    // 0 for an inline table or array
	elements   []int  // where the elements of an array begin
	text       string // a string's value
}

// scan finds the items of a TOML file. Its errors are [*unstable.ParserError].
func scan(data []byte) (*document, error) {
	d := &document{data: data}
	base := 0
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		base = 3
	}
	var p unstable.Parser
	p.Reset(data[base:])
	section, table := -1, []string(nil)
	for p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			it := item{header: true, array: e.Kind == unstable.ArrayTable, section: section}
			for k := e.Key(); k.Next(); {
				n := k.Node()
				if it.path == nil {
					it.start = base + int(n.Raw.Offset)
				}
				it.path = append(it.path, string(n.Data))
				it.end = base + int(n.Raw.Offset+n.Raw.Length)
			}
			section, table = len(d.items), it.path
			it.section = section
			d.items = append(d.items, it)
		case unstable.KeyValue:
			d.pair(e, base, section, table, false)
		}
	}
	if err := p.Error(); err != nil {
		return nil, scanError(&p, err, base)
	}
	return d, nil
}

func (d *document) pair(e *unstable.Node, base, section int, table []string, nested bool) {
	v := e.Value()
	it := item{path: append([]string(nil), table...), nested: nested, section: section, value: v.Kind}
	for k := e.Key(); k.Next(); {
		it.path = append(it.path, string(k.Node().Data))
	}
	it.start = base + int(e.Raw.Offset)
	it.end = it.start + int(e.Raw.Length)
	it.end = it.start + len(bytes.TrimRight(d.data[it.start:it.end], " \t"))
	switch v.Kind {
	case unstable.InlineTable:
		it.valueStart = base + int(v.Raw.Offset)
		d.items = append(d.items, it)
		for c := v.Children(); c.Next(); {
			if n := c.Node(); n.Kind == unstable.KeyValue {
				d.pair(n, base, section, it.path, true)
			}
		}
		return
	case unstable.Array:
		for c := v.Children(); c.Next(); {
			it.elements = append(it.elements, base+int(c.Node().Raw.Offset))
		}
	default:
		it.valueStart = base + int(v.Raw.Offset)
		it.valueEnd = it.valueStart + int(v.Raw.Length)
		if v.Kind == unstable.String {
			it.text = string(v.Data)
		}
	}
	d.items = append(d.items, it)
}

// find returns the first item with exactly this path that is no header, nil if there is none.
func (d *document) find(path ...string) *item {
	for i := range d.items {
		if it := &d.items[i]; !it.header && equalPath(it.path, path) {
			return it
		}
	}
	return nil
}

// line is the line of the byte at offset, from 1.
func (d *document) line(offset int) int { return 1 + bytes.Count(d.data[:offset], []byte("\n")) }

// lineOf is the line in which path is first mentioned, 0 if nowhere.
func (d *document) lineOf(path ...string) int {
	for _, it := range d.items {
		if hasPrefix(it.path, path) {
			return d.line(it.start)
		}
	}
	return 0
}

// linesOf are the lines of an array's elements.
func (d *document) linesOf(path ...string) []int {
	it := d.find(path...)
	if it == nil {
		return nil
	}
	out := make([]int, len(it.elements))
	for i, at := range it.elements {
		out[i] = d.line(at)
	}
	return out
}

// children lists the keys directly below path, in the order in which the file first mentions them.
func (d *document) children(path ...string) []string {
	var out []string
	seen := map[string]bool{}
	for _, it := range d.items {
		if len(it.path) > len(path) && hasPrefix(it.path, path) && !seen[it.path[len(path)]] {
			seen[it.path[len(path)]] = true
			out = append(out, it.path[len(path)])
		}
	}
	return out
}

func hasPrefix(path, prefix []string) bool {
	return len(path) >= len(prefix) && equalPath(path[:len(prefix)], prefix)
}

func equalPath(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// tomlError is a place in a TOML file and what is wrong there.
type tomlError struct {
	line, column int // from 1; 0 where unknown
	message      string
}

func (e *tomlError) Error() string { return e.message }

func scanError(p *unstable.Parser, err error, base int) error {
	var pe *unstable.ParserError
	if !errors.As(err, &pe) {
		return &tomlError{message: err.Error()}
	}
	at := p.Shape(p.Range(pe.Highlight)).Start
	if at.Line == 1 {
		at.Column += base
	}
	return &tomlError{line: at.Line, column: at.Column, message: pe.Message}
}

// decodeError takes the position out of an error of BurntSushi/toml.
func decodeError(err error) *tomlError {
	var pe toml.ParseError
	if !errors.As(err, &pe) {
		return &tomlError{message: strings.TrimPrefix(err.Error(), "toml: ")}
	}
	message := pe.Message
	if message == "" {
		message = strings.TrimPrefix(pe.Error(), "toml: ")
	}
	return &tomlError{line: pe.Position.Line, column: pe.Position.Col, message: message}
}

// at is FILE:LINE:COLUMN as far as known.
func at(file string, line, column int) string {
	switch {
	case line <= 0:
		return file
	case column <= 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}

// quote writes s as a TOML basic string.
func quote(s string) string {
	if isPlain(s) {
		return `"` + s + `"`
	}
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range strings.ToValidUTF8(s, "\uFFFD") {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < 0x20 || c == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, c)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// isPlain tells text that stands between quotes as it is.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// quoteKey writes s as a TOML key, bare where it can be.
func quoteKey(s string) string {
	for _, c := range s {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			return quote(s)
		}
	}
	if s == "" {
		return `""`
	}
	return s
}
