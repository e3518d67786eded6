package service

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// Bounds of a package's compose file. What compose needs for one grows with the square of its depth, so that a file of a few
// kilobytes could keep a machine busy for minutes.
const (
	maxCompose      = 4 << 20 // bytes
	maxComposeDepth = 100
)

// outOfBounds says which bound a compose file exceeds, "" for none. What cannot be parsed is left to compose's messages.
func outOfBounds(data []byte) string {
	if len(data) > maxCompose {
		return fmt.Sprintf("the compose file is larger than %d MiB", maxCompose>>20)
	}
	var doc yaml.Node
	if yaml.Load(data, &doc) == nil && depth(&doc, map[*yaml.Node]int{}) > maxComposeDepth {
		return fmt.Sprintf("the compose file is nested more than %d deep", maxComposeDepth)
	}
	return ""
}

// depth is how deep values are nested below a node when aliases are followed; more than allowed where they lead in a circle.
func depth(n *yaml.Node, known map[*yaml.Node]int) int {
	if d, ok := known[n]; ok {
		return d
	}
	known[n] = maxComposeDepth + 1 // until it is known: who comes by here goes in a circle
	deepest := 0
	if n.Alias != nil {
		deepest = depth(n.Alias, known)
	}
	for _, c := range n.Content {
		deepest = max(deepest, depth(c, known))
	}
	known[n] = deepest + 1
	return deepest + 1
}
