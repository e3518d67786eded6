package project

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// imageKind is how images are called where they stand beside providers and services.
const imageKind = "image"

// lockImages fills in the images of the services of a lock: what the previous lock holds of them as long as the service and
// what it is called there are the same, without a request; else what their registries say now. moves tells the services
// of the previous lock whose images are looked up again. An image whose registry does not answer is locked without a
// digest, with a warning; under [policy] images = "locked" that is an error of kind Policy.
func (p *Project) lockImages(ctx context.Context, m *lockfile.Manifest, lock, previous *lockfile.Lock, graph *resolve.Graph, moves func(*lockfile.Module) bool) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	var asked imageDigests
	services, id := instances(lock), service.ProjectID(p.dir)
	locked := modulesByVersion(previous)
	notes, hints := notedIn(lock, graph), p.hints(ctx, lock, modulesOf(services)...)
	defer notes.keep(p.origin)
	rest := make([]*imageWork, len(services))
	sideBySide(len(services), func(i int) {
		in := services[i]
		before := locked[moduleVersion{in.module.Source, in.module.Version}]
		moved := before != nil && moves(before)
		if before != nil && !moved && len(before.Images) > 0 && before.Sum == in.module.Sum && previous.Torn == nil &&
			len(ownEnvironment(m, in.name)) == 0 && (m.Policy.Images == "" || len(floatingOf(before)) == 0) {
			in.module.Images = before.Images
			return
		}
		spec := imageSpec(id, m, in, hints[in.module])
		noted, known := notes.images(in.module)
		if known = known && service.Shared(spec, nil); known && pinned(noted) {
			in.module.Images = lockedAs(noted)
			return
		}
		rest[i] = &imageWork{before, moved, spec, noted, known}
	})
	for i, in := range services {
		if rest[i] == nil {
			continue
		}
		before, moved, spec, noted, known := rest[i].before, rest[i].moved, rest[i].spec, rest[i].noted, rest[i].known
		group.Go(func() error {
			wanted := noted
			if !known {
				var err error
				if wanted, err = p.wantedImages(ctx, in, spec, before == nil); isNotSynced(err) {
					in.module.Images = before.Images
					return nil
				}
				if err != nil && ctx.Err() == nil {
					report.Warn(ctx, in.name, "", "its images are not locked: "+err.Error())
					return nil
				}
				if err != nil {
					return err
				}
				if service.Shared(spec, wanted) {
					notes.add(in.module, wanted)
				}
			}
			return p.fillImages(ctx, m, in, wanted, before, moved, &asked)
		})
	}
	return group.Wait()
}

// imageWork is what is known of a service whose images have to be looked up.
type imageWork struct {
	before *lockfile.Module
	moved  bool
	spec   service.Spec
	noted  []service.Image
	known  bool
}

// pinned reports whether all images name their digests themselves.
func pinned(images []service.Image) bool {
	return !slices.ContainsFunc(images, func(i service.Image) bool { return i.Digest == "" })
}

func lockedAs(images []service.Image) []lockfile.Image {
	var out []lockfile.Image
	for _, i := range images {
		out = append(out, lockfile.Image(i))
	}
	return out
}

type moduleVersion struct{ source, version string }

// modulesByVersion finds what a lock holds of many modules; nothing where there is no lock.
func modulesByVersion(lock *lockfile.Lock) map[moduleVersion]*lockfile.Module {
	if lock == nil {
		return nil
	}
	out := make(map[moduleVersion]*lockfile.Module, len(lock.Modules))
	for i := range lock.Modules {
		m := &lock.Modules[i]
		out[moduleVersion{m.Source, m.Version}] = m
	}
	return out
}

// ownEnvironment is what conduit.toml sets for a service: it may stand in the names of images. Profiles are not part of a
// lock.
func ownEnvironment(m *lockfile.Manifest, name string) map[string]string {
	if e := entry(m, lockfile.KindService, name); e != nil {
		return e.Env
	}
	return nil
}

