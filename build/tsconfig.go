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

// compilerOptions is what of the author's tsconfig.json goes to esbuild, as JSON. A file that cannot be read as JSON
// with comments counts as absent: the compiler's defaults are what most authors mean.
func compilerOptions(tree nodejs.Files) string {
	found := map[string]any{}
	readOptions(tree, "tsconfig.json", found, tsconfigDepth)
	kept := map[string]any{}
	for _, name := range honoured {
		if value, ok := found[name]; ok {
			kept[name] = value
		}
	}
	data, err := json.Marshal(map[string]any{"compilerOptions": kept})
	if err != nil {
		return "{}"
	}
	return string(data)
}

// readOptions adds the options of a tsconfig to found. Those of the file win over those of what it extends; only files
// of the tree are followed.
func readOptions(tree nodejs.Files, name string, found map[string]any, depth int) {
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
		if _, set := found[key]; !set {
			found[key] = value
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
		readOptions(tree, base, found, depth-1)
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
