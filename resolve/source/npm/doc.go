// Package npm speaks to the npm registry: package documents, tarballs, and the user's .npmrc.
//
// [Client] fetches and verifies; [NewOrigin] publishes providers and services that are npm packages to the resolver. The
// wire formats are those of the registry's public API: the package document (full, or abbreviated as
// application/vnd.npm.install-v1+json) and gzipped tarballs whose Subresource Integrity the document states.
//
// Settings come from npm's own files (.npmrc of the user and of the project, never a package's) and from variables named
// npm_config_*, read as npm reads them: registries, credentials, certificates, proxies. Credentials go to the host and path
// that they are written for, never to another host.
//
// A request that fails in a way that may pass is made again, after a while; a download that broke goes on where it ended.
package npm
