// Package cache is the content-addressed store on the user's machine: what was fetched or built once is verified, kept
// read-only and shared by all projects and processes.
//
// A download goes to a temporary sibling, is hashed while it streams, synced to disk and renamed. Presence is proved by a
// completion record, never by a bare stat. One lock file per key serialises processes, so that N processes on a cold
// cache download once.
package cache
