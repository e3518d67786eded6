package project

import (
	"context"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// licences are what the packages of a lock state of themselves.
type licences struct {
	stated  map[string]string // by SOURCE@VERSION of a module, and by NAME@VERSION of a library; "" for one that states none
	unknown []string          // those that could not be read without the network
}

// licencesOf reads the licences of modules and libraries out of their verified files. What the cache lacks is fetched; offline it is
// unknown.
func (p *Project) licencesOf(ctx context.Context, modules []lockfile.Module, libraries []resolve.Library) (licences, error) {
	out := licences{stated: map[string]string{}}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	note := func(id, text string, err error) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			out.stated[id] = text
		case p.offline && report.KindOf(err) == report.Network:
			out.unknown = append(out.unknown, id)
		default:
			return err
		}
		return nil
	}
	for i := range modules {
		m := &modules[i]
		group.Go(func() error {
			text, err := p.licenceOfModule(ctx, m)
			return note(subject(m), text, err)
		})
	}
	for _, l := range libraries {
		group.Go(func() error {
			text, err := p.licenceOfLibrary(ctx, l)
			return note(l.Name+"@"+l.Version, text, err)
		})
	}
	return out, group.Wait()
}

func (p *Project) licenceOfModule(ctx context.Context, m *lockfile.Module) (string, error) {
	dir, err := p.fetch(ctx, m)
	if err != nil {
		return "", err
	}
	return manifest.ReadLicence(ctx, dir, subject(m))
}

// licenceMemory begins the names of the documents that hold the licence of a tarball, by its integrity: reading it again means
// unpacking all of it.
const licenceMemory = "licence 1 "

func (p *Project) licenceOfLibrary(ctx context.Context, l resolve.Library) (string, error) {
	if known, ok := p.cache.Meta(licenceMemory + l.Integrity); ok {
		return string(known), nil
	}
	path, err := p.tarball(ctx, l)
	if err != nil {
		return "", err
	}
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return "", err
	}
	text, name := "", l.Name+"@"+l.Version
	err = tarball.Scan(name, path, want, tarball.Limits{}, func(file string, content io.Reader) error {
		if file != "package.json" {
			return nil
		}
		data, err := io.ReadAll(io.LimitReader(content, longestPackageJSON))
		text = manifest.Licence(data)
		return err
	})
	if err != nil {
		p.discard(err, []resolve.Library{l})
		return "", err
	}
	_ = p.cache.PutMeta(licenceMemory+l.Integrity, []byte(text)) // what is not remembered is read again
	return text, nil
}

// longestPackageJSON bounds what is read of a library's package.json, in bytes; the greatest of published ones have some hundred
// thousand.
const longestPackageJSON = 4 << 20

// licencesOfLock is licencesOf for all that a lock holds.
func (p *Project) licencesOfLock(ctx context.Context, lock *lockfile.Lock) (licences, error) {
	ctx, finish := p.cache.Batch(ctx)
	out, err := p.licencesOf(ctx, lock.Modules, lock.Libraries)
	if ferr := finish(); err == nil {
		err = ferr
	}
	return out, err
}
