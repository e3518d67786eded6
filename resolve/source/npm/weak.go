package npm

import (
	"context"
	"crypto/sha512"
	"fmt"
	"io"
	"os"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify"
)

// strengthen gives versions that the registry vouches for with SHA-1 alone the SHA-512 of their tarball, if the policy
// allows them: they are fetched for that, and whoever locks them locks the SHA-512 of what came.
func (c *Client) strengthen(ctx context.Context, doc *Packument) error {
	for _, id := range c.policy.get().SHA1 {
		name, version := library.SplitID(id)
		if name != doc.Name || !doc.Has(version) {
			continue
		}
		m, err := doc.Version(version)
		if err != nil {
			return err
		}
		if _, err := verify.ParseIntegrity(m.Integrity); err == nil {
			continue
		}
		weakly, err := verify.ParseWeakIntegrity(m.Integrity)
		if err != nil {
			weakly, err = verify.FromShasum(m.Shasum)
		}
		if err != nil {
			return weak(id, err)
		}
		if m.Integrity, err = c.strong(ctx, m, weakly); err != nil {
			return err
		}
	}
	return nil
}

// strong is the SHA-512 integrity of the tarball that has the SHA-1 weakly, "" if it is not known and conduit is offline.
func (c *Client) strong(ctx context.Context, m *library.Manifest, weakly verify.Integrity) (string, error) {
	document := "npm sha512 of " + c.config.registry(m.Name) + " " + m.Name + "@" + m.Version + " " + weakly.String()
	if known, ok := c.cache.Meta(document); ok || c.offline {
		return string(known), nil
	}
	d := download{client: c, name: m.Name, version: m.Version, stated: m.Tarball}
	key := cache.Key{Kind: cache.Library, ID: weakly.String()}
	path, err := c.cache.Blob(ctx, key, d.write)
	if err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", &report.Error{What: "cannot read what was fetched of " + d.subject(), Where: path, Err: err, Next: "type the command again"}
	}
	defer f.Close()
	h := sha512.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", &report.Error{What: "cannot read what was fetched of " + d.subject(), Where: path, Err: err, Next: "type the command again"}
	}
	strong := verify.Integrity{Algorithm: "sha512", Sum: string(h.Sum(nil))}
	if _, err := c.cache.Blob(ctx, cache.Key{Kind: cache.Library, ID: strong.String()}, func(_ context.Context, w *cache.Writer) error {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := io.Copy(w, f)
		return err
	}); err != nil {
		return "", err
	}
	if d.fetched {
		report.Record(ctx, report.Action{Act: report.Fetched, Subject: d.subject(), Digest: strong.String(), Origin: d.from})
	}
	report.Warn(ctx, d.subject(), "", "was verified by SHA-1 alone, as [policy] sha1 in conduit.toml allows; its SHA-512 is locked")
	if err := c.cache.PutMeta(document, []byte(strong.String())); err != nil {
		return "", err
	}
	return strong.String(), c.cache.Remove(key)
}

// weak is the error for a version without an integrity that proves anything.
func weak(subject string, err error) error {
	return &report.Error{Kind: report.Integrity, What: "there is no integrity to verify " + subject + " with", Err: err, Next: library.AllowWeak(subject)}
}

func noIntegrity(id string) error {
	return weak(id, fmt.Errorf("the npm registry states no sha512 integrity for it"))
}
