package build

import (
	"context"
	"maps"
	"slices"

	"github.com/MediaConduit/conduit/report"
)

// Check bundles the package's own modules and the SDK, in memory, with no library at hand: imports of libraries that
// package.json declares are left as they are, all others are errors as in [Builder.Build]. Nodes and Libraries of in are
// ignored, and no version of a library is looked at. It returns what the author should act on.
func Check(ctx context.Context, in Input) ([]report.Event, error) {
	tree, err := openTree(in.Dir)
	if err != nil {
		return nil, &report.Error{Kind: report.Failure, What: "cannot read the tree of " + in.Subject, Where: in.Dir, Err: err, Next: "make the folder readable"}
	}
	defer tree.Close()
	entry, err := findEntry(tree, in)
	if err != nil {
		return nil, err
	}
	var declared []string
	for _, names := range []map[string]string{in.Provider.Libraries, in.Provider.Optional, in.Provider.Peers} {
		declared = slices.AppendSeq(declared, maps.Keys(names))
	}
	var b Builder
	out, err := b.Bundle(ctx, BundleInput{Subject: in.Subject, Label: "provider", FS: tree.FS(), Entry: entry, Provider: true, Declared: declared})
	return out.Warnings, err
}
