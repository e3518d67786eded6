package library

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
)

var errJSON = errors.New("not a JSON object")

// eachMember calls f with each member of the JSON object data, which must be valid JSON. It exists because package
// documents have tens of megabytes of which a few fields in a few versions are ever read: values are skipped, not decoded.
func eachMember(data []byte, f func(key string, value []byte) error) error {
	i := skipSpace(data, 0)
	if i >= len(data) || data[i] != '{' {
		return errJSON
	}
	i = skipSpace(data, i+1)
	for i < len(data) && data[i] != '}' {
		end := skipValue(data, i)
		key, err := unquote(data[i:end])
		if err != nil {
			return err
		}
		i = skipSpace(data, end)
		if i >= len(data) || data[i] != ':' {
			return errJSON
		}
		i = skipSpace(data, i+1)
		end = skipValue(data, i)
		if end == i {
			return errJSON
		}
		if err := f(key, data[i:end]); err != nil {
			return err
		}
		i = skipSpace(data, end)
		if i < len(data) && data[i] == ',' {
			i = skipSpace(data, i+1)
		}
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipValue returns the index after the value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\n', '\t', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func skipString(b []byte, i int) int {
	for i++; ; i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return len(b)
		}
		start := i
		i += n
		back := i // an odd number of backslashes escapes the quote
		for back > start && b[back-1] == '\\' {
			back--
		}
		if (i-back)%2 == 0 {
			return i + 1
		}
	}
}

// unquote decodes a string. Nearly all are ASCII without escapes, and a document has tens of thousands of them.
func unquote(b []byte) (string, error) {
	if n := len(b) - 1; n > 0 && b[0] == '"' && b[n] == '"' && !slices.ContainsFunc(b[1:n], func(c byte) bool { return c < ' ' || c > '~' || c == '\\' || c == '"' }) {
		return string(b[1:n]), nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	return s, err
}

// The functions below read what people published: a field of an unexpected type is taken as absent, as npm does.

func stringOf(b []byte) string {
	s, err := unquote(b)
	if err != nil {
		return ""
	}
	return s
}

func truthy(b []byte) bool {
	switch string(b) {
	case "", "null", "false", "0", `""`:
		return false
	}
	return true
}

func stringMap(b []byte) map[string]string {
	if len(b) == 0 || b[0] != '{' {
		return nil
	}
	m := map[string]string{}
	err := eachMember(b, func(k string, v []byte) error {
		if len(v) > 0 && v[0] == '"' {
			m[k] = stringOf(v)
		}
		return nil
	})
	if err != nil || len(m) == 0 {
		return nil
	}
	return m
}

// stringList reads a list of strings, or one string.
func stringList(b []byte) []string {
	if len(b) > 0 && b[0] == '"' {
		if s := stringOf(b); s != "" {
			return []string{s}
		}
		return nil
	}
	var all []any
	if json.Unmarshal(b, &all) != nil {
		return nil
	}
	var out []string
	for _, v := range all {
		if s, ok := v.(string); ok && s != "" {
			out = append(out, s)
		}
	}
	return out
}

func appendQuoted(b []byte, s string) []byte {
	if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r > '~' }) {
		q, _ := json.Marshal(s) // a string always marshals
		return append(b, q...)
	}
	return strconv.AppendQuote(b, s)
}
