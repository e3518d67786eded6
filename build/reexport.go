package build

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// onlyReexported reports whether every mention of specifier in a module is "export * from 'specifier'", and the line of
// the first. esbuild does not tell a plugin which statement asks, so the source is looked at.
func onlyReexported(source, specifier string) (line int, ok bool) {
	if !utf8.ValidString(specifier) { // half of a surrogate pair, which is written as an escape
		return 0, false
	}
	source = blankComments(source)
	quoted := `(?:'` + regexp.QuoteMeta(specifier) + `'|"` + regexp.QuoteMeta(specifier) + `")`
	mentions := regexp.MustCompile(quoted).FindAllStringIndex(source, -1)
	reexports := regexp.MustCompile(`(?m)(?:^|[;}])\s*(export\s*\*\s*from\s*`+quoted+`)`).FindAllStringSubmatchIndex(source, -1)
	if len(reexports) == 0 || len(mentions) != len(reexports) {
		return 0, false
	}
	return 1 + strings.Count(source[:reexports[0][2]], "\n"), true
}

// blankComments replaces the comments of JavaScript, TypeScript or JSON by spaces; line breaks stay. It knows strings and
// templates; it takes a quote inside a regular expression for the begin of a string that ends with its line.
func blankComments(source string) string {
	out := []byte(source)
	var quote byte
	for i := 0; i < len(out); i++ {
		ch := out[i]
		switch {
		case quote != 0:
			switch {
			case ch == '\\':
				i++
			case ch == quote, ch == '\n' && quote != '`':
				quote = 0
			}
		case ch == '\'', ch == '"', ch == '`':
			quote = ch
		case ch == '/' && i+1 < len(out) && out[i+1] == '/':
			for ; i < len(out) && out[i] != '\n'; i++ {
				out[i] = ' '
			}
		case ch == '/' && i+1 < len(out) && out[i+1] == '*':
			end := strings.Index(source[i+2:], "*/")
			stop := len(out)
			if end >= 0 {
				stop = i + 2 + end + 2
			}
			for ; i < stop; i++ {
				if out[i] != '\n' {
					out[i] = ' '
				}
			}
			i--
		}
	}
	return string(out)
}
