// Package npm speaks to the npm registry: package documents, tarballs, and the user's .npmrc.
//
// [Client] fetches and verifies; [NewOrigin] publishes providers and services that are npm packages to the resolver. The
// wire formats are those of the registry's public API: the package document (full, or abbreviated as
// application/vnd.npm.install-v1+json) and gzipped tarballs whose Subresource Integrity the document states.
//
// Credentials come from the user's and the project's own .npmrc, never from a package's. They go to the host and path
// that they are written for, never elsewhere and never along a redirect.
package npm
