package npm

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// mirroredDocument reads a mirror's document, which is a full one and reduced.
func (c *Client) mirroredDocument(name string, full bool, in io.Reader) (*Packument, error) {
	body, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	reduced, err := library.Reduce(body)
	if err != nil {
		return nil, &report.Error{Kind: report.Integrity, What: "the mirror's document of " + name + " cannot be read", Err: err,
			Next: "have the mirror written anew (conduit mirror), or ask another one: " + mirror.EnvProxy + "=direct"}
	}
	doc, err := library.ParseReduced(name, reduced)
	if err != nil {
		return nil, err
	}
	return doc, c.keep(name, full, &http.Response{Header: http.Header{}}, "", reduced)
}

// mirrored copies the tarball with the integrity want, which belongs to source, from a mirror to w, or calls direct.
func (c *Client) mirrored(ctx context.Context, source, subject string, want verify.Integrity, w *cache.Writer, direct func() error) error {
	if want.Algorithm == "sha1" || want.Algorithm == "" { // mirrors name tarballs by digests that cannot be forged
		return direct()
	}
	begun := false
	err := c.mirror.Fetch(ctx, source, mirror.Tarball(want), c.limits.Tarball, func(in io.Reader) error {
		if begun {
			if err := w.Reset(); err != nil {
				return err
			}
		}
		begun = true
		if _, err := io.Copy(&counter{ctx: ctx, subject: subject, w: w}, in); err != nil {
			return err
		}
		return w.Check(subject)
	}, func() error {
		if begun {
			if err := w.Reset(); err != nil {
				return err
			}
		}
		return direct()
	})
	var final finalError
	if errors.As(err, &final) {
		return final.error
	}
	return err
}

// errAskHost is for what mirrors leave to whoever publishes it.
var errAskHost = errors.New("no mirror has it")

// Export is the file of a mirror with the document of name, with these versions of it and those of the file old, which may be nil.
func (c *Client) Export(ctx context.Context, name string, versions map[string]bool, old []byte) ([]byte, error) {
	if _, err := c.Packument(Revalidate(ctx), name, true); err != nil {
		return nil, err
	}
	keep := map[string]bool{}
	for v := range versions {
		keep[v] = true
	}
	if old != nil {
		before, err := library.ParsePackument(name, old)
		if err != nil {
			return nil, err
		}
		for _, v := range before.Versions() {
			keep[v] = true
		}
	}
	return library.Restrict(c.cached(name, true).body, keep)
}
