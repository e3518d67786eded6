// Package library selects a provider's npm libraries: its own tree, a pure function of the provider's package.json, of the
// lock file that its author published and of the time that its version was published at. It does not depend on the other
// providers of a project, so that one built artifact serves every project.
//
// The author's lock file (npm's, pnpm's or bun's) decides where there is one. Without it, each range gets what
// npm install --before=TIME would have chosen, and the tree is shared in the way that npm's placement shares it; see
// [Resolve] for the exact rules. Ranges have npm's own semantics, see [ParseRange].
//
// Nothing here speaks to the network: package documents and tarballs come through [Packages].
package library
