package library

// The functions here decide where in the tree a package goes, by npm's rules: as near to the root as it can without
// breaking what is there. (npm 7 to 11; what it calls CanPlaceDep and PlaceDep.)

// verdict is what placing a package at a target would mean.
type verdict int

const (
	conflict verdict = iota
	fits             // nothing of that name is there
	replaces         // it may take the place of what is there
	keeps            // what is there serves
)

// attempt is the question whether dep can go to target, for edge. Questions about the peers of dep have a parent.
type attempt struct {
	t      *tree
	dep    *node
	edge   *edge
	target *node
	parent *attempt
	self   verdict // for dep alone
	all    verdict // with its peers
}

func (t *tree) try(dep *node, e *edge, target *node, parent *attempt) *attempt {
	a := &attempt{t: t, dep: dep, edge: e, target: target, parent: parent}
	a.all = a.check()
	if a.self == conflict {
		a.self = a.all
	}
	return a
}

func (a *attempt) top() *attempt {
	for a.parent != nil {
		a = a.parent
	}
	return a
}

// deepest is the deepest place where something called name could go, seen from start: not into a package that has it as
// a peer.
func deepest(start *node, name string) *node {
	for n := start; ; n = n.parent {
		if n.isRoot() {
			return n
		}
		if e := n.edge(name); e == nil || !e.kind.isPeer() {
			return n
		}
	}
}

func (a *attempt) deepest() *node {
	start := a.edge.from
	if a.parent != nil {
		start = a.parent.deepest()
	}
	return deepest(start, a.edge.name)
}

func (a *attempt) check() verdict {
	current, own := a.target.children[a.edge.name], a.target.edge(a.edge.name)
	if own != nil && own.kind.isPeer() && !a.target.isRoot() {
		return conflict
	}
	if current == nil && own != nil && own != a.edge && !own.accepts(a.dep) {
		return conflict
	}
	if current == nil {
		return a.checkEmpty()
	}
	return a.checkOccupied(current)
}

func (a *attempt) checkOccupied(current *node) verdict {
	if a.dep.same(current) && (a.edge.accepts(current) || !a.edge.accepts(a.dep)) {
		return keeps
	}
	newer := Compare(a.dep.manifest.Version, current.manifest.Version) >= 0
	if newer && a.t.canReplace(a.dep, current) {
		if v := a.withPeers(replaces); v != conflict {
			return v
		}
	}
	if a.edge.accepts(current) {
		return keeps
	}
	if a.edge.kind.isPeer() && !newer && a.t.canReplace(a.dep, current) { // peers rather share an older one
		if v := a.withPeers(replaces); v != conflict {
			return v
		}
	}
	if a.target == a.deepest() && !a.edge.kind.isPeer() && a.target == a.edge.from {
		return a.withPeers(replaces) // what is there can go further down, this cannot
	}
	return conflict
}

func (a *attempt) checkEmpty() verdict {
	if a.target != a.top().edge.from {
		if hidden := a.target.lookup(a.edge.name); hidden != nil {
			for _, e := range a.t.edgesIn(hidden) {
				if e.from.below(a.target) && e.valid() && !e.accepts(a.dep) {
					return conflict
				}
			}
		}
	}
	return a.withPeers(fits)
}

// withPeers is v if the peers of dep can come along, else conflict.
func (a *attempt) withPeers(v verdict) verdict {
	a.self = v
	for _, e := range a.dep.edges {
		if !e.kind.isPeer() {
			continue
		}
		p := a.dep.set.member(e.name)
		if p == nil {
			// Optional peers do not come along, but one that is there and does not fit is a conflict.
			if there := deepest(a.target, e.name).lookup(e.name); e.kind == peerOptional && there != nil && !e.accepts(there) {
				return conflict
			}
			continue
		}
		if a.asking(p) {
			continue
		}
		if a.t.try(p, e, deepest(a.target, p.name), a).all == conflict {
			return conflict
		}
	}
	return v
}

// asking reports whether n is under question already, as peers may be each other's.
func (a *attempt) asking(n *node) bool {
	for ; a != nil; a = a.parent {
		if a.dep == n {
			return true
		}
	}
	return false
}

// find looks for the place of dep: upwards from where it is needed, to the last place before a conflict. It returns nil
// where there is none; alone tells that dep fits but not all of its peers do.
func (t *tree) find(dep *node, e *edge, start *node, parent *attempt) (found *attempt, alone bool) {
	var self *attempt
	for target := start; target != nil; target = target.parent {
		if own := target.edge(e.name); !target.isRoot() && own != nil && own.kind.isPeer() {
			continue
		}
		a := t.try(dep, e, target, parent)
		if a.self != conflict {
			self = a
		}
		if a.all == conflict {
			break
		}
		found = a
	}
	if found == nil && self != nil {
		return self, true
	}
	return found, false
}
