package build

import (
	"regexp"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// filesParts are the parts of Node.js that turn the path of a file into something else, as text.
var filesParts = lazyregexp.New("['\"`](?:node:)?(?:fs|fs/promises|path|path/\\w+|url|child_process|worker_threads|cluster|module|vm)['\"`]")

// ownName is a variable that holds a module's own file name; where there is none, nothing.
var ownName = lazyregexp.New(`\b(?:const|let|var)[ \t]+(\w+)[ \t]*=[ \t]*(?:typeof[ \t]+__filename[ \t]*!==?[ \t]*['"]undefined['"][ \t]*\?[ \t]*)?__filename\b(?:[ \t]*:[ \t]*(?:undefined|null|''|""))?[ \t]*[;\n]`)

// anyOwnName is every mention of the name, also in a typeof.
var anyOwnName = lazyregexp.New(`\b__filename\b`)

// localCall is a call with plain arguments.
var localCall = lazyregexp.New(`\b(\w+)\(([^()]*)\)`)

// onlyToldApart reports whether a module uses its own file name for nothing but to find itself in texts like stack traces,
// which works in a bundle as well: its modules are in the bundle's file. The module keeps the name in a variable, which it
// tests, or hands to functions of its own, and has nothing at hand to open files with.
func onlyToldApart(text string) bool {
	text = blankComments(text)
	kept := ownName.FindAllStringSubmatchIndex(text, -1)
	if len(kept) != 1 || filesParts.MatchString(text) {
		return false
	}
	begin, end, name := kept[0][0], kept[0][1], regexp.QuoteMeta(text[kept[0][2]:kept[0][3]])
	rest := text[:begin] + text[end:]
	if anyOwnName.MatchString(rest) {
		return false
	}
	mention := regexp.MustCompile(`\b` + name + `\b`)
	tested := regexp.MustCompile(`\bif[ \t]*\([ \t]*` + name + `[ \t]*\)`)
	rest = tested.ReplaceAllString(rest, "")
	rest = localCall.ReplaceAllStringFunc(rest, func(call string) string {
		part := localCall.FindStringSubmatch(call)
		local := regexp.MustCompile(`\bfunction[ \t]+` + regexp.QuoteMeta(part[1]) + `[ \t]*\(`)
		if mention.MatchString(part[2]) && local.MatchString(rest) {
			return ""
		}
		return call
	})
	return !mention.MatchString(rest)
}
