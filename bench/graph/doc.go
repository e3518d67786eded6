// Graph measures resolution. It makes one requirement graph, expresses it as Go modules in a file GOPROXY and as conduit
// services in an npm registry of its own, checks that both tools select the same versions, and compares the time that each
// needs with a warm cache. Then it measures how the time to solve grows with the graph. See bench/README.md.
package main
