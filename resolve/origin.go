package resolve

import (
	"context"
	"time"
)

// Origin is what the resolver needs of a place where modules are published. resolve/source implements it for GitHub and
// other git hosts, the npm registry and folders. Versions are canonical semantic versions with a leading "v"
// (golang.org/x/mod/semver), for npm too. Errors are [*report.Error]: Network where the peer cannot be reached, Failure
// where the source does not exist.
type Origin interface {
	// Releases lists what src has published. A source without releases is not an error.
	Releases(ctx context.Context, src Source) (Releases, error)
	// Find resolves a name that is no version: a branch, a tag, a commit of 7 or more hex digits, an npm dist-tag.
	// "HEAD" is the default branch's head (for npm the dist-tag latest). An untagged commit gets a pseudo-version as in
	// Go. It fails with [ErrNoSuchRevision] in its chain where src has no such name.
	Find(ctx context.Context, src Source, name string) (Revision, error)
	// Fetch returns the files of src at rev, verified and unpacked in the cache (for a folder: the folder itself).
	// rev.Version is enough; a Commit that is set must be the one that the tag names, else the error is of kind Integrity.
	Fetch(ctx context.Context, src Source, rev Revision) (Tree, error)
}

// Releases is what a source has published.
type Releases struct {
	Versions   []string          // canonical, ascending by precedence, prereleases included, no pseudo-versions
	Tags       []string          // tags or dist-tags that are no versions
	Branches   []string          // branches, the default one first; empty for npm
	Deprecated map[string]string // version to its message, for npm
	Attested   []string          // those of Versions that the registry has attestations of, for npm
}

// Revision is one published state of a source.
type Revision struct {
	Version   string    // canonical; a pseudo-version for an untagged commit; "" for a folder
	Commit    string    // full hash for git sources, else ""
	Integrity string    // npm integrity (SRI) of the tarball, else ""
	Time      time.Time // commit or publication time, UTC; zero where unknown
}

// Tree is a fetched revision.
type Tree struct {
	Revision
	Path string // absolute folder of the module's root; read-only for all but File sources
	Sum  string // "h1:…" over the files, as golang.org/x/mod/sumdb/dirhash computes it with the prefix SOURCE@VERSION removed
}
