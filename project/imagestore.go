package project

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"

	ocispec "github.com/opencontainers/image-spec/specs-go/v1"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
)

// imageStore has what images are made of: the blobs in the vendor folder and in the cache, and those that it fetches.
type imageStore struct {
	*Project
	source   string                            // of the service: the rules of mirrors are about sources
	fetch    bool                              // what is not on this machine comes from mirrors
	registry func() (*image.Repository, error) // where mirrors leave it to the registry; nil where the engine asks that
}

var _ image.Blobs = (*imageStore)(nil)

// Open opens a blob. The error has fs.ErrNotExist in its chain where it is not to be had without asking the registry.
func (s *imageStore) Open(ctx context.Context, d ocispec.Descriptor) (io.ReadCloser, error) {
	if s.vendor != "" {
		if f, err := s.vendor.Open(ctx, d); !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	want, err := image.Integrity(d.Digest)
	if err != nil {
		return nil, err
	}
	key := cache.Key{Kind: cache.Blob, ID: want.String()}
	path, _, ok := s.cache.Lookup(key)
	if !ok {
		if !s.fetch || s.offline {
			return nil, &fs.PathError{Op: "open", Path: d.Digest.String(), Err: fs.ErrNotExist}
		}
		path, err = s.cache.Blob(ctx, key, func(ctx context.Context, w *cache.Writer) error { return s.download(ctx, d, w) })
		if err != nil {
			return nil, err
		}
	}
	return os.Open(path)
}

// download writes a blob from a mirror, or from the registry where mirrors leave it to that.
func (s *imageStore) download(ctx context.Context, d ocispec.Descriptor, w *cache.Writer) error {
	begun, left := false, false
	again := func() error {
		if begun {
			return w.Reset()
		}
		begun = true
		return nil
	}
	err := s.route.Fetch(ctx, s.source, mirror.Image(image.BlobFile(d.Digest)), cmp.Or(d.Size, maxImageIndex), func(in io.Reader) error {
		if err := again(); err != nil {
			return err
		}
		if _, err := io.Copy(w, in); err != nil {
			return err
		}
		return w.Check("an image of " + s.source)
	}, func() error {
		if s.registry == nil {
			left = true
			return fs.ErrNotExist
		}
		if err := again(); err != nil {
			return err
		}
		from, err := s.registry()
		if err != nil {
			return err
		}
		return from.Copy(ctx, d, w)
	})
	var e *report.Error
	switch {
	case err != nil && left && report.KindOf(err) != report.Integrity:
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrNotExist) && errors.As(err, &e): // nobody else may be asked
		said := *e
		said.Err = nil
		return &said
	}
	return err
}
