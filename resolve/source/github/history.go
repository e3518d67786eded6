package github

import (
	"context"
	"errors"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
)

// graph is a commit history: commits to their parents.
type graph map[string][]string

// history fetches the commits that the given ones descend from. Where the host can filter, that is the commits alone,
// without any file.
func (r *remote) history(ctx context.Context, refs *refs, commits []string) (graph, error) {
	if r.origin.opts.Offline {
		return nil, offline(r.name, "the history of "+r.name)
	}
	if len(commits) == 0 {
		return graph{}, nil
	}
	if _, err := r.live(ctx); err != nil {
		return nil, err
	}
	want := request{filter: packp.FilterTreeDepth(0), subject: r.name + " (history)"}
	for _, commit := range commits {
		want.wants = append(want.wants, r.askable(refs, commit)...)
	}
	store, err := r.fetch(ctx, want)
	if errors.Is(err, errNoObjects) {
		return graph{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer store.remove()
	g := graph{}
	objects, err := store.IterEncodedObjects(plumbing.CommitObject)
	if err != nil {
		return nil, r.damaged(err)
	}
	err = objects.ForEach(func(o plumbing.EncodedObject) error {
		commit, err := object.DecodeCommit(store, o)
		if err != nil {
			return err
		}
		parents := make([]string, len(commit.ParentHashes))
		for i, p := range commit.ParentHashes {
			parents[i] = p.String()
		}
		g[commit.Hash.String()] = parents
		return nil
	})
	if err != nil {
		return nil, r.damaged(err)
	}
	return g, nil
}

// askable lists what to ask for in order to get commit: itself, or on a host that gives nothing but what it advertises,
// all that it advertises.
func (r *remote) askable(refs *refs, commit string) []string {
	hash, advertised := refs.want(commit)
	if advertised || r.adv.Capabilities.Supports(capability.AllowReachableSHA1InWant) {
		return []string{hash}
	}
	var all []string
	for tip := range refs.tips() {
		hash, _ := refs.want(tip)
		all = append(all, hash)
	}
	return all
}

// ancestors are the commits that commit descends from, itself included.
func (g graph) ancestors(commit string) map[string]bool {
	seen := map[string]bool{commit: true}
	for queue := []string{commit}; len(queue) > 0; {
		next := queue[0]
		queue = queue[1:]
		for _, parent := range g[next] {
			if !seen[parent] {
				seen[parent] = true
				queue = append(queue, parent)
			}
		}
	}
	return seen
}

// commits is the set of all commits.
func (g graph) commits() map[string]bool {
	all := make(map[string]bool, len(g))
	for commit := range g {
		all[commit] = true
	}
	return all
}
