package resolve

import "context"

// Lookup finds the version that a query means now, and the range that "get" writes for it: a caret range on a release
// ("^1.2.3"), or exactly the pseudo-version of a branch or commit. current is the version that the project uses, "" if it
// does not; only upgrade and patch look at it. A folder has no version: the Revision is empty and so is the range. A
// query of kind QueryNone is the caller's business; Lookup refuses it.
//
// Where nothing matches the error is of kind Failure and says what the source has instead.
func Lookup(ctx context.Context, origin Origin, src Source, q Query, current string) (rev Revision, write string, err error) {
	return Revision{}, "", nil
}
