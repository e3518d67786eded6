package build

import (
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/resolve"
)

// plainCall is a require or an import whose argument is a variable and nothing else.
var plainCall = lazyregexp.New(`^(?:require|import)\s*\(\s*(?:/\*[^*]*\*/\s*)*[A-Za-z_$][\w$]*(?:\.[\w$]+)*\s*[,)]`)

// relativeText is a string that begins as a relative path does.
var relativeText = lazyregexp.New("['\"`]\\.{1,2}/")

// loadsByName reports whether what a library's module imports at a place can only be a part of Node.js, a package, or a
// path from elsewhere: all that works in a bundle, provided that the package stands beside it.
//
// The argument has to be a variable. A path into the library itself would be made from its own place, which is a sign for
// itself, or it is relative, and then some module of the library spells its beginning. The name of a package that the
// bundle holds must not be spelled in the module either: that package is not found beside the bundle.
func (r *resolver) loadsByName(m module, at *api.Location) bool {
	if at.Column > len(at.LineText) || !plainCall.MatchString(at.LineText[at.Column:]) {
		return false
	}
	for _, other := range r.modules {
		if other.node == m.node && mentions(other, relativeText) {
			return false
		}
	}
	for name := range m.edges {
		if r.imported[m.node][name] && mentions(m, nameText(name)) {
			return false
		}
	}
	return true
}

// nameText finds a package's name, or the path of one of its modules, as a string.
func nameText(name string) *lazyregexp.Regexp {
	return lazyregexp.New("['\"`]" + regexp.QuoteMeta(name) + "(?:['\"`]|/)")
}

// importing ends the text before the specifier of an import.
var importing = lazyregexp.New(`(?:\b(?:require|import)\s*\(|\bfrom|\bimport)\s*$`)

// mentions reports whether a module has a string that begins like this and is not just the specifier of an import.
func mentions(m module, begin *lazyregexp.Regexp) bool {
	if loaderOf(m.file) == api.LoaderJSON {
		return false
	}
	data, err := m.pkg.Read(m.file)
	if err != nil || !begin.Match(data) {
		return false
	}
	text := blankComments(string(data))
	for _, at := range begin.FindAllStringIndex(text, -1) {
		before := text[max(0, at[0]-40):at[0]]
		if !importing.MatchString(before) {
			return true
		}
	}
	return false
}

// addNamed takes in what may be asked for by name by a library outside, or by one in the bundle: what the provider
// declares, and what the library in the bundle does, and they import nowhere. It reports whether there are any that were
// not known.
func (r *resolver) addNamed() bool {
	o, nodes := r.outside, r.in.Nodes
	before := len(o.byID)
	asked := len(o.byID) > 0
	for _, n := range nodes {
		where, loads := r.byName[n.ID]
		if !loads || o.has(n.ID) {
			continue
		}
		asked = true
		for _, e := range n.Edges {
			switch {
			case r.imported[n.ID][e.Name] || typesOnly(e) || r.node[e.ID] == nil:
			case o.names[e.ID] == e.Name:
				o.name(e.ID, whyUsed+n.ID)
			default: // another version has the name beside the bundle
				o.byID[n.ID] = External{ID: n.ID, Why: WhyComputed, Where: where}
			}
		}
	}
	if !asked {
		return false
	}
	for _, n := range nodes {
		if n.ID != "." {
			continue
		}
		for _, e := range n.Edges {
			if !typesOnly(e) && !r.imported["."][e.Name] {
				o.name(e.ID, WhyNamed)
			}
		}
	}
	o.close(nodes)
	return len(o.byID) > before
}

// name lays a library out under its name, whether or not the bundle imports it.
func (o *outside) name(id, why string) {
	o.named[id] = true
	if !o.has(id) {
		o.byID[id] = External{ID: id, Why: why}
	}
}

// typesOnly reports a dependency without a run-time part.
func typesOnly(e resolve.Edge) bool { return strings.HasPrefix(e.Name, "@types/") }
