package nodejs

import "fmt"

// Manifest is what resolution needs of a package.json.
type Manifest struct {
	Name    string
	Main    string
	Type    string // "module", "commonjs" or ""
	exports any
	imports object
}

// HasExports reports whether "exports" decides what of the package can be imported.
func (m *Manifest) HasExports() bool { return m != nil && m.exports != nil }

// ParseManifest reads a package.json. Fields of the wrong type are ignored, as Node.js does.
func ParseManifest(data []byte) (*Manifest, error) {
	value, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("package.json: %w", err)
	}
	top, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("package.json: not a JSON object")
	}
	m := &Manifest{}
	text := func(key string) string {
		value, _ := top.get(key)
		s, _ := value.(string)
		return s
	}
	m.Name, m.Main, m.Type = text("name"), text("main"), text("type")
	m.exports, _ = top.get("exports")
	imports, _ := top.get("imports")
	m.imports, _ = imports.(object)
	return m, nil
}
