package source

import (
	"context"
	"errors"
	"io/fs"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify/policy"
)

// Published fetches what is published now under a version of a source that one of the patterns matches, and returns the sum of its files. Nothing that
// was asked before is believed, but what the cache has is not fetched again. What is not published, or not
// matched, has [fs.ErrNotExist] in the error's chain.
func Published(ctx context.Context, c *cache.Cache, allowed []policy.Pattern, text, version string) (string, error) {
	src, query, err := resolve.ParseSource(text)
	permitted := false
	for _, p := range allowed {
		permitted = permitted || p.Matches(text)
	}
	if err != nil || query != "" || src.Kind == resolve.File || src.String() != text || !permitted {
		return "", errors.Join(fs.ErrNotExist, err)
	}
	client, err := npm.New(npm.Options{Cache: c})
	if err != nil {
		return "", err
	}
	tree, err := New(Options{Cache: c, NPM: npm.NewOrigin(client)}).Fetch(ctx, src, resolve.Revision{Version: version})
	if errors.Is(err, resolve.ErrNoSuchRevision) || errors.Is(err, library.ErrNoSuchPackage) || errors.Is(err, library.ErrNoSuchVersion) ||
		err != nil && report.KindOf(err) == report.Failure { // a repository that is not there, or private
		return "", errors.Join(fs.ErrNotExist, err)
	}
	return tree.Sum, err
}
