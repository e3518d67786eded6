// Package verify computes and checks digests: h1 sums over folders (golang.org/x/mod/sumdb/dirhash), npm integrity
// strings (Subresource Integrity, https://www.w3.org/TR/SRI/), sha256 digests of artifacts. Everything conduit runs or
// unpacks passes through here first.
//
// Only names and contents of files count. Modes, times, owners and empty folders do not, so that one tree has one sum
// whether it came from git, from a tarball or from a folder, on every operating system. A symbolic link counts as what it
// names, under the link's own name, for the same reason; one that names nothing does not count, and one that leaves its
// root is an error.
package verify
