package npm

import (
	"encoding/json"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// settings are npm's settings by name. A name that was given several times as "ca[]" has several values.
type settings map[string][]string

// get is the value of a setting, "" where it is not set.
func (s settings) get(name string) string {
	if v := s[name]; len(v) > 0 {
		return v[len(v)-1]
	}
	return ""
}

// over lays s over what lies below: a setting of s hides that of the same name.
func (s settings) over(below settings) settings {
	for name, values := range s {
		below[name] = values
	}
	return below
}

// parseNpmrc reads the text of an npmrc file: lines "name = value" as npm's ini package takes them. Text in brackets
// begins a section; npm's own settings stand before the first one, so the rest is left out. Variables are replaced in
// names and values.
func parseNpmrc(text string, env func(string) (string, bool)) settings {
	out := settings{}
	for line := range strings.FieldsFuncSeq(strings.TrimPrefix(text, "\ufeff"), func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == ';' || line[0] == '#' {
			continue
		}
		if line[0] == '[' && strings.HasSuffix(line, "]") {
			break
		}
		name, value, assigned := strings.Cut(line, "=")
		if name, value = unquote(name), unquote(value); !assigned {
			value = "true"
		}
		value = expand(value, env)
		base, list := strings.CutSuffix(expand(name, env), "[]")
		if list {
			out[base] = append(out[base], value)
		} else {
			out[base] = []string{value}
		}
	}
	return out
}

// unquote takes quotes, comments and escapes off a name or value.
func unquote(s string) string {
	if s = strings.TrimSpace(s); s == "'" {
		return ""
	}
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		inner := s
		if s[0] == '\'' {
			inner = s[1 : len(s)-1]
		}
		var text string
		if json.Unmarshal([]byte(inner), &text) == nil {
			return text
		}
		return inner
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`\;#`, s[i+1]) >= 0:
			i++
			out.WriteByte(s[i])
		case c == ';' || c == '#':
			return strings.TrimSpace(out.String())
		default:
			out.WriteByte(c)
		}
	}
	return strings.TrimSpace(out.String())
}

// variable is ${NAME} or ${NAME?} with the backslashes before it.
var variable = lazyregexp.New(`(\\*)\$\{([^${}?]+)(\?)?\}`)

// expand replaces variables by npm's rules: ${NAME} of an unset variable stays as it is, ${NAME?} becomes nothing, an odd
// number of backslashes before it keeps the text, $NAME without braces is no variable.
func expand(s string, env func(string) (string, bool)) string {
	if !strings.Contains(s, "${") {
		return s
	}
	return variable.ReplaceAllStringFunc(s, func(found string) string {
		m := variable.FindStringSubmatch(found)
		slashes, name, optional := m[1], m[2], m[3] != ""
		if len(slashes)%2 == 1 {
			return found[(len(slashes)+1)/2:]
		}
		value, ok := env(name)
		if !ok && !optional {
			value = "${" + name + "}"
		}
		return slashes[len(slashes)/2:] + value
	})
}

// environmentSettings are the settings that variables such as npm_config_registry hold. An empty variable is none.
func environmentSettings(environ []string) settings {
	out := settings{}
	lookup := lookupIn(environ)
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		const prefix = "npm_config_"
		if len(name) <= len(prefix) || !strings.EqualFold(name[:len(prefix)], prefix) || value == "" {
			continue
		}
		if name = name[len(prefix):]; !strings.HasPrefix(name, "//") { // case counts in the names of credentials only
			name = strings.ToLower(name[:1] + strings.ReplaceAll(name[1:], "_", "-"))
		}
		value = expand(value, lookup)
		out[name] = []string{value}
		if name == "ca" { // several certificates in one variable
			out[name] = strings.Split(value, "\n\n")
		}
	}
	return out
}

// lookupIn finds variables in an environment; the last of one name counts.
func lookupIn(environ []string) func(string) (string, bool) {
	values := map[string]string{}
	for _, e := range environ {
		name, value, _ := strings.Cut(e, "=")
		values[name] = value
	}
	return func(name string) (string, bool) { v, ok := values[name]; return v, ok }
}
