// Package plugin runs providers: each in a process of its own under hashicorp/go-plugin (gRPC over a unix socket in a
// folder that only its user can enter), without conduit's environment, with standard input that ends after one line, in its own process
// group, dead at latest when its parent is.
//
// The contract is proto/provider.proto. A TypeScript provider runs in conduit's host (sdk/host) under Node; a native
// provider is any executable that speaks the contract, in Go with [Serve]. What a provider writes to its outputs becomes
// a [Record]; nothing of it reaches conduit's own standard output. One provider's fault stays its own: whatever it does, the
// caller gets a [report.Error] with the provider's own words, and no process is left behind.
package plugin

//go:generate ./generate.sh
