package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// wantAll is [Project.want] for all arguments of get, side by side. One that is repeated counts once. Two that ask for
// different versions of one source, or that would get the same name, are refused: one of them would be lost.
func (p *Project) wantAll(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, texts []string, name string) ([]Got, error) {
	texts, err := distinct(m, texts)
	if err != nil {
		return nil, err
	}
	got, errs := make([]Got, len(texts)), make([]error, len(texts))
	var group errgroup.Group
	group.SetLimit(parallel)
	for i, text := range texts {
		group.Go(func() error {
			got[i], errs[i] = p.want(ctx, m, lock, text, name)
			return nil
		})
	}
	_ = group.Wait() // errs has them
	for i, err := range errs {
		if err != nil { // the first by the order of the arguments, whichever came first
			return nil, err
		}
		for _, before := range got[:i] {
			if before.Name == got[i].Name {
				return nil, &report.Error{Kind: report.Usage, What: fmt.Sprintf("%s and %s would both be called %q", before.Source, got[i].Source, got[i].Name),
					Next: "get them one after the other, the second by another name: conduit get --as OTHER-NAME " + withRange(got[i].Source, got[i].Range)}
			}
		}
	}
	return got, nil
}

// distinct drops arguments that are repeated, and refuses two queries for one source. What cannot be read stays: it is
// refused later.
func distinct(m *lockfile.Manifest, texts []string) ([]string, error) {
	var out []string
	first := map[resolve.Source]string{}
	for _, text := range texts {
		src, _, err := resolve.FollowAlias(text, m.Aliases)
		if before, twice := first[src]; err == nil && twice && before != text {
			return nil, &report.Error{Kind: report.Usage, What: src.String() + " is asked for twice: " + before + " and " + text,
				Next: "name it once, or have both side by side: conduit get " + before + ", then conduit get --as OTHER-NAME " + text}
		}
		if err == nil {
			first[src] = text
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out, nil
}

// want finds out what one argument of get asks for.
func (p *Project) want(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, text, name string) (Got, error) {
	src, queryText, err := resolve.FollowAlias(text, m.Aliases)
	if err != nil {
		return Got{}, meantEntry(m, text, err)
	}
	src, err = p.relative(src)
	if err != nil {
		return Got{}, err
	}
	query, err := resolve.ParseQuery(queryText)
	if err != nil {
		return Got{}, err
	}
	out := Got{Name: name, Source: src.String()}
	known := named(m, src, name)
	if known != nil {
		out.Name = known.Name
	}
	if query.Kind == resolve.QueryNone {
		if known == nil {
			return Got{}, &report.Error{Kind: report.Usage, What: lockfile.ManifestName + " does not require " + src.String(), Next: "conduit list    shows what it requires"}
		}
		out.Removed = true
		return out, nil
	}
	var rev resolve.Revision
	if src.Kind == resolve.File && queryText != "" {
		return Got{}, &report.Error{Kind: report.Usage, What: "a folder has no versions: " + text, Next: "conduit get " + src.String()}
	}
	if src.Kind != resolve.File {
		published, err := resolve.Excluding(p.origin, m.Exclude)
		if err != nil {
			return Got{}, err
		}
		if rev, out.Range, err = resolve.Lookup(ctx, published, src, query, currentVersion(lock, known)); err != nil {
			return Got{}, err
		}
	}
	out.Version = rev.Version
	tree, err := p.origin.Fetch(ctx, src, rev)
	if err != nil {
		return Got{}, err
	}
	fetched := lockfile.Module{Source: src.String(), Version: tree.Version, Commit: tree.Commit, Integrity: tree.Integrity, Sum: tree.Sum}
	if err := steady(lock, &lockfile.Lock{Modules: []lockfile.Module{fetched}}); err != nil { // before anything in it is read
		return Got{}, err
	}
	if out.Kind, err = kindOf(ctx, tree.Path, src.String()); err != nil {
		return Got{}, err
	}
	if out.Name == "" {
		named := src
		if src.Kind == resolve.File {
			named.Path = filepath.ToSlash(tree.Path) // absolute: the folder above may have to name it
		}
		out.Name = defaultName(named)
		if out.Kind == lockfile.KindService && entry(m, lockfile.KindProvider, out.Name) != nil {
			out.Name += "-service"
		}
	}
	return out, free(m, known, out)
}

// meantEntry is err, the error for an unknown alias, or for the name of an entry of conduit.toml what to type instead: an
// alias may have any name, so get cannot take names for sources.
func meantEntry(m *lockfile.Manifest, text string, err error) error {
	name, query, _ := strings.Cut(text, "@")
	if !errors.Is(err, resolve.ErrAlias) || name == "" {
		return err
	}
	known := named(m, resolve.Source{}, name)
	if known == nil {
		return err
	}
	src, _, followed := resolve.FollowAlias(known.Source, m.Aliases)
	if followed != nil {
		return err
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is a name in %s, not a source", name, lockfile.ManifestName),
		Next: "conduit get " + withRange(src.String(), query), Err: resolve.ErrAlias}
}

// relative writes a folder that the user named from the working folder as seen from the project's.
func (p *Project) relative(src resolve.Source) (resolve.Source, error) {
	if src.Kind != resolve.File || filepath.IsAbs(filepath.FromSlash(src.Path)) {
		return src, nil
	}
	abs, err := filepath.Abs(filepath.FromSlash(src.Path))
	if err != nil {
		return resolve.Source{}, &report.Error{What: "cannot tell the working folder", Err: err}
	}
	rel, err := filepath.Rel(p.dir, abs)
	if err != nil {
		rel = abs // another drive
	}
	src, _, err = resolve.ParseSource("file:" + filepath.ToSlash(rel))
	return src, err
}

// kindOf tells a service's package from a provider's by its files.
func kindOf(ctx context.Context, dir, subject string) (string, error) {
	quiet := report.To(ctx, nil) // the manifest is read again when its warnings count
	_, providerErr := manifest.ReadProvider(quiet, dir, subject)
	if providerErr == nil || !errors.Is(providerErr, fs.ErrNotExist) {
		return lockfile.KindProvider, nil // what is wrong with it is said where it is used
	}
	if _, err := manifest.ReadService(quiet, dir, subject); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return lockfile.KindService, nil
	}
	return "", providerErr
}

// free refuses a name that another package has already.
func free(m *lockfile.Manifest, known *lockfile.Entry, g Got) error {
	if known != nil {
		return nil
	}
	for _, kind := range []string{lockfile.KindProvider, lockfile.KindService} {
		if e := entry(m, kind, g.Name); e != nil {
			return &report.Error{Kind: report.Usage, What: fmt.Sprintf("the name %q is taken by %s", g.Name, e.Source),
				Where: fmt.Sprintf("%s:%d", lockfile.ManifestName, e.Line), Next: "conduit get --as OTHER-NAME " + g.Source}
		}
	}
	return nil
}
