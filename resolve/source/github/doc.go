// Package github is the origin of modules in git repositories: on GitHub, and on any other host that speaks git's smart
// HTTP protocol over https.
//
// A repository is asked for its refs once for each Origin. A commit is then fetched alone, in one shallow request, and
// written to the cache as a plain folder under its full hash: a tag that is moved later cannot change what is cached,
// and a commit that is cached is never asked for again. Symbolic links become copies; submodules and Git LFS pointers
// are not followed, with a warning.
//
// Versions are tags of the form v1.2.3 (for a directory in a repository DIR/v1.2.3); the v may be missing. A commit
// without such a tag gets a pseudo-version as in Go (golang.org/x/mod/module): on top of the highest version among its
// ancestors, for which the commit graph, without any files, is fetched if the repository has versions at all.
//
// Tags and commits are kept as git stores them where somebody has to have signed them, see [Origin.Signed].
//
// Of git's own settings it honours url.*.insteadOf, the credential helpers and .netrc.
package github