// wantedImages reads which images a service uses. With fetch its files are fetched where the cache lacks them; else that is
// an error that isNotSynced knows.
func (p *Project) wantedImages(ctx context.Context, in instance, spec service.Spec, fetch bool) (images []service.Image, err error) {
	spec.Dir, err = p.locate(ctx, in.module)
	if isNotSynced(err) && fetch {
		spec.Dir, err = p.fetch(ctx, in.module)
	}
	if err != nil {
		return nil, err
	}
	quiet := report.To(ctx, nil) // its manifest is read again when it is started
	if spec.Service, err = readService(quiet, in.module, spec.Dir); err != nil {
		return nil, err
	}
	return service.Images(quiet, spec)
}

// imageSpec is what bears on a service's images besides its package.
func imageSpec(project string, m *lockfile.Manifest, in instance, hint manifest.ServiceConfig) service.Spec {
	return service.Spec{
		Project: project, Name: in.name, Source: in.module.Source, Version: in.module.Version, Sum: in.module.Sum,
		Hint: hint, Env: ownEnvironment(m, in.name),
	}
}

func imageOf(m *lockfile.Module, service, ref string) (lockfile.Image, bool) {
	i := slices.IndexFunc(m.Images, func(i lockfile.Image) bool { return i.Service == service && i.Ref == ref })
	if i < 0 {
		return lockfile.Image{}, false
	}
	return m.Images[i], true
}

// floatingOf lists the images of a module that the lock holds without a digest.
func floatingOf(m *lockfile.Module) []lockfile.Image {
	var out []lockfile.Image
	for _, i := range m.Images {
		if i.Digest == "" {
			out = append(out, i)
		}
	}
	return out
}

// forbidFloating refuses a lock with images that it does not pin, where conduit.toml asks for that.
func forbidFloating(m *lockfile.Manifest, lock *lockfile.Lock) error {
	if m.Policy.Images == "" {
		return nil
	}
	for _, in := range instances(lock) {
		if list := floatingOf(in.module); len(list) > 0 {
			return service.Floating(in.name, service.Image(list[0]))
		}
	}
	return nil
}

// checkImages warns of the images that float: those that the lock holds without a digest, and, as far as the packages are in
// the cache, those that it does not hold at all. Under [policy] images = "locked" it is an error.
func (p *Project) checkImages(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) error {
	services := instances(lock)
	hints := p.hints(ctx, lock, modulesOf(services)...)
	for _, in := range services {
		list := floatingOf(in.module)
		if wanted, err := p.wantedImages(ctx, in, imageSpec(service.ProjectID(p.dir), m, in, hints[in.module]), false); err == nil {
			for _, i := range wanted {
				if _, known := imageOf(in.module, i.Service, i.Ref); !known && i.Digest == "" {
					list = append(list, lockfile.Image(i))
				}
			}
		}
		for _, i := range list {
			if m.Policy.Images != "" {
				return service.Floating(in.name, service.Image(i))
			}
			report.Warn(ctx, in.name, "", "the image "+i.Ref+" floats: the lock holds no digest of it; conduit update "+in.name+" asks its registry")
		}
	}
	return nil
}

// outdatedImages lists the images whose tag names another image now than the locked one. A registry that does not answer is
// a warning.
func (p *Project) outdatedImages(ctx context.Context, lock *lockfile.Lock) ([]Outdated, error) {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	var asked imageDigests
	var mu sync.Mutex
	var out []Outdated
	for _, in := range instances(lock) {
		for _, i := range in.module.Images {
			if i.Ref == "" || image.Pinned(i.Ref) != "" {
				continue
			}
			group.Go(func() error {
				now, err := p.askDigest(groupCtx, in.module.Source, i.Ref, &asked)
				if err != nil {
					if groupCtx.Err() == nil {
						report.Warn(ctx, in.name, "", "cannot tell whether "+i.Ref+" has moved: "+err.Error())
					}
					return groupCtx.Err()
				}
				if now != i.Digest {
					mu.Lock()
					defer mu.Unlock()
					out = append(out, Outdated{Name: in.name, Kind: imageKind, Source: i.Ref, Locked: cmp.Or(shortDigest(i.Digest), "floating"), Allowed: shortDigest(now), Newest: shortDigest(now)})
				}
				return nil
			})
		}
	}
	err := group.Wait()
	slices.SortFunc(out, func(a, b Outdated) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Source, b.Source)) })
	return slices.Compact(out), err
}

// shortDigest is enough of a digest to tell two apart.
func shortDigest(digest string) string {
	if image.IsDigest(digest) {
		return digest[:len("sha256:")+12]
	}
	return digest
}
