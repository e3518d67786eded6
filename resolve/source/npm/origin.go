package npm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// Origin gives the resolver providers and services that are published as npm packages. Versions carry the leading "v" of
// all module versions; dist-tags are its names.
type Origin struct{ client *Client }

var (
	_ resolve.Origin = (*Origin)(nil)
	_ resolve.Dated  = (*Origin)(nil)
)

// NewOrigin returns the origin of npm sources.
func NewOrigin(c *Client) *Origin { return &Origin{c} }

// Releases lists the published versions that are canonical, the dist-tags and the deprecations of src.
func (o *Origin) Releases(ctx context.Context, src resolve.Source) (resolve.Releases, error) {
	doc, err := o.client.Packument(Revalidate(ctx), src.Path, false)
	if err != nil {
		return resolve.Releases{}, err
	}
	out := resolve.Releases{Deprecated: map[string]string{}}
	for _, v := range doc.Versions() {
		canonical, ok := moduleVersion(v)
		if !ok {
			continue
		}
		m, err := doc.Version(v)
		if err != nil {
			return resolve.Releases{}, err
		}
		out.Versions = append(out.Versions, canonical)
		if m.Deprecated != "" {
			out.Deprecated[canonical] = m.Deprecated
		}
		if m.Attested {
			out.Attested = append(out.Attested, canonical)
		}
	}
	semver.Sort(out.Versions)
	semver.Sort(out.Attested)
	for tag := range doc.DistTags {
		out.Tags = append(out.Tags, tag)
	}
	slices.Sort(out.Tags)
	return out, nil
}

// moduleVersion is an npm version as modules write it. Versions that npm reads only loosely, or that have a build part,
// cannot be written that way and back.
func moduleVersion(v string) (string, bool) {
	m := "v" + v
	return m, semver.Canonical(m) == m
}

// Find resolves a dist-tag; "HEAD" is latest.
func (o *Origin) Find(ctx context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	doc, err := o.client.Packument(Revalidate(ctx), src.Path, true)
	if err != nil {
		return resolve.Revision{}, err
	}
	if name == "HEAD" {
		name = "latest"
	}
	version, ok := doc.DistTags[name]
	if !ok {
		return resolve.Revision{}, &report.Error{What: fmt.Sprintf("%s has no dist-tag %q", src, name), Why: "it has " + tagNames(doc),
			Next: fmt.Sprintf("type 'conduit get %s@latest', or name a version or range", src), Err: resolve.ErrNoSuchRevision}
	}
	if _, ok := moduleVersion(version); !ok {
		return resolve.Revision{}, &report.Error{What: fmt.Sprintf("the dist-tag %s of %s names the version %q, which is no semantic version", name, src, version), Next: "name another version or range"}
	}
	return o.revision(doc, version)
}

func tagNames(doc *Packument) string {
	var tags []string
	for t, v := range doc.DistTags {
		tags = append(tags, t+" ("+v+")")
	}
	if len(tags) == 0 {
		return "no dist-tags"
	}
	slices.Sort(tags)
	return strings.Join(tags, ", ")
}

// revision is a published version with what the registry promises about it.
func (o *Origin) revision(doc *Packument, version string) (resolve.Revision, error) {
	m, err := doc.Version(version)
	if err != nil {
		return resolve.Revision{}, err
	}
	i, err := verify.ParseIntegrity(m.Integrity)
	if m.Integrity == "" {
		return resolve.Revision{}, noIntegrity(doc.Name + "@" + version)
	}
	if err != nil {
		return resolve.Revision{}, weak(doc.Name+"@"+version, err)
	}
	return resolve.Revision{Version: "v" + version, Integrity: i.String(), Time: doc.Time[version]}, nil
}

// Identify returns the integrity that the registry promises of a version.
func (o *Origin) Identify(ctx context.Context, src resolve.Source, version string) (string, error) {
	doc, err := o.client.Packument(Revalidate(ctx), src.Path, false)
	if err != nil {
		return "", err
	}
	rev, err := o.revision(doc, strings.TrimPrefix(version, "v"))
	return rev.Integrity, err
}

// State stands for the document that the releases of src are read from offline.
func (o *Origin) State(src resolve.Source) string {
	c := o.client
	state, ok := c.cache.MetaState(c.metaName(src.Path, false))
	if !ok {
		state, _ = c.cache.MetaState(c.metaName(src.Path, true))
	}
	return state
}

// Published implements [resolve.Dated].
func (o *Origin) Published(ctx context.Context, src resolve.Source, version string) (time.Time, error) {
	doc, err := o.client.Packument(Revalidate(ctx), src.Path, true)
	if err != nil {
		return time.Time{}, err
	}
	return doc.Time[strings.TrimPrefix(version, "v")], nil
}

// timeKey is under which a module's record keeps the publication time.
const timeKey = "time"

// Fetch unpacks the tarball of a version into the cache. With an integrity in rev nothing but the tarball is asked for,
// and that only if the module is not in the cache.
func (o *Origin) Fetch(ctx context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	version := strings.TrimPrefix(rev.Version, "v")
	if rev.Integrity == "" {
		doc, err := o.client.Packument(Revalidate(ctx), src.Path, true)
		if err != nil {
			return resolve.Tree{}, err
		}
		if rev, err = o.revision(doc, version); err != nil {
			return resolve.Tree{}, err
		}
	}
	// The integrity is a part of the key: another tarball under the same version is another module.
	key := cache.Key{Kind: cache.Module, ID: src.String() + "@" + rev.Version + " " + rev.Integrity}
	path, rec, err := o.client.cache.Tree(ctx, key, func(ctx context.Context, dir string) (cache.Record, error) {
		return o.unpack(ctx, src.Path, version, rev, dir)
	})
	if err != nil {
		return resolve.Tree{}, err
	}
	if rev.Time.IsZero() {
		rev.Time, _ = time.Parse(time.RFC3339Nano, rec.Meta[timeKey]) // stays zero where it is not known
	}
	return resolve.Tree{Revision: rev, Path: path, Sum: rec.Sum}, nil
}

func (o *Origin) unpack(ctx context.Context, name, version string, rev resolve.Revision, dir string) (cache.Record, error) {
	file, err := o.client.Tarball(ctx, name, version, rev.Integrity)
	if err != nil {
		return cache.Record{}, err
	}
	want, err := verify.ParseIntegrity(rev.Integrity)
	if err != nil {
		return cache.Record{}, weak(name+"@"+version, err)
	}
	if err := extractVerified(name, version, file, want, dir); err != nil {
		if kind := report.KindOf(err); kind == report.Policy || kind == report.Integrity { // nothing of it is kept
			_ = o.client.cache.Remove(cache.Key{Kind: cache.Library, ID: want.String()}) // the refusal is the error to report
		}
		return cache.Record{}, err
	}
	rec := cache.Record{Meta: map[string]string{}}
	if !rev.Time.IsZero() {
		rec.Meta[timeKey] = rev.Time.Format(time.RFC3339Nano)
	}
	return rec, nil
}

// extractVerified unpacks the tarball file of a package into dir.
func extractVerified(name, version, file string, want verify.Integrity, dir string) error {
	archive, err := tarball.OpenVerified(name+"@"+version, file, want, tarball.Limits{})
	if err != nil {
		return err
	}
	if err := archive.CheckIdentity(name, version); err != nil {
		return err
	}
	return archive.Extract(dir)
}
