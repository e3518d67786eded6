package library

// peerSet is what would have to come along with a package: its peers and theirs, chosen in the sight of what the package
// that brings them all asks for itself. (npm's virtual root.)
type peerSet struct {
	source  *node
	members map[string]*node
}

func (s *peerSet) member(name string) *node {
	if s == nil {
		return nil
	}
	return s.members[name]
}

// candidate chooses a version for e and, with it, the peers that it needs.
func (b *builder) candidate(e *edge, set *peerSet) (*node, error) {
	if set == nil {
		set = &peerSet{source: e.from, members: map[string]*node{}}
	}
	n, err := b.choose(e, e.rule, set.source)
	if err != nil {
		return nil, err
	}
	return n, b.join(set, n)
}

// choose makes an unplaced node for e.
func (b *builder) choose(e *edge, rule *override, source *node) (*node, error) {
	m, late, err := b.load.pick(e.spec)
	if err != nil {
		return nil, err
	}
	n := &node{name: e.name, manifest: m, late: late, children: map[string]*node{}, rules: rule.forNode(e.name, m.Version), source: source}
	return n, b.addEdges(n, m)
}

// join puts n into the set, and then the peers that n needs.
func (b *builder) join(set *peerSet, n *node) error {
	set.members[n.name] = n
	n.set = set
	for _, e := range n.edges {
		if e.kind != peer || set.members[n.name] != n {
			continue
		}
		current := set.members[e.name]
		if current != nil && e.accepts(current) {
			continue
		}
		p, err := b.peerFor(set, e, current)
		if err != nil {
			if absent(err) {
				e.failure = err
				continue
			}
			return err
		}
		if p != nil {
			if err := b.join(set, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// peerFor chooses a version for the peer e. Where the source of the set asks for the same package itself, its range
// decides, unless something satisfies both. current is what the set has by that name; nil is returned to leave it.
func (b *builder) peerFor(set *peerSet, e *edge, current *node) (*node, error) {
	own, err := b.choose(e, e.rule, set.source)
	if err != nil {
		return nil, err
	}
	asked := set.source.edge(e.name)
	if current != nil {
		for _, other := range set.members {
			if o := other.edge(e.name); o != nil && o.kind.isPeer() && o.accepts(current) && !o.accepts(own) {
				return nil, nil
			}
		}
		if asked != nil && asked != e && asked.accepts(current) && !asked.accepts(own) {
			return nil, nil
		}
		return own, nil
	}
	if asked == nil || asked == e || asked.accepts(own) {
		return own, nil
	}
	first, err := b.choose(asked, asked.rule, set.source)
	if err != nil {
		return nil, err
	}
	return first, nil
}
