// Package verify computes and checks digests: h1 sums over folders (golang.org/x/mod/sumdb/dirhash), npm integrity
// strings (Subresource Integrity, https://www.w3.org/TR/SRI/), sha256 digests of artifacts. Everything conduit runs or
// unpacks passes through here first.
package verify
