package library

import (
	"bytes"
	"encoding/json"
	"strings"
)

// parseBunLock reads bun.lock, the text form of bun's lock file: JSON with comments and commas too many. Its packages are
// keyed by their way through folders, "a/@s/b" for node_modules/a/node_modules/@s/b.
func parseBunLock(file string, data []byte) (foreignLock, error) {
	var raw struct {
		Packages map[string][]json.RawMessage `json:"packages"`
	}
	if err := json.Unmarshal(plainJSON(data), &raw); err != nil {
		return nil, err
	}
	l := &authorLock{file: file, entries: map[string]lockEntry{}}
	for key, fields := range raw.Packages {
		var id string
		if len(fields) == 0 || json.Unmarshal(fields[0], &id) != nil {
			continue
		}
		at := strings.Index(strings.TrimPrefix(id, "@"), "@") + len(id) - len(strings.TrimPrefix(id, "@"))
		if at <= 0 || at >= len(id) || id[at] != '@' {
			continue
		}
		e := lockEntry{Name: id[:at], Version: id[at+1:]}
		if last := fields[len(fields)-1]; len(last) > 0 && last[0] == '"' && len(fields) > 1 {
			if s := stringOf(last); strings.HasPrefix(s, "sha") {
				e.Integrity = s
			}
		}
		if strings.HasPrefix(e.Version, "workspace:") || strings.HasPrefix(e.Version, "link:") || strings.HasPrefix(e.Version, "file:") {
			e.Link = true
		} else if strings.Contains(e.Version, ":") {
			e.Resolved, e.Version = e.Version, ""
		}
		if len(fields) > 2 && fields[2][0] == '{' {
			var more struct {
				Bundled bool `json:"bundled"`
			}
			e.InBundle = json.Unmarshal(fields[2], &more) == nil && more.Bundled
		}
		l.entries[bunLocation(key)] = e
	}
	return l, nil
}

// bunLocation is the folder that a key of bun.lock means.
func bunLocation(key string) string {
	var b strings.Builder
	words := strings.Split(key, "/")
	for i := 0; i < len(words); i++ {
		name := words[i]
		if strings.HasPrefix(name, "@") && i+1 < len(words) {
			i++
			name += "/" + words[i]
		}
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		b.WriteString(folder + name)
	}
	return b.String()
}

// plainJSON drops comments, and commas before a closing bracket.
func plainJSON(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			end := skipString(data, i)
			out = append(out, data[i:end]...)
			i = end - 1
		case c == '/' && i+1 < len(data) && data[i+1] == '/':
			for i < len(data) && data[i] != '\n' {
				i++
			}
		case c == '/' && i+1 < len(data) && data[i+1] == '*':
			end := bytes.Index(data[i+2:], []byte("*/"))
			if end < 0 {
				return out
			}
			i += end + 3
		case c == '}' || c == ']':
			trimmed := bytes.TrimRight(out, " \t\r\n")
			if n := len(trimmed); n > 0 && trimmed[n-1] == ',' {
				out = trimmed[:n-1]
			}
			out = append(out, c)
		default:
			out = append(out, c)
		}
	}
	return out
}
