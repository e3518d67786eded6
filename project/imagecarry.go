package project

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// ImageOptions say which images of services go into a vendor folder or a mirror.
type ImageOptions struct {
	NoImages  bool     // none
	Platforms []string // "linux/amd64"; none for those that are usual
}

// EnginePlatforms are the platforms that engines run on where conduit does.
var EnginePlatforms = []string{"linux/amd64", "linux/arm64"}

// thisEngine is the platform that the engines of this machine have: elsewhere than on Linux they are in a virtual machine.
func thisEngine() []string {
	_, cpu, _ := strings.Cut(here().name, "-")
	return []string{"linux/" + cpu}
}

// carriedImage is an image that the lock pins.
type carriedImage struct {
	ref    string // with its digest
	source string // of its service
	from   *imageStore
	parts  []image.Parts
}

// carriedBlob is a part of it.
type carriedBlob struct {
	ocispec.Descriptor
	of *carriedImage
}

// carriedImages is what a vendor folder or a mirror has of images.
type carriedImages struct {
	images []*carriedImage
	blobs  []carriedBlob // each once
}

// named are the images by the names that the list of an OCI image layout has for them.
func (c carriedImages) named() []image.Named {
	var out []image.Named
	for _, i := range c.images {
		out = append(out, image.Named{Ref: i.ref, Root: i.parts[0].Root()})
	}
	return out
}

// carried finds what the images of a lock are made of, for each of the platforms that they exist for. An image that floats is a
// warning; one that exists for none of the platforms, or whose registry does not answer, is an error.
func (p *Project) carried(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, opts ImageOptions, usual []string) (out carriedImages, err error) {
	if opts.NoImages {
		return out, nil
	}
	platforms := opts.Platforms
	if len(platforms) == 0 {
		platforms = usual
	}
	out.images, err = p.pinnedImages(m, lock, func(in instance, i lockfile.Image) {
		report.Warn(ctx, in.name, lockfile.Name, "the image "+i.Ref+" stays out: the lock holds no digest of it. conduit update "+in.name+
			" asks its registry; an image of the engine's own is taken along with docker save and docker load")
	})
	if err != nil {
		return out, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, i := range out.images {
		i.from = p.fullStore(ctx, i)
		group.Go(func() (err error) {
			i.parts, err = forPlatforms(groupCtx, i.from, i.ref, platforms)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return out, err
	}
	seen := map[digest.Digest]bool{}
	for _, i := range out.images {
		for _, parts := range i.parts {
			for _, d := range parts.All() {
				if !seen[d.Digest] {
					seen[d.Digest] = true
					out.blobs = append(out.blobs, carriedBlob{d, i})
				}
			}
		}
	}
	return out, nil
}

// fullStore also asks the image's registry.
func (p *Project) fullStore(ctx context.Context, i *carriedImage) *imageStore {
	return &imageStore{Project: p, source: i.source, fetch: true, registry: sync.OnceValues(func() (*image.Repository, error) {
		return image.Registry(ctx, i.ref)
	})}
}

// forPlatforms finds an image for each of the platforms that it exists for.
func forPlatforms(ctx context.Context, from *imageStore, ref string, platforms []string) (out []image.Parts, err error) {
	for _, platform := range platforms {
		parts, err := image.Find(ctx, from, ref, image.Pinned(ref), platform)
		var e *report.Error
		if errors.Is(err, image.ErrPlatform) && errors.As(err, &e) {
			if len(platforms) > 1 {
				report.Warn(ctx, ref, "", "there is none for "+platform+": "+e.Why)
				continue
			}
			told := *e
			told.Next = "name one that it is for: --platform OS/ARCH\nor leave images out: --no-images"
			return nil, &told
		}
		if err != nil {
			return nil, from.absent(ref, err)
		}
		out = append(out, parts)
	}
	if len(out) == 0 {
		return nil, &report.Error{Kind: report.Service, What: "there is no image " + ref + " for any of the platforms that are wanted", Err: image.ErrPlatform,
			Next: "name one that it is for: --platform OS/ARCH\nor leave images out: --no-images"}
	}
	return out, nil
}

// absent is the error for an image that cannot be had.
func (s *imageStore) absent(ref string, err error) error {
	if s.offline && report.KindOf(err) != report.Integrity {
		return &report.Error{Kind: report.Network, What: "the image " + ref + " is not on this machine", Why: "--offline forbids to fetch it",
			Next: "run the command once without --offline; or leave images out: --no-images"}
	}
	return err
}

// pinnedImages lists the images that a lock pins, each once, without those of services that run as processes. floats is called
// with the others.
func (p *Project) pinnedImages(m *lockfile.Manifest, lock *lockfile.Lock, floats func(instance, lockfile.Image)) (out []*carriedImage, err error) {
	known := map[string]bool{}
	for _, in := range instances(lock) {
		set, err := p.settings(m, lockfile.KindService, in.name)
		if err != nil {
			return nil, err
		}
		if set.Driver == service.Process {
			continue
		}
		for _, i := range in.module.Images {
			if i.Ref == "" {
				continue // a context, which comes with the package
			}
			ref := image.Pin(i.Ref, i.Digest)
			if image.Pinned(ref) == "" {
				floats(in, i)
				continue
			}
			if !known[ref] {
				known[ref] = true
				out = append(out, &carriedImage{ref: ref, source: in.module.Source})
			}
		}
	}
	slices.SortFunc(out, func(a, b *carriedImage) int { return cmp.Compare(a.ref, b.ref) })
	return out, nil
}

// copy writes a blob, and compares it while it passes.
func (b carriedBlob) copy(ctx context.Context, to io.Writer) error {
	in, err := b.of.from.Open(ctx, b.Descriptor)
	if err != nil {
		return b.of.from.absent(b.of.ref, err)
	}
	defer in.Close()
	hash := digest.SHA256.Digester()
	if _, err := io.Copy(io.MultiWriter(to, hash.Hash()), in); err != nil {
		return err
	}
	return image.Check(b.of.ref, b.Descriptor, hash.Digest())
}

// each hands the blobs to use, some at a time, and tells of each image when its turn comes and when all of it was handed over.
func (c carriedImages) each(ctx context.Context, use func(context.Context, carriedBlob) error) error {
	left := map[*carriedImage]int{}
	for _, b := range c.blobs {
		left[b.of]++
	}
	var mu sync.Mutex
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, b := range c.blobs {
		if i == 0 || c.blobs[i-1].of != b.of {
			report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: b.of.ref})
		}
		group.Go(func() error {
			if err := use(groupCtx, b); err != nil {
				return err
			}
			mu.Lock()
			left[b.of]--
			done := left[b.of] == 0
			mu.Unlock()
			if done {
				report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: b.of.ref})
				report.Record(ctx, report.Action{Act: report.Fetched, Subject: b.of.ref, Digest: image.Pinned(b.of.ref)})
			}
			return nil
		})
	}
	return group.Wait()
}

// verifyImages compares what this machine has of the images that a lock pins, besides its engine. It returns how many images
// there is something of.
func (p *Project) verifyImages(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (found int, errs []error) {
	all, err := p.pinnedImages(m, lock, func(instance, lockfile.Image) {})
	if err != nil {
		return 0, []error{err}
	}
	for _, i := range all {
		held, err := image.Verify(ctx, &imageStore{Project: p}, i.ref, image.Pinned(i.ref))
		if err != nil {
			errs = append(errs, err)
		}
		if held {
			found++
		}
	}
	return found, errs
}
