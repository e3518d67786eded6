package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
)

// parallel is how many providers are built and modules prepared at once. Their libraries' downloads have a bound of their
// own.
const parallel = 4

// Lock resolves what conduit.toml asks for, builds the providers and writes conduit.lock. What an existing lock holds
// stays as it is where conduit.toml still allows it; both sides of an unfinished merge count. It returns what changed.
func (p *Project) Lock(ctx context.Context) ([]lockfile.Change, error) {
	unlock, err := p.hold(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	m, err := p.read(ctx)
	if err != nil {
		return nil, err
	}
	previous, err := p.previous()
	if err != nil {
		return nil, err
	}
	lock, err := p.solve(ctx, m, previous, nil)
	if err != nil {
		return nil, err
	}
	data := lock.Format()
	if old, err := os.ReadFile(filepath.Join(p.dir, lockfile.Name)); err == nil && bytes.Equal(old, data) {
		return nil, nil // most often; comparing entry by entry takes longer
	}
	var changes []lockfile.Change
	var group sync.WaitGroup
	group.Go(func() { changes = lockfile.Diff(previous, lock) }) // while the disk is waited for
	err = lockfile.WriteFile(p.dir, data)
	group.Wait()
	if err != nil {
		return nil, err
	}
	return changes, nil
}

// CheckLock tells whether conduit.lock belongs to conduit.toml, holds nothing of this machine alone and can be synced
// here: nil, or an error of kind Lock. It writes nothing.
func (p *Project) CheckLock(ctx context.Context) error {
	m, lock, err := p.permitted(ctx)
	if err != nil {
		return err
	}
	if err := forbidLocal(lock); err != nil {
		return err
	}
	if err := checkNode(m, lock); err != nil {
		return err
	}
	for i := range lock.Modules {
		if m := &lock.Modules[i]; m.Version == "" {
			if _, err := p.locate(ctx, m); err != nil {
				return err
			}
		}
	}
	if err := errors.Join(p.checkBuilder(lock), p.checkPermissions(ctx, lock)); err != nil {
		return err
	}
	warnUnpublished(ctx, lock)
	warnNatives(ctx, lock)
	if err := p.checkPlatforms(ctx, lock); err != nil {
		return err
	}
	return p.checkImages(ctx, m, lock)
}

// hold keeps other processes from changing the same project's files until release is called.
func (p *Project) hold(ctx context.Context) (release func(), err error) {
	return p.cache.Lock(ctx, cache.Key{Kind: cache.Build, ID: "project " + p.dir})
}

// solve computes the lock for m. previous may be nil. wanted is what the user just asked for: its modules are
// free to move, down too, and a requirement elsewhere that forces another version is an error.
func (p *Project) solve(ctx context.Context, m *lockfile.Manifest, previous *lockfile.Lock, wanted []Got) (*lockfile.Lock, error) {
	if err := p.permitSettings(); err != nil {
		return nil, err
	}
	free := map[string]bool{}
	for _, g := range wanted {
		free[g.Source+" "+resolve.Line(g.Version)] = !g.Removed
	}
	problem, err := p.problem(m, previous, free)
	if err != nil {
		return nil, err
	}
	report.Emit(ctx, report.Event{Type: report.Start, Step: "resolve", Subject: lockfile.ManifestName})
	graph, err := resolve.Solve(ctx, problem)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(granted(graph, wanted), oneName(graph)); err != nil {
		return nil, err
	}
	report.Emit(ctx, report.Event{Type: report.Done, Step: "resolve", Subject: lockfile.ManifestName})
	lock, err := p.fill(ctx, m, previous, graph, func(*lockfile.Module) reuseLevel { return reuseBuilt }, stays)
	if err != nil {
		return nil, err
	}
	return lock, errors.Join(agree(ctx, previous, lock, p.accept), widened(m, previous, lock, p.accept))
}

// reuse says how much of what the previous lock holds of a provider stands while the provider itself is unchanged.
type reuse func(*lockfile.Module) reuseLevel

type reuseLevel int

const (
	reuseBuilt   reuseLevel = iota // libraries and artifact, if the artifact is in the cache; else the libraries' versions
	reuseLocked                    // libraries and artifact, in the cache or not, whichever conduit built it
	reuseNothing                   // libraries are chosen anew, as of now
)

// stays is for [Project.fill] where no image moves.
func stays(*lockfile.Module) bool { return false }

// fill computes the lock for what was selected: the libraries and artifacts of its providers, the images of its services.
// previous may be nil. moves tells the services of the previous lock whose images are looked up again.
func (p *Project) fill(ctx context.Context, m *lockfile.Manifest, previous *lockfile.Lock, graph *resolve.Graph, level reuse, moves func(*lockfile.Module) bool) (*lockfile.Lock, error) {
	lock := &lockfile.Lock{Node: m.Node, Replace: m.Replace, Exclude: m.Exclude, Build: m.Policy.BuildOf(), Modules: lockedAll(graph.Modules)}
	for _, l := range graph.Root {
		lock.Root = append(lock.Root, lockfile.Root{Name: l.Name, Kind: l.Kind, Source: l.Source.String(), Range: l.Range.String(), Version: l.Version})
	}
	if err := p.permit(lock); err != nil { // before their libraries are asked for
		return nil, err
	}
	if err := p.checkLog(ctx, previous, lock); err != nil {
		return nil, err
	}
	if err := p.lockSigners(ctx, lock, previous, graph); err != nil {
		return nil, err
	}
	trees := make([]library.Result, len(graph.Modules))
	ctx, finish := p.cache.Batch(ctx)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range graph.Modules {
		s := &graph.Modules[i]
		if s.Kind != resolve.KindProvider {
			continue
		}
		for j, l := range graph.Root {
			if l.Kind == resolve.KindProvider && l.Target == s.Source && l.Version == s.Version {
				lock.Modules[i].Bundling = lock.Modules[i].Bundling.Union(bundlingOf(m, graph.Root[j].Name))
			}
		}
		group.Go(func() (err error) {
			trees[i], err = p.solveProvider(groupCtx, &lock.Modules[i], s, m, previous, level(&lock.Modules[i]))
			return err
		})
	}
	group.Go(func() (err error) {
		lock.Toolchain, err = p.lockNode(groupCtx, m, previous)
		return err
	})
	if err := errors.Join(group.Wait(), finish()); err != nil {
		for _, tree := range trees {
			p.discard(err, tree.Libraries)
		}
		return nil, err
	}
	p.warnEngines(ctx, m, lock)
	seen := map[string]bool{}
	for _, tree := range trees {
		for _, l := range tree.Libraries {
			if id := l.Name + "@" + l.Version; !seen[id] {
				seen[id] = true
				lock.Libraries = append(lock.Libraries, l)
			}
		}
	}
	if err := errors.Join(p.permit(lock), p.checkLibrarySigners(ctx, lock)); err != nil {
		return nil, err
	}
	if err := p.permitContent(ctx, lock, everywhere); err != nil {
		return nil, err
	}
	if err := steady(previous, lock); err != nil {
		return nil, err
	}
	if err := p.lockImages(ctx, m, lock, previous, graph, moves); err != nil {
		return nil, err
	}
	if err := p.lockNatives(ctx, m, previous, lock); err != nil {
		return nil, err
	}
	return lock, untorn(previous, lock)
}

// bundlingOf is what conduit.toml says of a provider's bundle.
func bundlingOf(m *lockfile.Manifest, name string) lockfile.Bundling {
	for _, e := range m.Providers {
		if e.Name == name {
			return e.Bundling
		}
	}
	return lockfile.Bundling{}
}

// granted checks that the versions which the user asked for were selected, and says who forbids it where one was not.
func granted(graph *resolve.Graph, wanted []Got) error {
	for _, l := range graph.Root {
		i := slices.IndexFunc(wanted, func(g Got) bool { return g.Name == l.Name && g.Kind == l.Kind })
		if i < 0 || wanted[i].Version == "" || l.Version == wanted[i].Version || l.Target != l.Source {
			continue
		}
		version := wanted[i].Version
		e := &report.Error{What: fmt.Sprintf("%s@%s cannot be had: %s is required", l.Source, version, l.Version),
			Next: fmt.Sprintf("conduit get %s@%s", l.Source, l.Version)}
		for i, link := range resolve.Demand(graph, l.Target, l.Version) {
			e.Why += strings.Repeat("  ", i) + link.String() + "\n"
		}
		return e
	}
	return nil
}

// oneName refuses two entries under [services] that come to one module: that service runs once, under one of the names and
// with the settings of one.
func oneName(graph *resolve.Graph) error {
	first := map[string]resolve.Link{}
	for _, l := range graph.Root {
		if l.Kind != resolve.KindService {
			continue
		}
		id := withRange(l.Target.String(), l.Version)
		if before, twice := first[id]; twice {
			return &report.Error{What: fmt.Sprintf("%s and %s under [services] are one service, %s", before.Name, l.Name, id),
				Where: before.Where.String(), Why: "it runs once, under one name",
				Next: "keep one of the two lines; to rename a service change its key"}
		}
		first[id] = l
	}
	return nil
}

// lockedAll are the selected modules as the lock holds them, but for what only providers have.
func lockedAll(selected []resolve.Selected) []lockfile.Module {
	out := make([]lockfile.Module, len(selected))
	sideBySide(len(selected), func(i int) { out[i] = locked(&selected[i]) })
	return out
}

// sideBySide calls do for every number below n: goroutines take so many at once that it is worth to start them.
func sideBySide(n int, do func(i int)) {
	const atOnce = 128
	var group sync.WaitGroup
	for from := 0; from < n; from += atOnce {
		group.Go(func() {
			for i := from; i < min(from+atOnce, n); i++ {
				do(i)
			}
		})
	}
	group.Wait()
}

// locked is a selected module as the lock holds it, but for what only a provider has.
func locked(s *resolve.Selected) lockfile.Module {
	out := lockfile.Module{Source: s.Source.String(), Version: s.Version, Kind: s.Kind, Commit: s.Commit, Integrity: s.Integrity, Sum: s.Sum, Local: s.Local}
	if !s.Time.IsZero() {
		out.Time = s.Time.UTC().Format(time.RFC3339)
	}
	if s.Replaced != nil {
		out.Replaces = s.Replaced.String()
	}
	if len(s.Requires) > 0 {
		out.Requires = make([]lockfile.Require, 0, len(s.Requires))
	}
	for _, r := range s.Requires {
		out.Requires = append(out.Requires, lockfile.Require{Source: r.Source.String(), Range: r.Range.String(), Version: r.Version})
	}
	return out
}
