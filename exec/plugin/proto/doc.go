// Package providerv1 is the contract between conduit and a provider's process, conduit.provider.v1: Go code that
// exec/plugin/generate.sh makes from provider.proto, which documents it.
package providerv1
