package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

const (
	hashLength   = 40 // hex digits of a commit
	minPrefix    = 7  // fewest hex digits that are taken for a commit
	pseudoLength = 12 // hex digits of a commit in a pseudo-version
)

func isCommitPrefix(s string) bool {
	return len(s) >= minPrefix && len(s) <= hashLength && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// known is what was found out about a commit without a tag; it is kept in the cache, for offline work and because the
// history of a commit does not change. Only the tags do.
type known struct {
	Commit string `json:"commit"`
	Tags   string `json:"tags"` // hash over the tags that Base was chosen from
	Base   string `json:"base"` // highest version among the ancestors, "" if none
}

func knownName(src resolve.Source, commit string) string {
	return "commit " + src.String() + "@" + commit[:pseudoLength]
}

func (o *Origin) known(src resolve.Source, prefix string) (known, bool) {
	var k known
	data, ok := o.opts.Cache.Meta(knownName(src, prefix))
	if !ok || json.Unmarshal(data, &k) != nil || !strings.HasPrefix(k.Commit, prefix) {
		return known{}, false
	}
	return k, true
}

// revision describes commit: its time, and the version that is tagged on it or a pseudo-version.
func (o *Origin) revision(ctx context.Context, src resolve.Source, refs *refs, commit string) (resolve.Revision, error) {
	tree, err := o.tree(ctx, src, commit, resolve.Revision{})
	if err != nil {
		return resolve.Revision{}, err
	}
	rev := tree.Revision
	if rev.Version = refs.versionAt(src.Dir, commit); rev.Version != "" {
		return rev, nil
	}
	if rev.Version = refs.Pseudo[src.Dir][commit]; rev.Version != "" {
		return rev, nil
	}
	base, err := o.base(ctx, src, refs, commit)
	if err != nil {
		return resolve.Revision{}, err
	}
	rev.Version = module.PseudoVersion(semver.Major(base), base, rev.Time, commit[:pseudoLength])
	return rev, nil
}

// base is the highest version among the ancestors of commit.
func (o *Origin) base(ctx context.Context, src resolve.Source, refs *refs, commit string) (string, error) {
	tags := refs.fingerprint(src.Dir)
	if k, ok := o.known(src, commit); ok && k.Tags == tags {
		return k.Base, nil
	}
	base := ""
	if len(refs.versions(src.Dir)) > 0 {
		graph, err := o.remote(src).history(ctx, refs, []string{commit})
		if err != nil {
			return "", err
		}
		ancestors := graph.ancestors(commit)
		base = refs.highest(src.Dir, func(c string) bool { return ancestors[c] })
	}
	data, err := json.Marshal(known{Commit: commit, Tags: tags, Base: base})
	if err != nil {
		return "", err
	}
	return base, o.opts.Cache.PutMeta(knownName(src, commit), data)
}

// fingerprint is a hash over the versions of the module in dir and their commits.
func (r *refs) fingerprint(dir string) string {
	versions := r.versions(dir)
	h := sha256.New()
	for _, v := range slices.Sorted(maps.Keys(versions)) {
		fmt.Fprintln(h, v, r.Tags[versions[v]].Commit)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// commitOf finds the commit of a version: that of its tag, or the one that a pseudo-version tells.
func (o *Origin) commitOf(ctx context.Context, src resolve.Source, version string) (string, error) {
	if module.IsPseudoVersion(version) {
		prefix, err := module.PseudoVersionRev(version)
		if err == nil && isCommitPrefix(prefix) {
			return o.expandVersion(ctx, src, version, prefix)
		}
	}
	refs, err := o.remote(src).refs(ctx)
	if err != nil {
		return "", err
	}
	name, ok := refs.versions(src.Dir)[version]
	if !ok {
		return "", noSuchName(src, refs, version)
	}
	return refs.Tags[name].Commit, nil
}

func (o *Origin) expandVersion(ctx context.Context, src resolve.Source, version, prefix string) (string, error) {
	if len(prefix) == pseudoLength {
		if k, ok := o.known(src, prefix); ok {
			return k.Commit, nil
		}
	}
	refs, err := o.remote(src).refs(ctx)
	if err != nil {
		return "", err
	}
	commit, err := o.expand(ctx, src, refs, prefix)
	if err == nil && commit == "" {
		err = noSuchName(src, refs, version)
	}
	return commit, err
}

// expand completes a commit from its first digits: from what refs name, from what was asked before, else from the
// history of all of them. It returns "" if there is no such commit.
func (o *Origin) expand(ctx context.Context, src resolve.Source, refs *refs, prefix string) (string, error) {
	prefix = strings.ToLower(prefix)
	if len(prefix) == hashLength {
		return prefix, nil // fetching it tells whether it exists
	}
	commit, err := unique(src, prefix, refs.tips())
	if commit != "" || err != nil {
		return commit, err
	}
	if len(prefix) >= pseudoLength {
		if k, ok := o.known(src, prefix[:pseudoLength]); ok && strings.HasPrefix(k.Commit, prefix) {
			return k.Commit, nil
		}
	}
	graph, err := o.remote(src).history(ctx, refs, slices.Sorted(maps.Keys(refs.tips())))
	if err != nil {
		return "", err
	}
	return unique(src, prefix, graph.commits())
}

// unique is the only commit that begins with prefix, "" if there is none.
func unique(src resolve.Source, prefix string, commits map[string]bool) (string, error) {
	found := ""
	for commit := range commits {
		if !strings.HasPrefix(commit, prefix) {
			continue
		}
		if found != "" {
			return "", &report.Error{Kind: report.Usage, What: src.String() + " has several commits that begin with " + prefix,
				Why: found + "\n" + commit, Next: "write more digits of the one you mean"}
		}
		found = commit
	}
	return found, nil
}

// checkCommit compares what rev itself says twice: a pseudo-version holds the first digits of its commit.
func checkCommit(src resolve.Source, rev resolve.Revision) error {
	if !isCommitPrefix(rev.Commit) || len(rev.Commit) != hashLength {
		return &report.Error{Kind: report.Lock, What: "the commit of " + src.String() + " is no full hash", Why: fmt.Sprintf("%q", rev.Commit),
			Next: "run 'conduit lock' to write conduit.lock anew"}
	}
	if !module.IsPseudoVersion(rev.Version) {
		return nil
	}
	prefix, err := module.PseudoVersionRev(rev.Version)
	if err != nil || strings.HasPrefix(rev.Commit, prefix) {
		return nil
	}
	return verify.Mismatch(src.String()+"@"+rev.Version, "commit", prefix, rev.Commit)
}

// checkTime compares the time in a pseudo-version with that of the commit: nobody may make a commit look newer.
func checkTime(src resolve.Source, rev resolve.Revision) error {
	if !module.IsPseudoVersion(rev.Version) {
		return nil
	}
	want, err := module.PseudoVersionTime(rev.Version)
	if err != nil || want.Equal(rev.Time.Truncate(time.Second)) {
		return nil
	}
	return verify.Mismatch(src.String()+"@"+rev.Version, "commit time", want.Format(time.RFC3339), rev.Time.Format(time.RFC3339))
}
