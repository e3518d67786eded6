package build

import (
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
)

// ownRequireStatement is how ES modules get a require, as Node.js documents it.
var ownRequireStatement = lazyregexp.New(`(?m)^[ \t]*(?:const|let|var)[ \t]+require[ \t]*(?::[^=\n]*)?=[ \t]*(?:\w+\.)?createRequire\([ \t]*import\.meta\.url[ \t]*\)[ \t]*;?`)

// provideRequire lets the bundler see what a module of the provider requires: without the statement
//
//	const require = createRequire(import.meta.url);
//
// require is the bundler's, which looks from the same module. Everything else keeps its place.
//
// What createRequire makes otherwise asks Node.js, from the bundle: then the libraries that the provider declares stay
// outside, where Node.js finds them.
func (r *resolver) provideRequire(m module, text string) string {
	if m.unit != r.own || !r.in.Provider || !strings.Contains(text, "createRequire") {
		return text
	}
	text = ownRequireStatement.ReplaceAllStringFunc(text, func(s string) string { return strings.Repeat(" ", len(s)) })
	line := lineOfText(blankComments(text), "createRequire(")
	if line == 0 {
		return text
	}
	for _, id := range r.own.edges {
		if to := r.node[id]; to != nil && !strings.HasPrefix(to.lib.Name, "@types/") {
			r.keepOut(to, WhyProvider, lineOf(m.location(), line))
		}
	}
	return text
}
