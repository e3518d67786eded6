package project

import (
	"context"
	"errors"
	"io/fs"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// SyncOptions say how to sync.
type SyncOptions struct {
	Locked bool // never lock: a lock that is missing or does not belong to conduit.toml is an error of kind Lock
}

// Sync puts everything in place that run and up need, as conduit.lock names it: sources, libraries, built providers and,
// where a Docker engine answers, images. It locks first where there is no lock or conduit.toml has changed, unless Locked
// forbids it; it returns what locking changed. In a synced project it makes no request and writes nothing, but for a note of what it
// has hashed.
func (p *Project) Sync(ctx context.Context, opts SyncOptions) ([]lockfile.Change, error) {
	m, lock, changes, err := p.lockFor(ctx, opts)
	if err != nil {
		return nil, err
	}
	if err := p.materialise(ctx, m, lock); err != nil {
		return nil, p.aboutVendor(p.unread(err))
	}
	return changes, p.aboutVendor(p.unread(p.prepare(ctx, m, lock, false)))
}

// unread is err, or what the disk failed with where err says that something is not there which a sync has just put in place.
func (p *Project) unread(err error) error {
	if why := p.cache.Unread(); why != nil && isNotSynced(err) {
		return why
	}
	return err
}

// lockFor returns the lock to sync from, and what had to change in it first.
func (p *Project) lockFor(ctx context.Context, opts SyncOptions) (*lockfile.Manifest, *lockfile.Lock, []lockfile.Change, error) {
	m, lock, stale, err := p.state(ctx)
	missing := errors.Is(err, fs.ErrNotExist) && m != nil
	if opts.Locked || !missing && len(stale) == 0 {
		if err == nil {
			err = lockfile.StaleError(stale)
		}
		if err == nil && opts.Locked {
			err = forbidLocal(lock)
		}
		if err == nil {
			err = forbidFloating(m, lock)
		}
		if err == nil {
			err = p.permitLocked(lock)
		}
		if err == nil {
			err = p.permitContent(ctx, lock, layout.Here().Runs)
		}
		return m, lock, nil, err
	}
	changes, err := p.Lock(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	m, lock, err = p.current(ctx)
	return m, lock, changes, err
}

// forbidLocal refuses a lock that was made under conduit.local.toml: it names folders of one machine.
func forbidLocal(lock *lockfile.Lock) error {
	for i := range lock.Modules {
		if m := &lock.Modules[i]; m.Local {
			return &report.Error{Kind: report.Lock, What: lockfile.Name + " was made with a local replacement of " + m.Replaces, Where: lockfile.LocalName,
				Next: "delete the replacement from " + lockfile.LocalName + ", then type: conduit lock"}
		}
	}
	return nil
}

// materialise fetches, verifies and builds what the lock names and the cache lacks, but for the services' images.
func (p *Project) materialise(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) error {
	if err := p.checkBuilder(lock); err != nil {
		return err
	}
	ctx, finish := p.cache.Batch(ctx)
	group, groupCtx := errgroup.WithContext(ctx)
	group.Go(func() error { return p.installNode(groupCtx, m, lock) })
	group.Go(func() error { return p.fetchAhead(groupCtx, lock) })
	group.Go(func() error { return p.materialiseProviders(groupCtx, m, lock) })
	group.Go(func() error { return p.fetchServices(groupCtx, lock) })
	if err := errors.Join(group.Wait(), finish()); err != nil {
		p.discard(err, lock.Libraries)
		return err
	}
	p.warnEngines(ctx, m, lock)
	return nil
}

// builds is how many providers are built at once. Each takes tens of megabytes, and what they are made of is fetched ahead:
// more of them than processors would wait for each other.
var builds = max(2, min(parallel, runtime.GOMAXPROCS(0)))

// materialiseProviders builds what the cache lacks of providers, and the host that runs them.
func (p *Project) materialiseProviders(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(builds)
	providers := largestFirst(lock)
	for _, module := range providers {
		group.Go(func() error { return p.materialiseProvider(ctx, m, lock, module) })
	}
	if len(providers) > 0 {
		group.Go(func() error {
			if _, err := p.builder.Host(ctx, p.tarball); err != nil {
				return err
			}
			return p.recheckHost()
		})
	}
	return group.Wait()
}

// fetchServices fetches the files of services.
func (p *Project) fetchServices(ctx context.Context, lock *lockfile.Lock) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, in := range instances(lock) {
		group.Go(func() error {
			dir, err := p.fetch(ctx, in.module)
			if err != nil {
				return err
			}
			return p.recheck(ctx, in.module, dir)
		})
	}
	return group.Wait()
}

// checkBuilder refuses a lock whose artifacts another builder made: this conduit could not make the same bytes.
func (p *Project) checkBuilder(lock *lockfile.Lock) error {
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind == lockfile.KindProvider && m.Builder != build.Version() {
			return &report.Error{Kind: report.Lock, What: "another conduit built " + subject(m), Where: lockfile.Name,
				Why:  "the lock was made with " + m.Builder + ", this conduit builds with " + build.Version(),
				Next: "use a conduit that says \"" + m.Builder + "\" to conduit version, or type: conduit lock    to build with this one"}
		}
	}
	return nil
}

