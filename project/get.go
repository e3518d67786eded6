package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// GetOptions say how to get.
type GetOptions struct {
	Name string // the name in conduit.toml, for a single source; "" for the existing entry's or one made from the source
}

// Got is what Get did for one of its arguments.
type Got struct {
	Name    string `json:"name"`   // in conduit.toml
	Kind    string `json:"kind"`   // "provider" or "service"
	Source  string `json:"source"` // canonical
	Range   string `json:"range"`  // as written into conduit.toml
	Version string `json:"version"`
	Removed bool   `json:"removed,omitempty"` // by @none
}

// Get adds or changes requirements: "SOURCE", "SOURCE@QUERY" or an alias. It locks, fetches and builds, and only then
// writes conduit.toml and conduit.lock. It returns what it required and what changed in the lock.
func (p *Project) Get(ctx context.Context, sources []string, opts GetOptions) ([]Got, []lockfile.Change, error) {
	if opts.Name != "" && len(sources) != 1 {
		return nil, nil, &report.Error{Kind: report.Usage, What: "a name goes with one source only", Next: "conduit get --as " + opts.Name + " SOURCE"}
	}
	if opts.Name != "" {
		if err := lockfile.CheckName(opts.Name); err != nil {
			return nil, nil, err
		}
	}
	var got []Got
	changes, err := p.edit(ctx, &got, func(m *lockfile.Manifest, lock *lockfile.Lock, e *lockfile.Editor) error {
		for _, text := range sources {
			g, err := p.want(ctx, m, lock, text, opts.Name)
			if err != nil {
				return err
			}
			switch {
			case g.Removed:
				e.Remove(g.Name)
			case g.Kind == lockfile.KindService:
				e.SetService(g.Name, withRange(g.Source, g.Range))
			default:
				e.SetProvider(g.Name, withRange(g.Source, g.Range))
			}
			got = append(got, g)
		}
		return nil
	})
	return got, changes, err
}

// Remove takes providers and services out of conduit.toml, and out of the lock whatever nothing else requires.
func (p *Project) Remove(ctx context.Context, names []string) ([]lockfile.Change, error) {
	return p.edit(ctx, nil, func(m *lockfile.Manifest, _ *lockfile.Lock, e *lockfile.Editor) error {
		for _, name := range names {
			if entry(m, lockfile.KindProvider, name) == nil && entry(m, lockfile.KindService, name) == nil {
				return notRequired(m, name)
			}
			e.Remove(name)
		}
		return nil
	})
}

// edit changes conduit.toml and then everything that follows from it; an error on the way leaves both files as they were.
// change may add to wanted, see solve; nil is for edits that ask for no version.
func (p *Project) edit(ctx context.Context, wanted *[]Got, change func(*lockfile.Manifest, *lockfile.Lock, *lockfile.Editor) error) ([]lockfile.Change, error) {
	unlock, err := p.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	data, err := os.ReadFile(filepath.Join(p.dir, lockfile.ManifestName))
	if err != nil {
		return nil, &report.Error{What: "cannot read " + lockfile.ManifestName, Where: p.dir, Err: err, Next: "make it readable"}
	}
	m, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	previous, err := p.previous()
	if err != nil {
		return nil, err
	}
	editor := lockfile.Edit(data)
	if err := change(m, previous, editor); err != nil {
		return nil, err
	}
	if err := editor.Err(); err != nil {
		return nil, err
	}
	edited, err := lockfile.ParseManifest(lockfile.ManifestName, editor.Bytes())
	if err != nil {
		return nil, err
	}
	edited.Replace = withLocal(edited.Replace, m.Replace)
	edited.Policy = m.Policy // with the organisation's, and no edit changes it
	var asked []Got
	if wanted != nil {
		asked = *wanted
	}
	lock, err := p.solve(ctx, edited, previous, asked)
	if err != nil {
		return nil, err
	}
	if err := p.materialise(ctx, edited, lock); err != nil {
		return nil, err
	}
	if err := p.write(data, editor.Bytes(), lock); err != nil {
		return nil, err
	}
	return lockfile.Diff(previous, lock), p.prepare(ctx, edited, lock, true)
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

// notRequired is the error for a name to remove that conduit.toml does not have. For a source it tells the name.
func notRequired(m *lockfile.Manifest, word string) error {
	e := &report.Error{Kind: report.Usage, What: fmt.Sprintf("%s has no provider and no service %q", lockfile.ManifestName, word),
		Next: "conduit list    shows what it has"}
	if src, _, err := resolve.FollowAlias(word, m.Aliases); err == nil {
		if known := named(m, src, ""); known != nil {
			e.Why, e.Next = "that is the source of "+known.Name, "conduit remove "+known.Name
		}
	}
	return e
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

// named is the entry of conduit.toml that has the name, or for no name the one that requires src.
func named(m *lockfile.Manifest, src resolve.Source, name string) *lockfile.Entry {
	for _, entries := range [][]lockfile.Entry{m.Providers, m.Services} {
		for i := range entries {
			e := &entries[i]
			if name != "" {
				if e.Name == name {
					return e
				}
				continue
			}
			if have, _, err := resolve.FollowAlias(e.Source, m.Aliases); err == nil && have == src {
				return e
			}
		}
	}
	return nil
}

func entry(m *lockfile.Manifest, kind, name string) *lockfile.Entry {
	entries := m.Providers
	if kind == lockfile.KindService {
		entries = m.Services
	}
	for i := range entries {
		if entries[i].Name == name {
			return &entries[i]
		}
	}
	return nil
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

// currentVersion is the version that an entry is locked to, "" for none.
func currentVersion(lock *lockfile.Lock, e *lockfile.Entry) string {
	if lock == nil || e == nil {
		return ""
	}
	for _, kind := range []string{lockfile.KindProvider, lockfile.KindService} {
		if r, ok := lock.RootOf(kind, e.Name); ok {
			return r.Version
		}
	}
	return ""
}

func withRange(source, rng string) string {
	if rng == "" {
		return source
	}
	return source + "@" + rng
}
