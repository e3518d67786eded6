package resolve

// Why is the shortest chain of requirements from conduit.toml to a selected module: each link's Version is required by
// the link before it. It is nil where the graph has no such module. src is the module's source after replacement.
func Why(g *Graph, src Source, version string) []Link { return nil }
