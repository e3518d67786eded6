// Package cache is the content-addressed store on the user's machine: what was fetched or built once is verified, kept
// read-only and shared by all projects and processes.
//
// A download goes to a temporary sibling, is hashed while it streams, synced to disk and renamed. Presence is proved by a
// completion record, never by a bare stat. One lock file per key serialises processes, so that N processes on a cold
// cache download once; what is present is found without any lock. What a killed process leaves behind bears the name of
// the lock that it held, and whoever finds that lock free removes it.
//
// Files are synced before their record is written; records and folders are not synced at all, since a sync costs more
// than most downloads. After a power failure an entry may therefore be missing, or its record may be empty, which counts
// as missing. A record never stands for content that did not reach the disk.
//
// The cache vouches for what it wrote, not for what somebody changed since: [Cache.Verify] hashes entries anew, and
// package cache/tarball verifies a library while it reads it.
package cache
