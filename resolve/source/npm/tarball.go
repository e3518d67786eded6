package npm

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// Tarball returns the path of a version's tarball in the cache, fetched if it is not there and verified while it streams.
// With an integrity, as a lock has it, only the tarball itself is asked for; with none, the registry's word is taken. The
// error is of kind Integrity, naming the package and both hashes, where the bytes are not those that were promised.
func (c *Client) Tarball(ctx context.Context, name, version, integrity string) (path string, err error) {
	subject := name + "@" + version
	if err := checkVersion(name, version); err != nil {
		return "", err
	}
	if integrity == "" {
		if integrity, err = c.integrity(ctx, name, version); err != nil {
			return "", err
		}
	}
	want, err := verify.ParseIntegrity(integrity)
	if err != nil {
		return "", weak(subject, err)
	}
	key := cache.Key{Kind: cache.Library, ID: want.String()}
	d := download{client: c, name: name, version: version, want: want}
	path, err = c.cache.Blob(ctx, key, d.write)
	if err != nil && d.pieced && report.KindOf(err) == report.Integrity {
		// The pieces of several answers were not of one file: once more, from the start.
		d = download{client: c, name: name, version: version, want: want, whole: true}
		path, err = c.cache.Blob(ctx, key, d.write)
	}
	if err == nil && d.fetched {
		report.Record(ctx, report.Action{Act: report.Fetched, Subject: subject, Digest: want.String(), Origin: d.from})
	}
	return path, err
}

func checkVersion(name, version string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if !library.Valid(version) {
		return &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no version of an npm package", version), Where: name, Next: "write it in full, as in 1.2.3"}
	}
	return nil
}

// integrity is what the registry promises for a version.
func (c *Client) integrity(ctx context.Context, name, version string) (string, error) {
	doc, err := c.Packument(ctx, name, false)
	if err != nil {
		return "", err
	}
	m, err := doc.Version(version)
	if err != nil {
		return "", err
	}
	if m.Integrity == "" {
		return "", noIntegrity(name + "@" + version)
	}
	return m.Integrity, nil
}

// download is one version's tarball on its way into the cache.
type download struct {
	client        *Client
	name, version string
	want          verify.Integrity
	stated        string // the address that the document states, where it was read already
	from          string // the address that was asked last
	fetched       bool   // all of it came
	whole         bool   // never go on where a broken attempt ended
	pieced        bool   // several answers were put together
}

func (d *download) subject() string { return d.name + "@" + d.version }

// write fetches the tarball into w.
func (d *download) write(ctx context.Context, w *cache.Writer) error {
	subject := d.subject()
	if d.client.offline {
		return &report.Error{Kind: report.Network, What: subject + " is not in the cache, and conduit is offline", Next: "run 'conduit sync' once without --offline, CONDUIT_OFFLINE unset"}
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "fetch", Subject: subject})
	fetch := func() error { return d.fetch(ctx, w) }
	if err := d.client.mirrored(mirror.WithOrigin(ctx, &d.from), "npm:"+d.name, subject, d.want, w, fetch); err != nil {
		return err
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "fetch", Subject: subject})
	d.fetched = true
	return nil
}

// fetch takes the address that all registries share, which needs no document; where that has nothing, the one that the
// document states.
func (d *download) fetch(ctx context.Context, w *cache.Writer) error {
	c := d.client
	usual := c.config.tarballURL(d.name, d.version)
	err := d.stream(ctx, usual, w)
	if !errors.Is(err, library.ErrNoSuchPackage) {
		return err
	}
	stated := d.stated
	if stated == "" {
		doc, derr := c.Packument(ctx, d.name, false)
		if derr != nil {
			return derr
		}
		m, derr := doc.Version(d.version)
		if derr != nil {
			return derr
		}
		stated = m.Tarball
	}
	stated = c.config.rebase(d.name, stated)
	if stated == "" || stated == usual {
		return err
	}
	if err := c.checkAddress(d.name, d.subject(), stated); err != nil {
		return err
	}
	return d.stream(ctx, stated, w)
}

// stream fetches one address.
func (d *download) stream(ctx context.Context, address string, w *cache.Writer) error {
	d.from = address
	subject := d.subject()
	most := d.client.limits.Tarball
	out := &pieces{most: most, counter: counter{ctx: ctx, subject: subject, w: w}, whole: d.whole}
	defer func() { d.pieced = d.pieced || out.pieced }()
	return d.client.http.do(ctx, request{
		url:      address,
		registry: d.client.config.registry(d.name),
		subject:  subject,
		header:   out.ask,
		consume: func(r *http.Response) error {
			if err := out.take(r); err != nil {
				return err
			}
			if err := w.Check(subject); err != nil {
				return finalError{err}
			}
			return nil
		},
	})
}

func tooLarge(subject string, most int64) error {
	return &report.Error{Kind: report.Policy, What: "the tarball of " + subject + " is too large", Why: fmt.Sprintf("it has more than %d bytes", most),
		Next: "nothing of it was kept; use another version of it, and tell its publisher"}
}
