package project

import (
	"context"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
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
		want, err := verify.ParseIntegrity(l.Integrity)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		archive, err := tarball.OpenVerified(l.Name+"@"+l.Version, path, want, tarball.Limits{})
		if err == nil {
			err = archive.CheckIdentity(l.Name, l.Version)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	return len(all), errs
}
