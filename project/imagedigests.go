package project

import (
	"cmp"
	"context"
	"errors"
	"io"
	"sync"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// imageDigests asks registries for digests, for each reference once.
type imageDigests struct {
	mu    sync.Mutex
	known map[string]func() (string, error)
}

func (d *imageDigests) digest(ctx context.Context, p *Project, source, ref string) (string, error) {
	d.mu.Lock()
	if d.known == nil {
		d.known = map[string]func() (string, error){}
	}
	key := source + " " + ref // mirrors may be asked for one source and not for the other
	ask := d.known[key]
	if ask == nil {
		ask = sync.OnceValues(func() (string, error) { return p.publishedDigest(ctx, source, ref) })
		d.known[key] = ask
	}
	d.mu.Unlock()
	return ask()
}

// publishedDigest asks mirrors and the registry, in the order of the route, which image a reference names now.
func (p *Project) publishedDigest(ctx context.Context, source, ref string) (found string, err error) {
	err = p.route.Fetch(ctx, source, mirror.Image(image.IndexFile), maxImageIndex, func(in io.Reader) error {
		index, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		found, err = image.NamedDigest(index, ref)
		return err
	}, func() (err error) {
		found, err = image.Digest(ctx, ref)
		return err
	})
	return found, err
}

// maxImageIndex bounds the list of the images of a mirror, in bytes.
const maxImageIndex = 64 << 20

// fillImages gives a service's images their digests.
func (p *Project) fillImages(ctx context.Context, m *lockfile.Manifest, in instance, wanted []service.Image, before *lockfile.Module, moved bool, asked *imageDigests) error {
	var out []lockfile.Image
	for _, i := range wanted {
		l := lockfile.Image(i)
		var had lockfile.Image
		known := false
		if before != nil && !moved {
			had, known = imageOf(before, i.Service, i.Ref)
		}
		switch {
		case l.Digest != "":
		case known && (had.Digest != "" || m.Policy.Images == ""):
			l.Digest = had.Digest
		default:
			digest, err := p.askDigest(ctx, in.module.Source, i.Ref, asked)
			if report.KindOf(err) == report.Interrupted {
				return err
			}
			if err != nil && before != nil {
				was, _ := imageOf(before, i.Service, i.Ref)
				digest = was.Digest // an update that finds nothing newer takes nothing away
			}
			if err != nil && digest == "" && m.Policy.Images != "" {
				return unpinned(in.name, i, err)
			}
			if err != nil {
				report.Warn(ctx, in.name, "", floats(i.Ref, digest, err))
			}
			l.Digest = digest
		}
		out = append(out, l)
	}
	in.module.Images = out
	return nil
}

func (p *Project) askDigest(ctx context.Context, source, ref string, asked *imageDigests) (string, error) {
	if p.offline {
		return "", &report.Error{Kind: report.Network, What: "no registry is asked offline"}
	}
	report.Emit(ctx, report.Event{Type: report.Detail, Step: "resolve", Subject: ref, Message: "asking its registry"})
	return asked.digest(ctx, p, source, ref)
}

// floats words that an image is not locked, or stays where it is.
func floats(ref, digest string, err error) string {
	var e *report.Error
	why := err.Error()
	if errors.As(err, &e) {
		why = cmp.Or(e.What, why)
		if e.Why != "" {
			why += ": " + e.Why
		} else if e.Err != nil {
			why += ": " + e.Err.Error()
		}
	}
	if digest != "" {
		return "the image " + ref + " stays where it is: " + why
	}
	return "the image " + ref + " is not locked, and may be another tomorrow: " + why
}

// unpinned is the error where conduit.toml asks for locked images and a registry names no digest.
func unpinned(name string, i service.Image, err error) error {
	var e *report.Error
	if errors.As(service.Floating(name, i), &e) {
		e.Where, e.Err, e.Why = lockfile.ManifestName, err, `images = "locked" under [policy] asks for a digest: `+err.Error()
		e.Next = "conduit lock    when the registry answers\nor name the digest in the package"
	}
	return e
}
