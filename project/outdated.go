package project

import (
	"context"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// Outdated is a locked module for which there is something newer.
type Outdated struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Source  string `json:"source"`
	Locked  string `json:"locked"`
	Allowed string `json:"allowed"` // where an update would take it, as far as the ranges go; Locked if nowhere
	Newest  string `json:"newest"`  // what the source has
	Pinned  bool   `json:"pinned"`  // a range names exactly this version or commit
}

// Outdated lists the locked modules whose source has something newer, in the order of the lock's names. It changes
// nothing. Folders have no versions and are never outdated.
func (p *Project) Outdated(ctx context.Context) ([]Outdated, error) {
	m, lock, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	published, err := resolve.Excluding(p.origin, m.Exclude)
	if err != nil {
		return nil, err
	}
	every, err := resolve.Excluding(p.every, m.Exclude)
	if err != nil {
		return nil, err
	}
	problem, err := p.problem(m, lock, nil)
	if err != nil {
		return nil, err
	}
	graph, err := resolve.Solve(ctx, problem)
	if err != nil {
		return nil, err
	}
	root, modules := demands(graph, problem.Replace)
	out := []Outdated{}
	seen := map[string]bool{}
	for i, d := range append(root, modules...) {
		mod, ok := lock.Module(d.source.String(), d.locked)
		if !ok || d.source.Kind == resolve.File {
			continue
		}
		o := Outdated{Name: nameOf(lock, mod), Kind: mod.Kind, Source: mod.Source, Locked: d.locked, Pinned: d.pinned()}
		if i < len(root) {
			o.Name = graph.Root[i].Name
		}
		if o.Allowed, err = d.highest(ctx, published, Highest); err != nil {
			return nil, err
		}
		if o.Newest, err = newest(ctx, every, d.source, d.branch(), d.locked); err != nil {
			return nil, err
		}
		// A prerelease or the head of a branch can be above the highest release.
		if o.Allowed == d.locked && semver.Compare(o.Newest, d.locked) <= 0 {
			continue
		}
		if semver.Compare(o.Newest, o.Allowed) < 0 {
			o.Newest = o.Allowed
		}
		if key := strings.Join([]string{o.Name, o.Kind, o.Source, o.Locked}, " "); !seen[key] {
			seen[key] = true
			out = append(out, o)
		}
	}
	if node, err := p.outdatedNode(ctx, m, lock); err != nil {
		return nil, err
	} else if node != nil {
		out = append(out, *node)
	}
	images, err := p.outdatedImages(ctx, lock)
	return append(out, images...), err
}

// LockDiff resolves conduit.toml as Lock does and returns what Lock would change: the reasons why the lock does not belong
// to conduit.toml, and the changes. It writes neither file.
func (p *Project) LockDiff(ctx context.Context) ([]lockfile.Difference, []lockfile.Change, error) {
	m, err := p.read(ctx)
	if err != nil {
		return nil, nil, err
	}
	previous, err := p.previous()
	if err != nil {
		return nil, nil, err
	}
	var stale []lockfile.Difference
	if previous != nil {
		stale = previous.Stale(m)
	}
	lock, err := p.solve(ctx, m, previous, nil)
	if err != nil {
		return nil, nil, err
	}
	return stale, lockfile.Diff(previous, lock), nil
}
