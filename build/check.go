package build

import (
	"context"
	"maps"
	"slices"

	"github.com/MediaConduit/conduit/report"
)

// CheckSource bundles the package's own modules and the SDK, in memory, with no library at hand: imports of libraries that
// package.json declares are left as they are, all others are errors as in [Builder.Build]. in has no Nodes and no Libraries,
// and no version of a library is looked at. It returns what the author should act on.
func CheckSource(ctx context.Context, in Input) ([]report.Event, error) {
	tree, err := openTree(in.Dir)
	if err != nil {
		return nil, &report.Error{Kind: report.Failure, What: "cannot read the tree of " + in.Subject, Where: in.Dir, Err: err, Next: "make the folder readable"}
	}
	defer tree.Close()
	var declared []string
	for _, names := range []map[string]string{in.Provider.Libraries, in.Provider.Optional, in.Provider.Peers} {
		declared = slices.AppendSeq(declared, maps.Keys(names))
	}
	var b Builder
	_, out, err := b.bundle(ctx, tree, in, declared)
	return out.Warnings, err
}
