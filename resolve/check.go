package resolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// conflict is a requirement of the selected graph that does not allow what was selected.
type conflict struct {
	attempt  *attempt
	from     node // selected; rootNode for conduit.toml
	edge     *edge
	selected node
}

func (c *conflict) Error() string {
	return fmt.Sprintf("%s does not allow %s", c.edge.rng, c.selected.id())
}

// reached is the root and the selected versions that it reaches through selected versions, nearest first. It is computed
// once, when the graph is complete, and every edge on the way learns what was selected for it.
func (a *attempt) reached() []node {
	if a.order == nil {
		a.order = a.settle()
	}
	return a.order
}

func (a *attempt) settle() []node {
	queue := append(make([]node, 0, len(a.visits)), rootNode)
	seen := make([]bool, len(a.visits)) // by the place of the node
	seen[rootNode.place] = true
	for i := 0; i < len(queue); i++ {
		for _, e := range a.edges(queue[i]) {
			e.selected = a.top(e)
			if !seen[e.selected.place] {
				seen[e.selected.place] = true
				queue = append(queue, e.selected)
			}
		}
	}
	return queue
}

// top is what was selected for an edge.
func (a *attempt) top(e *edge) node {
	if e.selected != nil {
		return e.selected
	}
	top, _ := a.graph.Selected(e.to.line)
	return top
}

// check compares every range with what was selected, nearest to conduit.toml first.
func (a *attempt) check() *conflict {
	for _, n := range a.reached() {
		for _, e := range a.edges(n) {
			top := a.top(e)
			if e.replace == nil && e.need.allowed == top {
				continue
			}
			if !e.allows(top.version) {
				return &conflict{a, n, e, top}
			}
			if e.replace == nil {
				e.need.allowed = top
			}
		}
	}
	return nil
}

// inTheWay lists the floors that led to a conflict: the one of the contended line, else those on the way to the
// requirement that asks for the higher version, else those on the way to the one that refuses it.
func (a *attempt) inTheWay(c *conflict) []lineKey {
	key := c.selected.line
	if a.floors[key] == c.selected.version {
		return []lineKey{key}
	}
	onTheWay := func(path []node) (keys []lineKey) {
		for _, n := range path {
			if n.version != "" && a.floors[n.line] == n.version {
				keys = append(keys, n.line)
			}
		}
		return keys
	}
	if keys := onTheWay(a.graph.Path(func(n node) bool { return n == c.selected })); len(keys) > 0 {
		return keys
	}
	return onTheWay(a.graph.Path(func(n node) bool { return n == c.from }))
}

// chain is the shortest chain of edges from conduit.toml to n, over everything reachable.
func (a *attempt) chain(n node) []*edge {
	path := a.graph.Path(func(x node) bool { return x == n })
	var edges []*edge
	for i := 1; i < len(path); i++ {
		j := slices.IndexFunc(a.edges(path[i-1]), func(e *edge) bool { return e.to == path[i] })
		edges = append(edges, a.edges(path[i-1])[j])
	}
	return edges
}

// selectedChain is the shortest chain of edges from conduit.toml to the selected version n through selected versions.
func (a *attempt) selectedChain(n node) []*edge {
	from := map[node]*edge{}
	prev := map[node]node{}
	for _, m := range a.reached() {
		for _, e := range a.edges(m) {
			if to := a.top(e); from[to] == nil && to != m {
				from[to], prev[to] = e, m
			}
		}
	}
	var chain []*edge
	for n != rootNode && from[n] != nil {
		chain = append(chain, from[n])
		n = prev[n]
	}
	slices.Reverse(chain)
	return chain
}

// requires is one line of a chain.
func requires(r Requirement, rep *Replace) string {
	where := r.Where.String()
	if where == "" {
		where = "conduit.toml"
	}
	text := where + " requires " + r.Source.String()
	if r.Source.Kind != File {
		text += " " + wanted(r.Range)
	}
	if rep != nil {
		text += ", replaced by " + rep.New.String()
		if rep.Range.String() != "" {
			text += " " + wanted(rep.Range)
		}
		if rep.Where != "" {
			text += " (" + rep.Where + ")"
		}
	}
	return text
}

func wanted(r Range) string {
	if r.Any() {
		return "in any version"
	}
	return r.String()
}

func chainText(edges []*edge) string {
	lines := make([]string, len(edges))
	for i, e := range edges {
		lines[i] = requires(e.need.requirement(), e.replace)
	}
	return strings.Join(lines, "\n")
}

// needError is an error about one requirement of a package.
type needError struct {
	req Requirement
	err error
}

