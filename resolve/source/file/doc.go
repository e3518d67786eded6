// Package file is the origin of file: sources, folders on the same machine. A folder has one state, the present one: no
// versions, no names, and it is hashed whenever it is fetched. It is used where it lies and never copied into the cache.
//
// Everything in the folder counts except what is called .git or node_modules: git's own files are no part of a module,
// and a provider's libraries come from its locked library tree. Ignore files are not consulted, since what they hide
// (a built dist/, say) may well be what is run.
package file
