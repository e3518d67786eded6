package build

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/MediaConduit/conduit/build/nodejs"
)

// tsconfigDepth is how many "extends" are followed.
const tsconfigDepth = 8

// honoured are the compiler options that change what TypeScript means at run time and cannot reach out of the tree.
var honoured = []string{"experimentalDecorators", "useDefineForClassFields", "jsx", "jsxFactory", "jsxFragmentFactory",
	"jsxImportSource", "alwaysStrict", "strict", "target"}

// tsconfig is the author's compiler options, those of the files that it extends included.
type tsconfig struct {
	options map[string]any
	base    map[string]string // option to the folder of the file that sets it
}

// readTSConfig reads the tree's tsconfig.json. A file that cannot be read as JSON with comments counts as absent: the
// compiler's defaults are what most authors mean.
func readTSConfig(tree nodejs.Files) tsconfig {
	c := tsconfig{map[string]any{}, map[string]string{}}
	c.read(tree, "tsconfig.json", tsconfigDepth)
	return c
}

// forESBuild is what of the options goes to esbuild, as JSON.
func (c tsconfig) forESBuild() string {
	kept := map[string]any{}
	for _, name := range honoured {
		if value, ok := c.options[name]; ok {
			kept[name] = value
		}
	}
	data, err := json.Marshal(map[string]any{"compilerOptions": kept})
	if err != nil {
		return "{}"
	}
	return string(data)
}

// paths lists the files, relative to the tree, that "paths" or "baseUrl" let a bare specifier mean, in their order. Those
// outside of the tree are left out.
func (c tsconfig) paths(specifier string) []string {
	baseURL, hasBase := c.options["baseUrl"].(string)
	root := c.base["paths"]
	if hasBase {
		root = path.Join(c.base["baseUrl"], baseURL)
	}
	var list []string
	add := func(name string) {
		if name = path.Join(root, name); name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name) {
			list = append(list, name)
		}
	}
	table, _ := c.options["paths"].(map[string]any)
	best, part := "", ""
	for key := range table {
		before, after, pattern := strings.Cut(key, "*")
		switch {
		case key == specifier:
			best, part = key, ""
		case best == specifier || !pattern || len(specifier) < len(before)+len(after) ||
			!strings.HasPrefix(specifier, before) || !strings.HasSuffix(specifier, after):
		case best == "" || len(before) > strings.IndexByte(best, '*'):
			best, part = key, specifier[len(before):len(specifier)-len(after)]
		}
	}
	targets, _ := table[best].([]any)
	for _, each := range targets {
		if target, ok := each.(string); ok {
			add(strings.Replace(target, "*", part, 1))
		}
	}
	if hasBase {
		add(specifier)
	}
	return list
}

// read adds the options of a file. They win over those of the files that it extends; only files of the tree are followed.
func (c tsconfig) read(tree nodejs.Files, name string, depth int) {
	if depth == 0 || !tree.IsFile(name) {
		return
	}
	data, err := tree.Read(name)
	if err != nil {
		return
	}
	var config struct {
		Extends         any            `json:"extends"`
		CompilerOptions map[string]any `json:"compilerOptions"`
	}
	if json.Unmarshal(plainJSON(data), &config) != nil {
		return
	}
	for key, value := range config.CompilerOptions {
		if _, set := c.options[key]; !set {
			c.options[key], c.base[key] = value, path.Dir(name)
		}
	}
	bases, _ := config.Extends.([]any)
	if base, ok := config.Extends.(string); ok {
		bases = []any{base}
	}
	for i := len(bases) - 1; i >= 0; i-- { // a later base wins over an earlier one
		base, _ := bases[i].(string)
		if !strings.HasPrefix(base, "./") && !strings.HasPrefix(base, "../") {
			continue
		}
		base = path.Join(path.Dir(name), base)
		if path.Ext(base) != ".json" {
			base += ".json"
		}
		c.read(tree, base, depth-1)
	}
}

// plainJSON removes comments and trailing commas.
func plainJSON(data []byte) []byte {
	text := blankComments(string(data))
	out := make([]byte, 0, len(text))
	inString := false
	for i := 0; i < len(text); i++ {
		ch := text[i]
		switch {
		case inString && ch == '\\' && i+1 < len(text):
			out = append(out, ch)
			i++
			ch = text[i]
		case ch == '"':
			inString = !inString
		case !inString && (ch == '}' || ch == ']'):
			for j := len(out) - 1; j >= 0; j-- {
				if strings.IndexByte(" \t\r\n", out[j]) >= 0 {
					continue
				}
				if out[j] == ',' {
					out[j] = ' '
				}
				break
			}
		}
		out = append(out, ch)
	}
	return out
}
