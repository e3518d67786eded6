package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

func (a *app) mergeDriverCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "git-merge-driver BASE OURS THEIRS [PATH]",
		Short: "Merge two versions of conduit.lock, for git",
		Long: `Merge two versions of conduit.lock that have come apart since BASE, and write the result over OURS. Git calls it.

Into .gitattributes, which is committed:

  conduit.lock merge=conduit

Once on each machine:

  git config --global merge.conduit.name "conduit.lock"
  git config --global merge.conduit.driver "conduit git-merge-driver %O %A %B %P"

What both branches require stays at the versions that they locked; where that is not possible, or needs something that
is not in the cache (no request is made), OURS is left with conflict markers and the exit code is 1. Then merge
conduit.toml and type conduit lock, which reads both sides out of the markers.`,
		Args: args(cobra.RangeArgs(3, 4)),
		RunE: func(cmd *cobra.Command, given []string) error {
			ctx := a.context(cmd.Context())
			var versions [3][]byte
			for i := range versions {
				data, err := os.ReadFile(given[i])
				if err != nil {
					return &report.Error{What: "cannot read a version of " + lockfile.Name, Where: given[i], Err: err, Next: "conduit git-merge-driver --help"}
				}
				versions[i] = data
			}
			if len(given) == 4 {
				a.dir = filepath.Join(a.dir, filepath.Dir(given[3])) // git calls from the top of the work tree
			}
			merged, mergeErr := a.mergeLocks(ctx, versions)
			if mergeErr != nil {
				merged = lockfile.Conflict(versions[1], versions[2])
			}
			if err := os.WriteFile(given[1], merged, 0o644); err != nil {
				return &report.Error{What: "cannot write the merged " + lockfile.Name, Where: given[1], Err: err, Next: "make it writable, then merge again"}
			}
			if mergeErr != nil {
				return &report.Error{What: lockfile.Name + " is left with conflict markers", Why: mergeErr.Error(),
					Next: "merge conduit.toml, then type: conduit lock"} // any other kind would have another exit code
			}
			return nil
		},
	}
}

func (a *app) mergeLocks(ctx context.Context, versions [3][]byte) ([]byte, error) {
	a.offline = true
	p, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	return p.MergeLocks(ctx, versions[0], versions[1], versions[2])
}
