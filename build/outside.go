package build

import (
	"maps"
	"slices"
	"strings"

	"github.com/evanw/esbuild/pkg/api"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/resolve"
)

// External is an installation of a library that the bundle does not hold.
type External struct {
	ID    string `json:"id"`              // the node of the library tree: "sharp@0.33.5"
	Name  string `json:"name,omitempty"`  // what the bundle imports it by; "" where only other externals do
	Why   string `json:"why"`             // one of the constants Why…, or who uses it
	Where string `json:"where,omitempty"` // file and line that show it: "sharp@0.33.5/lib/sharp.js:12"
}

// Direct reports whether the library is outside for a reason of its own, not because one that uses it is.
func (e External) Direct() bool { return !strings.HasPrefix(e.Why, whyUsed) }

// whyUsed begins the reason of a library that others outside use: two copies of one library, one of them in the bundle,
// would not know of each other.
const whyUsed = "used by "

// outside is what stays outside of the bundle. It grows from one pass of the bundler to the next, since whatever an
// external library uses is external too; the last pass finds nothing new. Which imports lead where then depends on the
// set alone, and not on the order in which esbuild asked.
type outside struct {
	byID  map[string]External
	names map[string]string // node ID to the name that the bundle imports it by
	named map[string]bool   // nodes that have a name though the bundle does not import them
}

// newOutside begins with what is known before any library is read: what conduit.toml asks for, and what has a part for each
// platform.
func newOutside(in BundleInput) *outside {
	o := &outside{byID: map[string]External{}, names: importNames(in.Nodes), named: map[string]bool{}}
	if in.Provider {
		o.addParted(in)
	}
	for _, n := range in.Nodes {
		name, version := n.Library()
		if n.ID != "." && (in.Unbundled || slices.Contains(in.External, name) || slices.Contains(in.External, name+"@"+version)) {
			o.byID[n.ID] = External{ID: n.ID, Why: WhyAsked}
		}
	}
	o.close(in.Nodes)
	return o
}

// addParted takes in libraries that use others for several systems: those hold their machine code. Signs would be found in
// them too, but only by a pass that has to be repeated.
func (o *outside) addParted(in BundleInput) {
	systems := map[string][]string{}
	for _, lib := range in.Libraries {
		systems[lib.Name+"@"+lib.Version] = lib.OS
	}
	for _, n := range in.Nodes {
		served := map[string]bool{}
		for _, e := range n.Edges {
			for _, system := range systems[resolve.LibraryID(e.ID)] {
				served[system] = true
			}
		}
		if n.ID != "." && len(served) > 1 {
			o.byID[n.ID] = External{ID: n.ID, Why: WhyParted}
		}
	}
}

// add takes in what a pass found, with all that it uses, and reports whether that is more than was known.
func (o *outside) add(found map[string]External, nodes []resolve.Node) bool {
	before := len(o.byID)
	for _, n := range nodes {
		id := resolve.LibraryID(n.ID)
		e, ok := found[n.ID]
		if !ok {
			e, ok = found[id]
		}
		if _, known := o.byID[n.ID]; ok && (!known || !o.byID[n.ID].Direct()) {
			e.ID = n.ID
			o.byID[n.ID] = e
		}
	}
	o.close(nodes)
	return len(o.byID) > before
}

// close adds what external libraries use.
func (o *outside) close(nodes []resolve.Node) {
	edges := map[string][]resolve.Edge{}
	for _, n := range nodes {
		edges[n.ID] = n.Edges
	}
	queue := slices.Sorted(maps.Keys(o.byID))
	for i := 0; i < len(queue); i++ {
		for _, e := range edges[queue[i]] {
			if _, known := o.byID[e.ID]; !known {
				o.byID[e.ID] = External{ID: e.ID, Why: whyUsed + queue[i]}
				queue = append(queue, e.ID)
			}
		}
	}
}

func (o *outside) has(id string) bool { _, ok := o.byID[id]; return ok }

// list is what stays outside, sorted; used are those that the bundle imports itself.
func (o *outside) list(used map[string]bool) []External {
	list := make([]External, 0, len(o.byID))
	for _, id := range slices.Sorted(maps.Keys(o.byID)) {
		e := o.byID[id]
		if used[id] || o.named[id] {
			e.Name = o.names[id]
		}
		list = append(list, e)
	}
	return list
}

