package project

import (
	"context"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// verifyDeep looks at what the lock's digests alone do not tell: every entry of the cache, whoever uses it, is hashed and
// compared with its record, and the tarballs of this project's libraries are unpacked in memory. It returns how many
// entries it hashed, and all that is wrong.
func (p *Project) verifyDeep(ctx context.Context, lock *lockfile.Lock) (entries int, errs []error) {
	all, err := p.cache.Entries(ctx)
	if err != nil {
		return 0, []error{err}
	}
	if err := p.cache.Verify(ctx); err != nil {
		errs = append(errs, err)
	}
	for _, l := range lock.Libraries {
		path, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: l.Integrity})
		if !ok {
			continue
		}
		if err := inspect(l, path); err != nil {
			errs = append(errs, err)
		}
	}
	return len(all), errs
}

// inspect unpacks a library's tarball in memory.
func inspect(l resolve.Library, path string) error {
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return err
	}
	archive, err := tarball.OpenVerified(l.Name+"@"+l.Version, path, want, tarball.Limits{})
	if err != nil {
		return err
	}
	return archive.CheckIdentity(l.Name, l.Version)
}

// discard removes those of the libraries from the cache whose tarballs are refused, if err is such a refusal: nothing of
// them is kept. What was fetched must be recorded by then, see [cache.Cache.Batch].
func (p *Project) discard(err error, libraries []resolve.Library) {
	if kind := report.KindOf(err); kind != report.Policy && kind != report.Integrity {
		return
	}
	for _, l := range libraries {
		key := cache.Key{Kind: cache.Library, ID: l.Integrity}
		if path, _, ok := p.cache.Lookup(key); ok && inspect(l, path) != nil {
			_ = p.cache.Remove(key) // a cache that cannot be written to holds what it holds; the error is the refusal
		}
	}
}
