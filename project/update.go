package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/module"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npm"
)

// UpdateOptions say what to update.
type UpdateOptions struct {
	Names     []string // names in conduit.toml, names of services, sources, or "node" for the toolchain's; all for none
	Level     Level    // how far versions may go
	Libraries bool     // choose the libraries of providers anew, as of now; modules move only if Level is set, too
	DryRun    bool     // write nothing
}

// Updated is what Update did, or would do.
type Updated struct {
	Moves   []Move            `json:"moves"`
	Ranges  []Got             `json:"ranges"` // requirements of conduit.toml that were rewritten
	Notes   []string          `json:"notes"`  // why something that was named does not move
	Changes []lockfile.Change `json:"changes"`
}

// Update moves locked versions to the highest that the ranges allow. A pin in conduit.toml, to a version or a commit,
// holds; a branch is followed only where a range names it or leaves everything open. Nothing is written before everything
// is fetched, built and checked.
func (p *Project) Update(ctx context.Context, opts UpdateOptions) (Updated, error) {
	unlock, err := p.hold(ctx)
	if err != nil {
		return Updated{}, err
	}
	defer unlock()
	ctx = npm.Revalidate(ctx)
	u := &update{Project: p, opts: opts, libraries: map[string]bool{}}
	if err := u.read(ctx); err != nil {
		return Updated{}, err
	}
	if opts.Level == Major {
		if err := u.rewrite(ctx); err != nil {
			return Updated{}, err
		}
	}
	if err := u.updateNode(ctx); err != nil {
		return Updated{}, err
	}
	graph, err := u.solve(ctx)
	if err != nil {
		return Updated{}, err
	}
	before := *u.previous
	before.Toolchain = u.tools
	lock, err := p.fill(ctx, u.manifest, &before, graph, u.level, u.movesImages)
	if err != nil {
		return Updated{}, err
	}
	agreed := p.accept || opts.DryRun
	if err := errors.Join(agree(ctx, u.previous, lock, agreed), widened(u.manifest, u.previous, lock, agreed)); err != nil {
		return Updated{}, err
	}
	u.out.Changes = lockfile.Diff(u.previous, lock)
	if err := u.describe(ctx, lock); err != nil {
		return Updated{}, err
	}
	if opts.DryRun {
		return u.out, nil
	}
	if err := p.materialise(ctx, u.manifest, lock); err != nil {
		return Updated{}, err
	}
	if err := p.write(u.data, u.edited, lock); err != nil {
		return Updated{}, err
	}
	return u.out, p.prepare(ctx, u.manifest, lock, true)
}

// write writes both files of the project, conduit.toml only if it was edited.
func (p *Project) write(data, edited []byte, lock *lockfile.Lock) error {
	if !bytes.Equal(edited, data) {
		if err := lockfile.WriteManifest(p.dir, edited); err != nil {
			return err
		}
	}
	return lockfile.WriteFile(p.dir, lock.Format())
}

// update is one run of Update.
type update struct {
	*Project
	opts         UpdateOptions
	published    resolve.Origin // without excluded versions
	data, edited []byte         // conduit.toml
	manifest     *lockfile.Manifest
	previous     *lockfile.Lock
	scope        map[*lockfile.Module]bool
	named        map[string]bool // tools that the user named
	tools        []lockfile.Tool // what the lock will hold of them
	libraries    map[string]bool // subjects of the modules whose libraries are chosen anew
	out          Updated
}

func (u *update) read(ctx context.Context) (err error) {
	if u.manifest, u.previous, err = u.current(ctx); err != nil {
		return err
	}
	if u.data, err = os.ReadFile(filepath.Join(u.dir, lockfile.ManifestName)); err != nil {
		return &report.Error{What: "cannot read " + lockfile.ManifestName, Where: u.dir, Err: err, Next: "make it readable"}
	}
	u.edited = u.data
	if u.published, err = resolve.Excluding(u.origin, u.manifest.Exclude); err != nil {
		return err
	}
	modules, err := u.nameTools()
	if err != nil {
		return err
	}
	u.tools = u.previous.Toolchain
	if len(modules) == 0 && len(u.opts.Names) > 0 {
		u.scope = map[*lockfile.Module]bool{} // tools only
	} else if u.scope, err = u.Project.scope(u.manifest, u.previous, modules); err != nil {
		return err
	}
	for i := range u.previous.Modules {
		if m := &u.previous.Modules[i]; u.opts.Libraries && m.Kind == lockfile.KindProvider && u.inScope(m) {
			u.libraries[subject(m)] = true
		}
	}
	return nil
}

