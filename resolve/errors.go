package resolve

import (
	"errors"

	"github.com/MediaConduit/conduit/report"
)

// ErrNoSuchRevision is in the chain of an [Origin]'s error where a source has no branch, tag or commit of the given name.
var ErrNoSuchRevision = errors.New("no such revision")

// ErrAlias is in the chain of [ParseSource]'s error where the text is a bare name, which only the [aliases] table of conduit.toml can explain; see
// [FollowAlias].
var ErrAlias = errors.New("a bare name is an alias")

func usage(what, why, next string) error {
	return &report.Error{Kind: report.Usage, What: what, Why: why, Next: next}
}
