package github

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// longestObject bounds a tag or commit in bytes.
const longestObject = 1 << 20

// signedName is the name under which the objects that a signature may be in lie in the cache.
func signedName(src resolve.Source, rev resolve.Revision) string {
	return "signed " + src.String() + "@" + rev.Version + " " + rev.Commit
}

// Signed implements [resolve.Signatures]. The objects are asked for without any files.
func (o *Origin) Signed(ctx context.Context, src resolve.Source, rev resolve.Revision, anew bool) (resolve.Signed, error) {
	if err := checkCommit(src, rev); err != nil {
		return resolve.Signed{}, err
	}
	if data, ok := o.opts.Cache.Meta(signedName(src, rev)); ok && !anew {
		var kept resolve.Signed
		if json.Unmarshal(data, &kept) == nil && hashOf(plumbing.CommitObject, kept.Commit) == rev.Commit {
			return kept, nil
		}
	}
	subject := src.String() + "@" + rev.Version
	if o.opts.Offline {
		return resolve.Signed{}, offline(subject, "the signature of "+subject)
	}
	r := o.remote(src)
	refs, err := r.refs(ctx)
	if err != nil {
		return resolve.Signed{}, err
	}
	var store objects
	err = o.opts.Mirror.Fetch(ctx, src.String(), mirror.Pack(r.url, rev.Commit), packLimit(o.opts.Limits.Bytes), func(in io.Reader) (err error) {
		store, _, err = r.unpack(ctx, in, rev.Commit, subject)
		return err
	}, func() (err error) {
		if refs, err = r.live(ctx); err == nil {
			store, err = o.fetchSigned(ctx, src, rev, refs, subject)
		}
		return err
	})
	if err != nil {
		return resolve.Signed{}, err
	}
	defer store.remove()
	return o.keepSigned(store, src, rev, refs)
}

// fetchSigned asks the host for the objects that a signature may be in.
func (o *Origin) fetchSigned(ctx context.Context, src resolve.Source, rev resolve.Revision, refs *refs, subject string) (objects, error) {
	r := o.remote(src)
	want := request{wants: r.signedWants(refs, src, rev), depth: 1, filter: packp.FilterTreeDepth(0), subject: subject}
	store, err := r.fetch(ctx, want)
	if errors.Is(err, errNoObjects) {
		return store, noSuchName(src, refs, rev.Commit)
	}
	if err == nil && store.HasEncodedObject(plumbing.NewHash(rev.Commit)) != nil && len(want.wants) > 1 {
		store.remove()
		want.depth = 0 // as in fill: the commit lies deeper than what the host gives
		store, err = r.fetch(ctx, want)
	}
	return store, err
}

// signedWants are the hashes to ask for in order to get the commit and the tag object of its version.
func (r *remote) signedWants(refs *refs, src resolve.Source, rev resolve.Revision) []string {
	wants := r.askable(refs, rev.Commit)
	if _, object := refs.signedRef(src, rev); object != "" && object != wants[0] {
		wants = append(wants, object)
	}
	return wants
}

// signedRef is the tag that makes the revision's commit its version, and the hash of its object where it has one.
func (r *refs) signedRef(src resolve.Source, rev resolve.Revision) (name, object string) {
	if rev.Version == "" || module.IsPseudoVersion(rev.Version) {
		return "", ""
	}
	name, ok := r.versions(src.Dir)[rev.Version]
	if !ok || r.Tags[name].Commit != rev.Commit {
		return "", ""
	}
	return name, r.Tags[name].Object
}

// keepSigned reads the objects that a signature may be in and keeps them in the cache.
func (o *Origin) keepSigned(store objects, src resolve.Source, rev resolve.Revision, refs *refs) (resolve.Signed, error) {
	var out resolve.Signed
	var object string
	var err error
	if out.Commit, err = o.object(store, src, plumbing.CommitObject, rev.Commit); err != nil {
		return out, err
	}
	if out.Ref, object = refs.signedRef(src, rev); object != "" {
		if out.Tag, err = o.object(store, src, plumbing.TagObject, object); err != nil {
			return out, err
		}
	}
	data, err := json.Marshal(out)
	if err != nil {
		return out, err
	}
	return out, o.opts.Cache.PutMeta(signedName(src, rev), data)
}

// object is a tag or commit as git stores it.
func (o *Origin) object(store objects, src resolve.Source, kind plumbing.ObjectType, hash string) ([]byte, error) {
	encoded, err := store.EncodedObject(kind, plumbing.NewHash(hash))
	if err != nil {
		return nil, o.remote(src).damaged(err)
	}
	if encoded.Size() > longestObject {
		return nil, &report.Error{Kind: report.Policy, What: "a " + kind.String() + " of " + src.String() + " has more than a mebibyte", Why: hash,
			Next: "choose another version: conduit get " + src.String() + "@VERSION"}
	}
	r, err := encoded.Reader()
	if err != nil {
		return nil, o.remote(src).damaged(err)
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, o.remote(src).damaged(err)
	}
	if got := hashOf(kind, data); got != hash {
		return nil, verify.Mismatch(src.String(), kind.String(), hash, got)
	}
	return data, nil
}

// hashOf is git's hash of an object; attacks on SHA-1 that are known give another one.
func hashOf(kind plumbing.ObjectType, data []byte) string {
	return plumbing.ComputeHash(kind, data).String()
}
