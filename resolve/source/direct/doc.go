// Package direct brings the npm libraries of a project into the cache, also those that do not come from the npm registry:
// tarballs at an address of their own, and commits of git repositories. Both are read over https alone and locked by the
// sha512 of a tarball: for a repository, of one that conduit packs from the files of the commit, always in the same way.
//
// Nothing of a library runs. What npm would make out of a repository by its prepare script is not there.
package direct
