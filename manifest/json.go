package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// parseJSON reads a JSON file. It keeps lines, which encoding/json's own decoding into values does not.
func parseJSON(data []byte) (*node, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	p := &jsonParser{data: data, dec: json.NewDecoder(bytes.NewReader(data)), line: 1}
	p.dec.UseNumber()
	n, err := p.value(0)
	if err == nil {
		if _, err = p.dec.Token(); err == io.EOF {
			return n, nil
		} else if err == nil {
			err = errors.New("text after the end of the value")
		}
	}
	var own *syntaxError
	if errors.As(err, &own) {
		return nil, own
	}
	offset := p.dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		offset = max(syntax.Offset-1, 0)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		offset, err = int64(len(data)), errors.New("the file ends within a value")
	}
	before := data[:min(offset, int64(len(data)))]
	return nil, &syntaxError{
		line:    1 + bytes.Count(before, []byte("\n")),
		column:  len(before) - bytes.LastIndexByte(before, '\n'),
		message: err.Error(),
	}
}

type jsonParser struct {
	data    []byte
	dec     *json.Decoder
	line    int   // the line of the last token's end
	counted int64 // how far line has been counted
	values  int
}

func (p *jsonParser) token() (json.Token, error) {
	t, err := p.dec.Token()
	end := min(p.dec.InputOffset(), int64(len(p.data)))
	p.line += bytes.Count(p.data[p.counted:end], []byte("\n"))
	p.counted = end
	return t, err
}

func (p *jsonParser) value(depth int) (*node, error) {
	t, err := p.token()
	if err != nil {
		return nil, err
	}
	if p.values++; p.values > maxValues || depth > maxDepth {
		return nil, &syntaxError{line: p.line, message: fmt.Sprintf("more than %d values, or nested more than %d deep", maxValues, maxDepth)}
	}
	n := &node{kind: scalar, line: p.line}
	switch t := t.(type) {
	case nil:
		n.kind = null
	case string:
		n.text, n.value = t, t
	case bool:
		n.text, n.value = fmt.Sprint(t), t
	case json.Number:
		n.text = t.String()
		if i, err := t.Int64(); err == nil {
			n.value = int(i)
		} else {
			n.value, _ = t.Float64()
		}
	case json.Delim:
		n.kind = list
		if t == '{' {
			n.kind = dict
		}
		return n, p.members(n, depth)
	}
	return n, nil
}

// members reads the elements of the list or map n up to its closing bracket. Of equal keys the last one counts.
func (p *jsonParser) members(n *node, depth int) error {
	at := map[string]int{}
	for p.dec.More() {
		if n.kind == list {
			v, err := p.value(depth + 1)
			if err != nil {
				return err
			}
			n.items = append(n.items, v)
			continue
		}
		key, err := p.token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		line := p.line
		v, err := p.value(depth + 1)
		if err != nil {
			return err
		}
		if i, dup := at[name]; dup {
			n.keys[i] = entry{name, line, v}
			continue
		}
		at[name] = len(n.keys)
		n.keys = append(n.keys, entry{name, line, v})
	}
	_, err := p.token()
	return err
}