// importNames gives each node of a tree the name by which a bundle imports it: the provider's own name for it, else the
// library's, else, where another version has that, its ID, which is a folder's name like any other to Node.js.
func importNames(nodes []resolve.Node) map[string]string {
	names, taken := map[string]string{}, map[string]bool{}
	for _, n := range nodes {
		if n.ID != "." {
			continue
		}
		for _, e := range n.Edges {
			if names[e.ID] == "" {
				names[e.ID], taken[e.Name] = e.Name, true
			}
		}
	}
	ids := make([]string, 0, len(nodes))
	for _, n := range nodes {
		ids = append(ids, n.ID)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if id == "." || names[id] != "" {
			continue
		}
		name, _ := resolve.Node{ID: id}.Library()
		if taken[name] {
			name = id
		}
		names[id], taken[name] = name, true
	}
	return names
}

// external answers an import that leads to a node outside; subpath is "." or "./feature".
func (r *resolver) external(to *unit, subpath string, kind api.ResolveKind, esm bool) answer {
	r.mu.Lock()
	r.used[to.node] = true
	r.mu.Unlock()
	specifier := r.outside.names[to.node] + strings.TrimPrefix(subpath, ".")
	// What Node.js's own import makes of a CommonJS module is not what the bundle's modules were written for: a compiler
	// that sees both takes all properties for exports. A module of ours that requires it keeps that.
	if esm || kind == api.ResolveJSRequireCall || kind == api.ResolveJSRequireResolve {
		return answer{external: specifier}
	}
	return answer{required: specifier}
}

// limited reports a library for some platforms only. It is outside without being looked at: fetching what other
// platforms need would be the greatest part of a build.
func limited(lib *library) bool { return len(lib.OS)+len(lib.CPU)+len(lib.Libc) > 0 }

// keepOut notes that a library has to stay outside.
func (r *resolver) keepOut(u *unit, why, where string) {
	if u.lib == nil || !r.in.Provider {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	// Of several places and reasons the first by name, whichever esbuild came upon first.
	r.void = r.void || !r.outside.has(u.node)
	if before, ok := r.found[u.lib.id()]; !ok || where+"\n"+why < before.Where+"\n"+before.Why {
		r.found[u.lib.id()] = External{Why: why, Where: where}
	}
}

// examine looks for signs in a module of a library, once in all passes.
func (r *resolver) examine(m module, text string) {
	if m.lib == nil || !r.in.Provider {
		return
	}
	m.lib.mu.Lock()
	s, known := m.lib.signs[m.file]
	m.lib.mu.Unlock()
	if !known {
		s.why, s.line = signOf(m.file, text, m.pkg.IsESM(m.file))
		m.lib.mu.Lock()
		m.lib.signs[m.file] = s
		m.lib.mu.Unlock()
	}
	if s.why != "" {
		r.keepOut(m.unit, s.why, lineOf(m.location(), s.line))
	}
}

// examineWarnings finds libraries whose imports are known at run time only among esbuild's warnings, after a pass.
func (r *resolver) examineWarnings(list []api.Message) {
	for _, w := range list {
		if w.Location == nil {
			continue
		}
		if _, computed := raised[w.ID]; !computed || askedFor(w.Location) {
			continue
		}
		m, ok := r.modules[w.Location.File]
		if !ok || m.lib == nil {
			continue
		}
		where := lineOf(m.location(), w.Location.Line)
		if w.ID == "indirect-require" || !r.loadsByName(m, w.Location) {
			r.keepOut(m.unit, WhyComputed, where)
		} else if before, ok := r.byName[m.node]; !ok || where < before {
			r.byName[m.node] = where
		}
	}
}

// askedFor reports a place that only asks which type require has, which esbuild remarks on too.
func askedFor(at *api.Location) bool {
	return at.Column <= len(at.LineText) && typeOf.MatchString(at.LineText[:at.Column])
}

var typeOf = lazyregexp.New(`\btypeof\s*\(?\s*$`)

// moduleLoader reports the part of Node.js by which a library loads, hooks or looks for modules.
func moduleLoader(specifier string) bool {
	return nodejs.IsBuiltin(specifier) && strings.TrimPrefix(specifier, "node:") == "module"
}