func (u *update) inScope(m *lockfile.Module) bool { return u.scope == nil || u.scope[m] }

// level is how much of a provider's libraries stands.
func (u *update) level(m *lockfile.Module) reuseLevel {
	if u.libraries[subject(m)] {
		return reuseNothing
	}
	return reuseBuilt
}

// movesImages tells the services whose images are looked up again: all that are updated, whether a newer version of them
// is to be had or not.
func (u *update) movesImages(m *lockfile.Module) bool {
	return u.inScope(m) && (!u.opts.Libraries || u.opts.Level != Highest)
}

// rewrite lets the ranges of conduit.toml that do not allow the newest release begin there. Pins stay.
func (u *update) rewrite(ctx context.Context) error {
	editor := lockfile.Edit(u.data)
	for i := range u.previous.Root {
		r := &u.previous.Root[i]
		m, ok := u.previous.Module(r.Source, r.Version)
		rng, err := resolve.ParseRange(r.Range)
		if err != nil || !ok || !u.inScope(m) || m.Version == "" || rng.Any() || rng.Ref() != "" || rng.Exact() != "" {
			continue
		}
		src, _, err := resolve.ParseSource(r.Source)
		if err != nil {
			return err
		}
		rev, wide, err := resolve.Lookup(ctx, u.published, src, resolve.Query{Kind: resolve.QueryUpgrade}, r.Version)
		if err != nil {
			return err
		}
		if rng.Allows(rev.Version) || module.IsPseudoVersion(rev.Version) {
			continue
		}
		source := r.Source
		if e := entry(u.manifest, r.Kind, r.Name); e != nil {
			source = e.Source // as the user spells it
		}
		if r.Kind == lockfile.KindService {
			editor.SetService(r.Name, withRange(source, wide))
		} else {
			editor.SetProvider(r.Name, withRange(source, wide))
		}
		u.out.Ranges = append(u.out.Ranges, Got{Name: r.Name, Kind: r.Kind, Source: r.Source, Range: wide, Version: rev.Version})
	}
	if err := editor.Err(); err != nil {
		return err
	}
	edited, err := lockfile.ParseManifest(lockfile.ManifestName, editor.Bytes())
	if err != nil {
		return err
	}
	edited.Replace = withLocal(edited.Replace, u.manifest.Replace)
	edited.Policy = u.manifest.Policy
	u.manifest, u.edited = edited, editor.Bytes()
	return nil
}

// solve raises what is in scope, and looks again as long as what was raised brought something new that can be raised.
func (u *update) solve(ctx context.Context) (*resolve.Graph, error) {
	base, err := u.problem(u.manifest, u.previous, nil)
	if err != nil {
		return nil, err
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "resolve", Subject: lockfile.ManifestName})
	graph, err := resolve.Solve(ctx, base)
	if err != nil {
		return nil, err
	}
	if u.opts.Libraries && u.opts.Level == Highest {
		return graph, nil
	}
	var before targets
	for {
		next, err := u.targets(ctx, graph, base.Replace)
		if err != nil {
			return nil, err
		}
		if before.includes(next) {
			report.Emit(ctx, report.Event{Type: report.Done, Step: "resolve", Subject: lockfile.ManifestName})
			return graph, nil
		}
		before = before.with(next)
		if graph, err = resolve.Solve(ctx, before.problem(base)); err != nil {
			return nil, err
		}
	}
}

// notes says why what was named stays where it is.
func (u *update) notes(lock *lockfile.Lock) {
	for i := range u.previous.Root {
		r := &u.previous.Root[i]
		m, ok := u.previous.Module(r.Source, r.Version)
		if now, found := lock.RootOf(r.Kind, r.Name); !ok || !u.scope[m] || !found || now.Version != r.Version {
			continue
		}
		rng, err := resolve.ParseRange(r.Range)
		if err == nil && (rng.Exact() != "" || commit(rng)) {
			u.out.Notes = append(u.out.Notes, fmt.Sprintf("%s stays at %s: %s:%d pins it; conduit get %s@latest moves it", r.Name, r.Version,
				lockfile.ManifestName, u.manifest.Line[r.Kind+"s."+r.Name], r.Source))
		}
	}
}
