package github

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// unpack reads the pack of a commit that a mirror has. Objects are found by their hashes, so that the pack can hold nothing else
// under this commit than the repository did.
func (r *remote) unpack(ctx context.Context, in io.Reader, commit, subject string) (store objects, found *object.Commit, err error) {
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: subject})
	m := &metered{ctx: ctx, subject: subject, left: packLimit(r.origin.opts.Limits.Bytes), r: in}
	if store, err = r.newObjects(ctx); err != nil {
		return store, nil, err
	}
	if err = store.keep(m, subject, r.origin.opts.Limits); err == nil {
		found, err = object.GetCommit(store, plumbing.NewHash(commit))
	}
	if err == nil {
		return store, found, nil
	}
	store.remove()
	if report.KindOf(err) == report.Policy {
		return store, nil, err
	}
	return store, nil, &report.Error{Kind: report.Integrity, What: "what the mirror has of " + subject + " is not that commit", Why: "commit " + commit, Err: err,
		Next: "have the mirror written anew (conduit mirror), or ask another one: CONDUIT_PROXY=direct"}
}

// parseRefs reads the refs of a mirror.
func parseRefs(data []byte) (*refs, error) {
	var r refs
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, err
	}
	check := func(commit string) error {
		if len(commit) != hashLength || !isCommitPrefix(commit) || commit != strings.ToLower(commit) {
			return fmt.Errorf("%q is no commit", commit)
		}
		return nil
	}
	for commit := range r.tips() {
		if err := check(commit); err != nil {
			return nil, err
		}
	}
	for _, commits := range r.Pseudo {
		for commit, version := range commits {
			if prefix, err := module.PseudoVersionRev(version); err != nil || !strings.HasPrefix(commit, prefix) {
				return nil, fmt.Errorf("%q is no version of commit %s", version, commit)
			}
		}
	}
	return &r, nil
}

// Export writes what a mirror needs of the commit of a locked revision: a pack of the commit, its trees and its files, and of
// the object of its version's tag where it has one.
func (o *Origin) Export(ctx context.Context, src resolve.Source, rev resolve.Revision, to io.Writer) error {
	subject := src.String() + "@" + rev.Version
	r := o.remote(src)
	refs, err := r.live(ctx)
	if err != nil {
		return err
	}
	store, commit, err := o.fetchCommit(ctx, src, rev.Commit, rev, refs, subject)
	if err != nil {
		return err
	}
	defer store.remove()
	seen := map[plumbing.Hash]bool{commit.Hash: true}
	if _, object := refs.signedRef(src, rev); object != "" && store.HasEncodedObject(plumbing.NewHash(object)) == nil {
		seen[plumbing.NewHash(object)] = true // it may be what is signed
	}
	if err := closure(ctx, commit, seen); err != nil {
		return r.damaged(err)
	}
	hashes := slices.SortedFunc(maps.Keys(seen), func(a, b plumbing.Hash) int { return strings.Compare(a.String(), b.String()) })
	out := bufio.NewWriter(to)
	if _, err := packfile.NewEncoder(out, store, false).Encode(hashes, 0); err != nil {
		return r.damaged(err)
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: subject})
	return out.Flush()
}

// closure adds the trees and files of a commit.
func closure(ctx context.Context, commit *object.Commit, seen map[plumbing.Hash]bool) error {
	root, err := commit.Tree()
	if err != nil {
		return err
	}
	todo := []*object.Tree{root}
	seen[root.Hash] = true
	for len(todo) > 0 && ctx.Err() == nil {
		tree := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for i := range tree.Entries {
			e := &tree.Entries[i]
			if seen[e.Hash] || e.Mode == filemode.Submodule {
				continue
			}
			seen[e.Hash] = true
			if e.Mode == filemode.Dir {
				sub, err := tree.Tree(e.Name)
				if err != nil {
					return err
				}
				todo = append(todo, sub)
			}
		}
	}
	return ctx.Err()
}

// ExportRefs is the file of refs of a mirror that has these revisions of the repository of src, besides those that the file old
// has, which may be nil. A version that old has at another commit is an error of kind Integrity.
func (o *Origin) ExportRefs(ctx context.Context, src resolve.Source, revs []resolve.Revision, old []byte) ([]byte, error) {
	live, err := o.remote(src).live(ctx)
	if err != nil {
		return nil, err
	}
	out := &refs{Branches: map[string]string{}, Tags: map[string]tag{}}
	if old != nil {
		if out, err = parseRefs(old); err != nil {
			return nil, &report.Error{Kind: report.Integrity, What: "the mirror's refs of " + src.String() + " cannot be read", Err: err, Next: "write the mirror into another folder"}
		}
	}
	if out.Pseudo == nil {
		out.Pseudo = map[string]map[string]string{}
	}
	for _, rev := range revs {
		if module.IsPseudoVersion(rev.Version) {
			if out.Pseudo[src.Dir] == nil {
				out.Pseudo[src.Dir] = map[string]string{}
			}
			out.Pseudo[src.Dir][rev.Commit] = rev.Version
		} else {
			name, ok := live.versions(src.Dir)[rev.Version]
			t := live.Tags[name]
			if !ok || t.Commit != rev.Commit { // gone or moved since: the locked commit is what counts
				name, t = strings.TrimPrefix(src.Dir+"/"+rev.Version, "/"), tag{Commit: rev.Commit}
			}
			if before, known := out.versions(src.Dir)[rev.Version]; known && out.Tags[before].Commit != rev.Commit {
				return nil, verify.Mismatch(src.String()+"@"+rev.Version+" in the mirror", "commit", out.Tags[before].Commit, rev.Commit)
			}
			out.Tags[name] = t
		}
	}
	has := out.tips()
	for name, commit := range live.Branches {
		if has[commit] {
			out.Branches[name] = commit
		}
	}
	if has[live.Commit] {
		out.Head, out.Commit = live.Head, live.Commit
	}
	data, err := json.MarshalIndent(out, "", "  ")
	return append(data, '\n'), err
}

// Place is where the repository of src is published, which is how a mirror names it.
func Place(src resolve.Source) string { return repositoryURL(src) }

// NewClient is the client for mirrors: with the proxies, certificates, patience and repetitions of that for git hosts.
func NewClient(env func(string) string) (*http.Client, error) { return newClient(env, time.Minute) }

// Netrc is the login for a host in the user's .netrc.
func Netrc(host string) (user, password string, ok bool) { return readNetrc(os.Getenv, host) }
