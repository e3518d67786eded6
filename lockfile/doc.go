// Package lockfile reads, edits and writes the two files of a project: conduit.toml, which people write and conduit edits
// in place (comments and order kept), and conduit.lock, which conduit writes and people merge.
package lockfile
