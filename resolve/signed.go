package resolve

import "context"

// Signed is what a git repository has of a version that may carry a signature. The hash of Commit is that of the revision; the
// tag is as the host gave it, and whether it is about this commit and this version is for the reader to check.
type Signed struct {
	Ref    string // the tag that makes the commit the version, without refs/tags/; "" for a commit without one
	Tag    []byte // the tag object as git stores it; nil for a lightweight tag
	Commit []byte // the commit object as git stores it
}

// Signatures is an [Origin] of git repositories that gives what publishers sign.
type Signatures interface {
	// Signed returns the tag and commit of a revision whose Commit is known. What the cache keeps of them is taken unless
	// anew: a tag may have been signed since.
	Signed(ctx context.Context, src Source, rev Revision, anew bool) (Signed, error)
}
