package resolve

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/MediaConduit/conduit/report"
)

// Excluding is origin without the versions that [exclude] of conduit.toml lists: sources, in any spelling, to versions. It
// fails with kind Usage where a source or a version cannot be read.
func Excluding(origin Origin, exclude map[string][]string) (Origin, error) {
	if len(exclude) == 0 {
		return origin, nil
	}
	e := &excluding{Origin: origin, versions: map[Source][]string{}}
	for text, versions := range exclude {
		src, query, err := ParseSource(text)
		if err == nil && query != "" {
			err = usage("malformed source "+quote(text)+" under [exclude]", "versions stand on the right", fmt.Sprintf("write %q = [%q]", src, query))
		}
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			full := canonical(v)
			if full == "" {
				return nil, usage("malformed version "+quote(v)+" under [exclude]", "exclude lists single versions of "+src.String(), `write it in full, such as "v1.4.1"`)
			}
			e.versions[src.Fold()] = append(e.versions[src.Fold()], full)
		}
	}
	return e, nil
}

// errExcluded is in the chain of errors about versions that conduit.toml excludes.
var errExcluded = errors.New("excluded")

type excluding struct {
	Origin
	versions map[Source][]string
}

func (e *excluding) excluded(src Source, version string) bool {
	return version != "" && slices.Contains(e.versions[src.Fold()], version)
}

func (e *excluding) Releases(ctx context.Context, src Source) (Releases, error) {
	rels, err := e.Origin.Releases(ctx, src)
	if err == nil && len(e.versions[src.Fold()]) > 0 {
		// The origin may hand the same slice to others.
		rels.Versions = slices.DeleteFunc(slices.Clone(rels.Versions), func(v string) bool { return e.excluded(src, v) })
	}
	return rels, err
}

func (e *excluding) Find(ctx context.Context, src Source, name string) (Revision, error) {
	rev, err := e.Origin.Find(ctx, src, name)
	if err == nil && e.excluded(src, rev.Version) && !(src.Kind == NPM && name == "HEAD") {
		return Revision{}, excludedError(src, rev.Version, name)
	}
	return rev, err
}

// excludedError is the error for a requirement that means exactly one version, which is excluded.
func excludedError(src Source, version, wanted string) *report.Error {
	why := "conduit.toml lists it under [exclude]"
	if wanted != version {
		why = quote(wanted) + " means that version now, and " + why
	}
	return &report.Error{Kind: report.Failure, What: fmt.Sprintf("%s is excluded", moduleID(src, version)), Why: why, Err: errExcluded,
		Next: fmt.Sprintf("take %s from [exclude], or ask for another version: conduit get %s@latest", version, src)}
}
