package project

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/lockfile"
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
		var err error
		if got, err = p.wantAll(ctx, m, lock, sources, opts.Name); err != nil {
			return err
		}
		for _, g := range got {
			switch {
			case g.Removed:
				e.Remove(g.Name)
			case g.Kind == lockfile.KindService:
				e.SetService(g.Name, withRange(g.Source, g.Range))
			default:
				e.SetProvider(g.Name, withRange(g.Source, g.Range))
			}
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
