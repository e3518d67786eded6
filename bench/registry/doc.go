// Package registry is an npm registry for benchmarks: it answers from memory, so that installers are measured and not the
// registry. It records: what it is asked for the first time comes from the npm registry (as npm's configuration names it)
// and is kept in a folder, from which later benchmarks are served without a network.
package registry
