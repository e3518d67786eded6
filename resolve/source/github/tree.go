package github

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/extract"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// metaTime is where a tree's record keeps the commit's time.
const metaTime = "time"

// tree brings the tree of a commit into the cache. rev is what the caller knows of it; its version names the tree in
// messages and must still be tagged on commit if rev tells the commit.
func (o *Origin) tree(ctx context.Context, src resolve.Source, commit string, rev resolve.Revision) (resolve.Tree, error) {
	subject := src.String() + "@" + rev.Version
	if rev.Version == "" {
		subject = src.String() + "@" + commit[:pseudoLength]
	}
	key := cache.Key{Kind: cache.Module, ID: src.String() + "@" + commit}
	path, rec, ok := o.opts.Cache.Lookup(key)
	if !ok && o.opts.Offline {
		return resolve.Tree{}, offline(subject, subject)
	}
	if !ok {
		var err error
		fetched, from := false, o.remote(src).url
		path, rec, err = o.opts.Cache.Tree(ctx, key, func(ctx context.Context, dir string) (cache.Record, error) {
			fetched = true
			return o.fill(mirror.WithOrigin(ctx, &from), src, commit, rev, subject, dir)
		})
		if err != nil {
			return resolve.Tree{}, err
		}
		if fetched { // and not by another conduit meanwhile
			report.Record(ctx, report.Action{Act: report.Fetched, Subject: subject, Digest: rec.Sum, Commit: commit, Origin: from})
		}
	}
	at, err := time.Parse(time.RFC3339, rec.Meta[metaTime])
	if err != nil {
		return resolve.Tree{}, &report.Error{Kind: report.Integrity, What: "the cached record of " + subject + " is damaged", Err: err,
			Next: "run 'conduit cache prune --all', then 'conduit sync': that fetches it again"}
	}
	return resolve.Tree{Revision: resolve.Revision{Commit: commit, Time: at}, Path: path, Sum: rec.Sum}, nil
}

// fill gets commit from a mirror or its host, and writes its files into dir.
func (o *Origin) fill(ctx context.Context, src resolve.Source, commit string, rev resolve.Revision, subject, dir string) (cache.Record, error) {
	r := o.remote(src)
	var store objects
	var found *object.Commit
	var refs *refs
	err := o.opts.Mirror.Fetch(ctx, src.String(), mirror.Pack(r.url, commit), packLimit(o.opts.Limits.Bytes), func(in io.Reader) (err error) {
		store, found, err = r.unpack(ctx, in, commit, subject)
		return err
	}, func() (err error) {
		if refs, err = r.live(ctx); err == nil {
			store, found, err = o.fetchCommit(ctx, src, commit, rev, refs, subject)
		}
		return err
	})
	if err != nil {
		return cache.Record{}, err
	}
	defer store.remove()
	w := treeWriter{remote: r, src: src, subject: subject}
	if err := w.write(ctx, found, dir, o.opts.Limits); err != nil {
		return cache.Record{}, err
	}
	if o.signed(src, rev) {
		if refs == nil {
			if refs, err = r.refs(ctx); err != nil {
				return cache.Record{}, err
			}
		}
		if _, err := o.keepSigned(store, src, resolve.Revision{Version: rev.Version, Commit: commit}, refs); err != nil {
			return cache.Record{}, err
		}
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: subject})
	at := found.Committer.When.UTC().Format(time.RFC3339)
	return cache.Record{Meta: map[string]string{metaTime: at}}, nil
}

// signed tells whether the signature of a version will be asked for.
func (o *Origin) signed(src resolve.Source, rev resolve.Revision) bool {
	return rev.Version != "" && o.opts.Signed != nil && o.opts.Signed(src.String())
}

// fetchCommit fetches commit from the host, after a look at whether rev's tag still names it.
func (o *Origin) fetchCommit(ctx context.Context, src resolve.Source, commit string, rev resolve.Revision, refs *refs, subject string) (store objects, found *object.Commit, err error) {
	r := o.remote(src)
	if err := checkTag(ctx, src, rev, refs); err != nil {
		return store, nil, err
	}
	wants := r.askable(refs, commit)
	if o.signed(src, rev) {
		wants = r.signedWants(refs, src, resolve.Revision{Version: rev.Version, Commit: commit})
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: subject})
	store, err = r.fetch(ctx, request{wants: wants, depth: 1, subject: subject})
	if errors.Is(err, errNoObjects) {
		return store, nil, noSuchName(src, refs, commit)
	}
	if err != nil {
		return store, nil, err
	}
	found, err = object.GetCommit(store, plumbing.NewHash(commit))
	if errors.Is(err, plumbing.ErrObjectNotFound) && len(wants) > 1 {
		// A host that gives tips only: the commit lies deeper, so the whole history is needed.
		store.remove()
		if store, err = r.fetch(ctx, request{wants: wants, subject: subject}); err != nil {
			return store, nil, err
		}
		found, err = object.GetCommit(store, plumbing.NewHash(commit))
	}
	if err == nil {
		return store, found, nil
	}
	store.remove()
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return store, nil, noSuchName(src, refs, commit)
	}
	return store, nil, r.damaged(err)
}

// checkTag fails if rev tells a version with its commit and the tag of that version names another commit by now.
func checkTag(ctx context.Context, src resolve.Source, rev resolve.Revision, refs *refs) error {
	if rev.Version == "" || rev.Commit == "" || module.IsPseudoVersion(rev.Version) {
		return nil
	}
	name, ok := refs.versions(src.Dir)[rev.Version]
	if !ok {
		// The commit is what is locked, and a hash cannot lie: a missing tag is worth a word, no more.
		report.Warn(ctx, src.String(), "", "the tag of "+rev.Version+" is gone; the locked commit "+rev.Commit+" is used")
		return nil
	}
	if now := refs.Tags[name].Commit; now != rev.Commit {
		other := rev.Commit[:min(12, len(rev.Commit))] // what was locked, as long as the host still has it
		for _, v := range slices.Backward(refs.releases(src.Dir).Versions) {
			if v != rev.Version {
				other = v
				break
			}
		}
		return &report.Error{Kind: report.Integrity,
			What: "the tag " + name + " of " + src.String() + " was moved since " + rev.Version + " was locked; nothing was fetched",
			Why:  "locked commit " + rev.Commit + "\nthe tag names " + now,
			Next: "ask its publisher why, and have the tag moved back, or lock another version: conduit get " + src.String() + "@" + other}
	}
	return nil
}

// packLimit bounds the compressed pack by what may be unpacked from it.
func packLimit(bytes int64) int64 {
	if bytes == 0 {
		return extract.DefaultLimits.Bytes
	}
	return bytes
}