// materialiseProvider has a provider's artifact in the cache afterwards, with the digest that the lock names. Where the
// provider's files are in the cache too, the artifact must be the one that was built from just these files and libraries:
// a lock that another machine could not sync is not synced here either.
func (p *Project) materialiseProvider(ctx context.Context, manifest *lockfile.Manifest, lock *lockfile.Lock, m *lockfile.Module) error {
	artifact, err := p.materialiseArtifact(ctx, lock, m)
	if err != nil {
		return err
	}
	return p.layOut(ctx, manifest, lock, m, artifact)
}

func (p *Project) materialiseArtifact(ctx context.Context, lock *lockfile.Lock, m *lockfile.Module) (build.Artifact, error) {
	artifact, ok := p.builder.Find(m.Artifact)
	if ok {
		err := p.witness.Check(artifact.Dir, artifact.Digest, func() error { return p.checkArtifact(ctx, m, artifact) })
		if err != nil {
			return artifact, err
		}
		dir, err := p.locate(ctx, m)
		if isNotSynced(err) && m.Version != "" {
			return artifact, nil
		}
		if err != nil {
			return artifact, err
		}
		ctx = report.To(ctx, nil) // its warnings were shown when it was built
		about, err := readProvider(ctx, m, dir)
		if err != nil {
			return artifact, err
		}
		return p.buildLocked(ctx, lock, m, dir, about, p.recheck)
	}
	dir, about, err := p.provider(ctx, m, nil)
	if err != nil {
		return artifact, err
	}
	p.engines.wish(m, about)
	return p.buildLocked(ctx, lock, m, dir, about, rehash) // what is about to be built is read again
}

// buildLocked returns the artifact that is built from a provider's files in dir, which must be the locked one; check says whether the
// files are.
func (p *Project) buildLocked(ctx context.Context, lock *lockfile.Lock, m *lockfile.Module, dir string, about *manifest.Provider, check func(context.Context, *lockfile.Module, string) error) (build.Artifact, error) {
	if err := errors.Join(check(ctx, m, dir), checkDeclared(m, about)); err != nil {
		return build.Artifact{}, err
	}
	artifact, err := p.build(ctx, m, dir, about, librariesOf(lock, m))
	if err == nil && artifact.Digest != m.Artifact {
		err = verify.Mismatch(subject(m), "artifact digest", m.Artifact, artifact.Digest)
	}
	return artifact, err
}

// prepare builds or pulls the images of the services, where an engine answers. Their files must be in the cache. With
// tolerant an image that cannot be had is a warning: get has done what it was asked for by then.
func (p *Project) prepare(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, tolerant bool) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, in := range instances(lock) {
		group.Go(func() error {
			err := p.prepareService(ctx, m, lock, in)
			switch {
			case errors.Is(err, service.ErrNoEngine): // the project's other providers can be run here
				report.Warn(ctx, in.name, "", "cannot be started on this machine: no Docker engine answers")
				return nil
			case tolerant && (report.KindOf(err) == report.Network || report.KindOf(err) == report.Service) && ctx.Err() == nil:
				report.Warn(ctx, in.name, "", "is not ready to start; conduit sync tries again: "+err.Error())
				return nil
			}
			return err
		})
	}
	return group.Wait()
}

func (p *Project) prepareService(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, in instance) error {
	spec, err := p.spec(ctx, m, lock, in)
	if err != nil {
		return err
	}
	ready, err := p.services.Prepared(ctx, spec)
	if err != nil || ready {
		return err
	}
	if err := rehash(ctx, in.module, spec.Dir); err != nil {
		return err
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "prepare", Subject: in.name})
	if err := p.services.Prepare(ctx, spec); err != nil {
		return err
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "prepare", Subject: in.name})
	return nil
}
