package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
)

// difference is an import that means another version in our tree than in npm's.
type difference struct {
	from      string // who imports
	name      string
	spec      string
	ours, npm string // name@version, "" for nothing
	at        string // where npm put it
	why       string // the explanation, or what is wrong
	explained bool
}

// outcome is what the check of one package found.
type outcome struct {
	wanted
	packages    int
	compared    int // imports that stand in both trees at the same place
	edges       int // edges of our tree that npm's semver judged
	failed      int // 1 where one of the two could not choose at all
	wrong       []string
	differences []*difference
}

func (r *outcome) unexplained() int {
	n := 0
	for _, d := range r.differences {
		if !d.explained {
			n++
		}
	}
	return n
}

func (r *outcome) add(s *outcome) {
	r.compared, r.edges, r.failed = r.compared+s.compared, r.edges+s.edges, r.failed+s.failed
	r.wrong, r.differences = append(r.wrong, s.wrong...), append(r.differences, s.differences...)
}

func (r *outcome) print(out io.Writer) {
	if r.failed > 0 {
		fmt.Fprintf(out, "%s@%s: FAILED: %s\n", r.name, r.spec, r.wrong[0])
		return
	}
	fmt.Fprintf(out, "%s@%s: %d packages, %d imports compared, %d edges satisfy their ranges\n", r.name, r.spec, r.packages, r.compared, r.edges-len(r.wrong))
	for _, w := range r.wrong {
		fmt.Fprintf(out, "  WRONG: %s\n", w)
	}
	for _, d := range r.differences {
		word := "differs"
		if !d.explained {
			word = "NOT EXPLAINED"
		}
		fmt.Fprintf(out, "  %s: %s asks for %s@%s: conduit %s, npm %s: %s\n", word, d.from, d.name, d.spec, or(d.ours, "nothing"), or(d.npm, "nothing"), d.why)
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// ourTree is conduit's choice with what the packages say about their dependencies.
type ourTree struct {
	edges     map[string]map[string]string // node to import name to node
	manifests map[string]*library.Manifest // by name@version; the root's is under "."
}

func (t *ourTree) edge(from, name string) edge {
	m := t.manifests[resolve.LibraryID(from)]
	if spec, ok := m.Optional[name]; ok {
		return edge{spec: spec, optional: true}
	}
	if spec, ok := m.Dependencies[name]; ok {
		return edge{spec: spec}
	}
	return edge{spec: m.Peers[name], peer: true, optional: m.PeerOptional[name]}
}

func checkOne(ctx context.Context, o options, reg library.Packages, j *judge, w wanted) (*outcome, error) {
	theirs, err := npmInstall(ctx, o, w)
	if err != nil {
		return nil, err
	}
	req := library.Request{Subject: "npmcheck", Dependencies: map[string]string{w.name: w.spec}, Time: o.before}
	tree, err := library.Resolve(ctx, reg, req)
	if err != nil {
		return nil, err
	}
	ours := &ourTree{edges: map[string]map[string]string{}, manifests: map[string]*library.Manifest{".": {Dependencies: req.Dependencies}}}
	for _, n := range tree.Nodes {
		ours.edges[n.ID] = map[string]string{}
		for _, e := range n.Edges {
			ours.edges[n.ID][e.Name] = e.ID
		}
	}
	for _, l := range tree.Libraries {
		if ours.manifests[l.Name+"@"+l.Version], err = manifest(ctx, reg, l.Name, l.Version); err != nil {
			return nil, err
		}
	}
	out := &outcome{wanted: w, packages: len(tree.Nodes) - 1}
	out.walk(ours, theirs)
	return out, out.judge(ctx, o, reg, j, ours, theirs)
}

func manifest(ctx context.Context, reg library.Registry, name, version string) (*library.Manifest, error) {
	doc, err := reg.Packument(ctx, name, true)
	if err != nil {
		return nil, err
	}
	return doc.Version(version)
}

// walk compares what each import means, from the root on. Below a difference the trees hold other packages.
func (r *outcome) walk(ours *ourTree, theirs npmTree) {
	type place struct{ id, location string }
	seen := map[place]bool{}
	for queue := []place{{".", ""}}; len(queue) > 0; queue = queue[1:] {
		p := queue[0]
		if seen[p] {
			continue
		}
		seen[p] = true
		stated := theirs.edges(p.location)
		names := map[string]bool{}
		for name := range ours.edges[p.id] {
			names[name] = true
		}
		for name := range stated {
			names[name] = true
		}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			e := ours.edge(p.id, name)
			d := &difference{from: resolve.LibraryID(p.id), name: name, spec: or(e.spec, stated[name].spec), at: theirs.lookup(p.location, name, e.peer)}
			if d.at != "" && theirs[d.at].InBundle {
				continue // the packer chose it
			}
			id, ok := ours.edges[p.id][name]
			if ok {
				d.ours = resolve.LibraryID(id)
			}
			if d.at != "" {
				d.npm = theirs.id(d.at)
			}
			if d.ours == "" && d.npm == "" { // an optional dependency that does not exist
				continue
			}
			r.compared++
			if d.ours != d.npm {
				r.differences = append(r.differences, d)
				continue
			}
			queue = append(queue, place{id, d.at})
		}
	}
}

// judge asks npm whether our edges satisfy their ranges, and which of the differences its deduplication explains.
func (r *outcome) judge(ctx context.Context, o options, reg library.Registry, j *judge, ours *ourTree, theirs npmTree) error {
	var questions []question
	var froms []string
	ask := func(from, name, spec, got string) {
		at := strings.LastIndexByte(got, '@')
		questions = append(questions, question{Name: name, Spec: spec, GotName: got[:at], GotVersion: got[at+1:]})
		froms = append(froms, from)
	}
	for _, from := range slices.Sorted(maps.Keys(ours.edges)) {
		for _, name := range slices.Sorted(maps.Keys(ours.edges[from])) {
			ask(from, name, ours.edge(from, name).spec, resolve.LibraryID(ours.edges[from][name]))
		}
	}
	r.edges = len(questions)
	picks := []choice{} // never null in JSON
	var compared []*difference
	for _, d := range r.differences {
		if d.ours == "" || d.npm == "" {
			d.why = "only one of them has it"
			continue
		}
		pkg, _, _ := cut(d.npm)
		packument, err := summary(ctx, reg, pkg)
		if err != nil {
			return err
		}
		ask(d.from, d.name, d.spec, d.npm)
		picks = append(picks, choice{Name: d.name, Spec: d.spec, Packument: packument})
		compared = append(compared, d)
	}
	v, err := j.ask(ctx, o, questions, picks)
	if err != nil {
		return err
	}
	for i, q := range questions[:r.edges] {
		if !v.Edges[i] {
			r.wrong = append(r.wrong, fmt.Sprintf("%s asks for %s@%s, %s@%s does not satisfy that", froms[i], q.Name, q.Spec, q.GotName, q.GotVersion))
		}
	}
	for i, d := range compared {
		d.explain(v.Edges[r.edges+i], v.Picks[i], theirs)
	}
	return nil
}

func cut(id string) (name, version string, ok bool) {
	at := strings.LastIndexByte(id, '@')
	return id[:at], id[at+1:], at > 0
}

// explain accepts a difference where npm has reused what somebody else in its tree asked for.
func (d *difference) explain(satisfies bool, pick string, theirs npmTree) {
	_, version, _ := cut(d.npm)
	others := slices.DeleteFunc(theirs.users(d.at), func(who string) bool { return who == d.from+" asks for "+d.spec })
	slices.Sort(others)
	switch {
	case pick == version:
		d.why = "npm's choice is the highest that is allowed"
	case !satisfies:
		d.why = "npm's choice does not satisfy the range"
	case len(others) == 0:
		d.why = fmt.Sprintf("the highest that is allowed is %s, and nobody else uses what npm chose", pick)
	default:
		d.explained = true
		d.why = fmt.Sprintf("the highest that is allowed is %s; npm reuses what stands in its tree: %s", pick, others[0])
	}
}

// summary is the part of a package document that npm-pick-manifest reads.
func summary(ctx context.Context, reg library.Registry, name string) (map[string]any, error) {
	doc, err := reg.Packument(ctx, name, true)
	if err != nil {
		return nil, err
	}
	versions, times := map[string]any{}, map[string]any{}
	for _, v := range doc.Versions() {
		m, err := doc.Version(v)
		if err != nil {
			return nil, err
		}
		one := map[string]any{"name": name, "version": v}
		if m.Node != "" {
			one["engines"] = map[string]string{"node": m.Node}
		}
		if m.Deprecated != "" {
			one["deprecated"] = m.Deprecated
		}
		versions[v] = one
		if t, ok := doc.Time[v]; ok {
			times[v] = t
		}
	}
	return map[string]any{"name": name, "dist-tags": doc.DistTags, "versions": versions, "time": times}, nil
}
