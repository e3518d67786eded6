package resolve

import (
	"sync"
	"sync/atomic"

	"github.com/MediaConduit/conduit/resolve/memo"
)

// node is a version of a source in the requirement graph. There is one of each, see [nodes], so that nodes are compared
// and looked up by address: a graph does so dozens of times for every requirement. The root of the graph is [rootNode].
type node = *vertex

type vertex struct {
	src     Source
	version string // "" for a folder
	line    lineKey
	place   int // counted from 1, 0 for the root: what attempts know of nodes lies in this order
}

// rootNode stands for conduit.toml.
var rootNode node = &vertex{line: &moduleLine{}}

func (n *vertex) id() string { return moduleID(n.src, n.version) }

// lineKey is the identity of a module. There is one of each, too.
type lineKey = *moduleLine

type moduleLine struct {
	src   Source
	name  string
	place int // counted from 1, 0 for that of the root
}

// nodes makes nodes and lines. The zero value is ready; it is safe for concurrent use.
type nodes struct {
	sources memo.Map[Source, *versions]
	count   atomic.Int64
	lines   atomic.Int64
}

// versions are the nodes and lines of one source.
type versions struct {
	mu    sync.RWMutex
	nodes map[string]node
	lines map[string]lineKey
}

// node is the version of src.
func (s *nodes) node(src Source, version string) node { return s.of(src).node(s, src, version) }

// line is the line of src that the version belongs to.
func (s *nodes) line(src Source, version string) lineKey { return s.node(src, version).line }

func (s *nodes) of(src Source) *versions {
	v, _ := s.sources.Get(src, func() (*versions, error) {
		return &versions{nodes: map[string]node{}, lines: map[string]lineKey{}}, nil
	})
	return v
}

func (v *versions) node(of *nodes, src Source, text string) node {
	v.mu.RLock()
	n := v.nodes[text]
	v.mu.RUnlock()
	if n != nil {
		return n
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if n = v.nodes[text]; n != nil {
		return n
	}
	name := Line(text)
	l := v.lines[name]
	if l == nil {
		l = &moduleLine{src, name, int(of.lines.Add(1))}
		v.lines[name] = l
	}
	n = &vertex{src, text, l, int(of.count.Add(1))}
	v.nodes[text] = n
	return n
}
