package project

import (
	"context"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// Move is a module or tool that an update moves.
type Move struct {
	Name     string      `json:"name"`
	Kind     string      `json:"kind"`
	Source   string      `json:"source"`
	Op       lockfile.Op `json:"op"`
	Old      string      `json:"old,omitempty"`
	New      string      `json:"new,omitempty"`
	Releases []string    `json:"releases,omitempty"` // published above Old, up to New
	Commits  string      `json:"commits,omitempty"`  // OLD..NEW as git log takes it, where one of the two is no release
	Gains    Declared    `json:"gains"`

	// Permissions are how what a provider declares that it needs differs; nil where it does not.
	Permissions *permission.Diff `json:"permissions,omitempty"`
}

// describe fills in the moves: what changes among modules, and what their manifests declare that they did not before.
func (u *update) describe(ctx context.Context, lock *lockfile.Lock) error {
	for _, c := range u.out.Changes {
		if c.Kind == toolKind && c.Op != lockfile.Changed {
			u.out.Moves = append(u.out.Moves, Move{Name: c.Name, Kind: c.Kind, Source: nodeSource, Op: c.Op, Old: c.Old, New: c.New})
		}
		if c.Kind != lockfile.KindProvider && c.Kind != lockfile.KindService || c.Op == lockfile.Changed {
			continue
		}
		move := Move{Kind: c.Kind, Source: c.Name, Op: c.Op, Old: c.Old, New: c.New, Permissions: c.Permissions}
		var before, after Declared
		old, hadOld := u.previous.Module(c.Name, c.Old)
		now, hasNew := lock.Module(c.Name, c.New)
		if c.Op == lockfile.Added {
			hadOld = false
		}
		if hadOld {
			move.Name = nameOf(u.previous, old)
		}
		if c.Op != lockfile.Removed && hasNew {
			move.Name = nameOf(lock, now)
			var err error
			if after, err = u.declared(ctx, now); err != nil {
				return err
			}
		}
		if hadOld && hasNew && c.Op != lockfile.Removed {
			var err error
			if before, err = u.declared(ctx, old); err != nil {
				// It may be gone from its source, which must not keep anybody from leaving it.
				report.Warn(ctx, subject(old), "", "what it declared cannot be compared: "+err.Error())
				before = after
			}
			if err := u.between(ctx, &move, old, now); err != nil {
				return err
			}
		}
		move.Gains = after.without(before)
		u.out.Moves = append(u.out.Moves, move)
	}
	u.notes(lock)
	return nil
}

// between tells what was published from one version to the next.
func (u *update) between(ctx context.Context, move *Move, old, now *lockfile.Module) error {
	if module.IsPseudoVersion(old.Version) || module.IsPseudoVersion(now.Version) {
		if old.Commit != "" && now.Commit != "" {
			move.Commits = old.Commit[:min(12, len(old.Commit))] + ".." + now.Commit[:min(12, len(now.Commit))]
		}
		return nil
	}
	src, _, err := resolve.ParseSource(now.Source)
	if err != nil || src.Kind == resolve.File {
		return err
	}
	releases, err := u.origin.Releases(ctx, src)
	if err != nil {
		return err
	}
	for _, v := range releases.Versions {
		if semver.Compare(v, old.Version) > 0 && semver.Compare(v, now.Version) <= 0 && (semver.Prerelease(v) == "" || v == now.Version) {
			move.Releases = append(move.Releases, v)
		}
	}
	return nil
}