func (e *needError) Error() string { return e.err.Error() }
func (e *needError) Unwrap() error { return e.err }

// failed adds to an error about n, or about a requirement of n, the chain that leads there. The kind stays.
func (a *attempt) failed(n node, err error) error {
	edges := a.chain(n)
	var e *report.Error
	if !errors.As(err, &e) {
		e = &report.Error{What: "cannot resolve " + n.id(), Err: err}
	}
	out := *e
	out.Kind, out.Err = report.KindOf(err), err
	if e.Why == "" && e.Err != nil {
		out.Why = e.Err.Error()
	}
	if need, ok := err.(*needError); ok {
		_, rep, _ := a.replace.apply(need.req.Source)
		edges = append(edges, &edge{need: rootNeed(need.req), replace: rep})
		if len(edges) > 1 || rep != nil {
			a.remedy(&out, need)
		}
	}
	if errors.Is(err, errSDK) {
		out.Err = &otherSDK{report: &out, head: edges[0]}
	}
	if out.Where == "" && len(edges) > 0 {
		out.Where = edges[0].need.where.String()
	}
	// A chain of one link tells nothing that the place does not tell.
	if len(edges) > 1 || len(edges) == 1 && (edges[0].need.where.String() != out.Where || edges[0].replace != nil) {
		out.Why = strings.TrimPrefix(out.Why+"\n"+chainText(edges), "\n")
	}
	return &out
}

// remedy is for a requirement of a package that names a version which is not there: it can only be overridden, since
// "conduit get" changes conduit.toml's own requirements.
func (a *attempt) remedy(out *report.Error, need *needError) {
	target, _, err := a.replace.apply(need.req.Source)
	if err != nil || out.Kind != report.Failure {
		return
	}
	rels, ok := a.releases.Peek(target)
	query := rels.nearest(need.req.Range.Exact())
	if !ok || query == "" {
		return
	}
	out.Next = replaceRemedy(need.req.Source, target, query)
	if errors.Is(need, errExcluded) {
		out.Next = fmt.Sprintf("take %s from [exclude], or %s", need.req.Range, out.Next)
	}
}

func replaceRemedy(old, target Source, query string) string {
	return fmt.Sprintf("put under [replace] in conduit.toml:\n%q = \"%s@%s\"", old, target, query)
}

// twoNames is the error for one publisher under two names, which would be fetched, locked and run twice.
func (a *attempt) twoNames(x, y node) error {
	chains := make([][]*edge, 2)
	for i, n := range []node{x, y} {
		path := a.graph.Path(func(m node) bool { return m.src == n.src })
		if len(path) > 0 {
			chains[i] = a.chain(path[len(path)-1])
		}
	}
	// The name that conduit.toml itself uses stays; else the one that came first.
	keep, drop := x.src, y.src
	if len(chains[1]) < len(chains[0]) {
		keep, drop = drop, keep
	}
	return &report.Error{Kind: report.Failure, What: fmt.Sprintf("%s and %s are two names for one source", x.src, y.src),
		Why:  chainText(chains[0]) + "\nbut\n" + chainText(chains[1]),
		Next: fmt.Sprintf("use one name; where a package uses the other one, put under [replace] in conduit.toml:\n%q = %q", drop, keep)}
}

// twoKinds is the error for a source that is asked for as a provider here and as a service there.
func (a *attempt) twoKinds(e *edge) error {
	var first, second []*edge
	for _, kind := range []string{KindProvider, KindService} {
		var chain []*edge
		path := a.graph.Path(func(n node) bool {
			return slices.ContainsFunc(a.edges(n), func(x *edge) bool { return x.to.src == e.to.src && x.need.kind == kind })
		})
		if len(path) > 0 {
			n := path[len(path)-1]
			i := slices.IndexFunc(a.edges(n), func(x *edge) bool { return x.to.src == e.to.src && x.need.kind == kind })
			chain = append(a.chain(n), a.edges(n)[i])
		}
		first, second = second, chain
	}
	return &report.Error{Kind: report.Failure, What: fmt.Sprintf("%s is required as a provider and as a service", e.to.src),
		Why:  "as a provider:\n" + chainText(first) + "\nas a service:\n" + chainText(second),
		Next: fmt.Sprintf("give it one kind: move its line in conduit.toml to the table where it belongs, or conduit remove %s", nameOf(first, second))}
}

// nameOf is the key in conduit.toml where the longer of two chains begins.
func nameOf(x, y []*edge) string {
	if len(x) < len(y) {
		x = y
	}
	if len(x) == 0 {
		return "NAME"
	}
	if x[0].need.name == "" {
		return x[0].need.src.String()
	}
	return x[0].need.name
}
