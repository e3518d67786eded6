package project

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// Verified counts what Verify looked at.
type Verified struct {
	Modules   int `json:"modules"`
	Libraries int `json:"libraries"`
	Artifacts int `json:"artifacts"`
	Tools     int `json:"tools"`
	Images    int `json:"images,omitempty"`  // of services, in the vendor folder and the cache
	Signed    int `json:"signed,omitempty"`  // signatures of modules
	Entries   int `json:"entries,omitempty"` // of the whole cache, with Deep
}

// VerifyOptions say how much Verify looks at.
type VerifyOptions struct {
	Deep bool // every entry of the cache too, and what is inside the tarballs of libraries
}

// Verify reads everything that the lock names and the cache holds, and compares it with the lock's digests. It makes no
// request and changes nothing. All differences are found before it returns; the error is of kind Integrity.
func (p *Project) Verify(ctx context.Context, opts VerifyOptions) (Verified, error) {
	m, lock, err := p.current(ctx)
	if err != nil {
		return Verified{}, err
	}
	var out Verified
	var errs []error
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind == lockfile.KindProvider {
			if err := p.verifyArtifact(ctx, lock, m); err == nil {
				out.Artifacts++
			} else {
				errs = append(errs, err)
			}
		}
		switch dir, err := p.locate(ctx, m); {
		case isNotSynced(err): // an artifact can be here without its sources
		case err != nil:
			errs = append(errs, err)
		default:
			if err := rehash(ctx, m, dir); err != nil {
				errs = append(errs, err)
			}
			out.Modules++
		}
	}
	signed, wrong := p.verifySigners(ctx, lock)
	out.Signed, errs = signed, append(errs, wrong...)
	if err := p.builder.CheckHost(); err != nil {
		errs = append(errs, err)
	}
	for _, l := range lock.Libraries {
		found, err := p.verifyLibrary(ctx, l)
		if err != nil {
			errs = append(errs, err)
		}
		if found {
			out.Libraries++
		}
	}
	switch found, err := p.verifyNode(ctx, m, lock); {
	case err != nil:
		errs = append(errs, err)
	case found:
		out.Tools++
	}
	images, wrong := p.verifyImages(ctx, m, lock)
	out.Images, errs = images, append(errs, wrong...)
	if opts.Deep {
		entries, wrong := p.verifyDeep(ctx, lock)
		out.Entries, errs = entries, append(errs, wrong...)
	}
	slices.SortStableFunc(errs, func(a, b error) int { return cmp.Compare(gravity(a), gravity(b)) })
	if err := errors.Join(errs...); err != nil {
		return out, p.aboutVendor(first(errs, err))
	}
	return out, nil
}

// gravity sorts errors so that what is wrong comes before what is missing: the first decides about the exit code.
func gravity(err error) int {
	switch report.KindOf(err) {
	case report.Integrity:
		return 0
	case report.Lock:
		return 2
	}
	return 1
}

func (p *Project) verifyArtifact(ctx context.Context, lock *lockfile.Lock, m *lockfile.Module) error {
	artifact, ok := p.builder.Find(m.Artifact)
	if !ok {
		return notSynced(subject(m))
	}
	if err := p.checkArtifact(ctx, m, artifact); err != nil {
		return err
	}
	plan, err := p.layoutOf(nil, lock, m, artifact)
	if err != nil || plan == nil {
		return err
	}
	return plan.Verify(ctx, p.cache)
}

// verifyLibrary reads a library's tarball again. It reports whether the cache has it.
func (p *Project) verifyLibrary(ctx context.Context, l resolve.Library) (bool, error) {
	path, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: l.Integrity})
	if !ok {
		return false, nil
	}
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return true, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return true, &report.Error{What: "cannot read the tarball of " + l.Name + "@" + l.Version, Where: path, Err: err, Next: "conduit cache prune --all, then conduit sync"}
	}
	if err := want.CheckBytes(l.Name+"@"+l.Version, data); err != nil {
		return true, err
	}
	report.Record(ctx, report.Action{Act: report.Verified, Subject: l.Name + "@" + l.Version, Digest: want.String()})
	return true, nil
}

func isNotSynced(err error) bool {
	return err != nil && report.KindOf(err) == report.Lock
}
