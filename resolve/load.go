package resolve

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sync"
	"sync/atomic"

	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/memo"
)

// pkg is what a version of a module is known to be and to require.
type pkg struct {
	tree     *Tree    // nil where the lock or the origin's memory told everything
	revision Revision // with sum, where tree is nil and the origin's memory told
	sum      string
	notes    []string
	provider *manifest.Provider
	service  *manifest.Service
	written  []RememberedNeed // as the manifest has it
	needs    []need
	warnings []report.Event          // held back until the version is selected
	ahead    atomic.Pointer[attempt] // the last one whose crew was told of the needs
}

// need is a requirement while it is solved. A graph has tens of thousands, so they share what they have in common.
type need struct {
	*demand
	kind   string
	where  Place
	locked string // the version that the previous lock selected for it
}

// requirement is the need as others know it.
func (n *need) requirement() Requirement {
	return Requirement{Name: n.name, Kind: n.kind, Source: n.src, Range: n.rng, Where: n.where}
}

// demand is what many packages ask for in the same words.
type demand struct {
	name  string // the key in conduit.toml, for those of the root
	src   Source // before replacement
	rng   Range
	alias bool // src is what an alias stands for

	ahead atomic.Pointer[attempt] // the last one whose crew was told of it
	least memo.Result[chosen]

	allowed node // the last one that the range was found to allow; for [attempt.check] alone
}

// minimum is what the demand contributes where nothing stands in the place of its source.
func (d *demand) minimum(ctx context.Context, s *solver) (chosen, error) {
	return d.least.Get(func() (chosen, error) { return s.least(ctx, d.src, d.rng) })
}

type pkgKey struct {
	node
	kind string
}

// load reads what n requires: from the lock where it tells, else from the package itself.
func (s *solver) load(ctx context.Context, n node, kind string, rev *Revision) (*pkg, error) {
	return s.packages.Get(pkgKey{n, kind}, func() (*pkg, error) {
		locked := s.locked[n]
		if locked != nil && locked.Kind == kind && n.src.Kind != File {
			if needs, ok := s.lockedNeeds(locked); ok {
				return &pkg{needs: needs}, nil
			}
		}
		if locked == nil {
			if p, err := s.recall(ctx, n, kind); p != nil || err != nil {
				return p, err
			}
		}
		return s.read(ctx, n, kind, rev, locked)
	})
}

// lockedDemand is what the previous lock says that a package asks for, and the kind of what stands there; "" if nothing does.
type lockedDemand struct {
	*demand
	kind string
}

type lockedWords struct{ source, rng string }

// lockedNeeds is false where the lock does not tell enough, because what it requires is in the lock no more.
func (s *solver) lockedNeeds(l *Locked) (needs []need, ok bool) {
	where := At(moduleID(l.Source, l.Version), 0)
	needs = make([]need, 0, len(l.Requires))
	for _, r := range l.Requires {
		d, err := s.lockedDemands.Get(lockedWords{r.Source, r.Range}, func() (lockedDemand, error) { return s.lockedDemand(r) })
		if err != nil || d.kind == "" {
			return nil, false
		}
		needs = append(needs, need{d.demand, d.kind, where, r.Version})
	}
	return needs, true
}

func (s *solver) lockedDemand(r LockedNeed) (d lockedDemand, err error) {
	d.demand = new(demand)
	if d.src, _, err = ParseSource(r.Source); err != nil {
		return d, err
	}
	target, _, err := s.replace.apply(d.src)
	if err != nil {
		return d, err
	}
	d.kind = s.lockedKind[target]
	d.rng, err = s.ranges.Get(r.Range, func() (Range, error) { return ParseRange(r.Range) })
	return d, err
}

func (s *solver) read(ctx context.Context, n node, kind string, known *Revision, locked *Locked) (*pkg, error) {
	var rev Revision
	if known != nil {
		rev = *known
	}
	rev.Version = n.version
	if locked != nil && n.src.Kind != File {
		rev = Revision{Version: n.version, Commit: locked.Commit, Integrity: locked.Integrity, Time: locked.Time}
	}
	tree, err := s.Fetch(ctx, n.src, rev)
	if err != nil {
		return nil, err
	}
	if locked != nil && n.src.Kind != File && locked.Sum != "" && locked.Sum != tree.Sum {
		return nil, &report.Error{Kind: report.Integrity, What: n.id() + " is not what was locked", Where: n.id(),
			Why:  fmt.Sprintf("conduit.lock has %s\nits source now has %s", locked.Sum, tree.Sum),
			Next: "if the change is known and wanted: conduit remove it, then conduit get " + n.src.String() + " again; else ask its author"}
	}
	p := &pkg{tree: &tree}
	var mu sync.Mutex
	held := report.To(ctx, func(e report.Event) {
		mu.Lock()
		defer mu.Unlock()
		p.warnings = append(p.warnings, e)
	})
	var file string
	var services, providers []manifest.Need
	if kind == KindProvider {
		if p.provider, err = manifest.ReadProvider(held, tree.Path, n.id()); err != nil {
			return nil, err
		}
		file, services, providers = p.provider.File, p.provider.Services, p.provider.Providers
		if err := CheckSDK(p.provider.SDK, s.p.SDK, n.id()); err != nil {
			return nil, err
		}
	} else {
		if p.service, err = manifest.ReadService(held, tree.Path, n.id()); err != nil {
			return nil, err
		}
		file, services = p.service.File, p.service.Requires
	}
	for _, list := range []struct {
		kind  string
		needs []manifest.Need
	}{{KindService, services}, {KindProvider, providers}} {
		for _, m := range list.needs {
			p.written = append(p.written, RememberedNeed{list.kind, m})
		}
	}
	return p, s.require(p, n, locked, file, p.written)
}

// lockedVersion is what the previous lock selected for a requirement of a package that had to be read again.
func (s *solver) lockedVersion(l *Locked, n *need) string {
	if l != nil {
		for _, r := range l.Requires {
			if r.Source == n.src.String() && r.Range == n.rng.String() {
				return r.Version
			}
		}
	}
	return ""
}

// need reads a need of the package n as its manifest writes it.
func (s *solver) need(m manifest.Need, kind string, n node, where Place) (need, error) {
	d, err := s.demands.Get(m.Source, func() (d *demand, err error) {
		d = new(demand)
		var query string
		if d.src, query, err = splitSource(m.Source); errors.Is(err, ErrAlias) {
			d.alias = true
			d.src, query, err = FollowAlias(m.Source, s.p.Aliases)
		}
		if err != nil {
			return d, err
		}
		// Equal ranges share what they found out about versions.
		d.rng, err = s.ranges.Get(query, func() (Range, error) { return ParseRange(query) })
		return d, err
	})
	if err != nil {
		return need{}, inPackage(err, where.String())
	}
	// A folder that an alias names stands in conduit.toml, so it is relative to the project already.
	if d.src.Kind == File && !d.alias {
		if n.src.Kind != File {
			return need{}, &report.Error{Kind: report.Failure, What: fmt.Sprintf("%s requires the folder %s", n.id(), d.src.Path), Where: where.String(),
				Why: "only a package that is a folder itself may require folders",
				Next: fmt.Sprintf("ask its author to name a published source; until then, clone %s beside your project and put under [replace] in conduit.toml:\n\"%s\" = \"file:../%s\"",
					n.src, n.src, path.Base(n.src.Path))}
		}
		d = &demand{src: within(n.src, d.src), rng: d.rng}
	}
	return need{demand: d, kind: kind, where: where}, nil
}

// within re-expresses a folder that a package in a folder names: relative to the project, as conduit.toml would.
func within(parent, folder Source) Source {
	if path.IsAbs(folder.Path) || hasDrive(folder.Path) {
		return folder
	}
	joined, err := parseFile("", path.Join(parent.Path, folder.Path))
	if err != nil {
		return folder
	}
	return joined
}

// inPackage places an error about a manifest's text: whoever reads it cannot change that file, but can replace the package.
func inPackage(err error, where string) error {
	var e *report.Error
	if !errors.As(err, &e) {
		return err
	}
	placed := *e
	placed.Kind, placed.Where = report.Failure, where
	if !errors.Is(err, ErrAlias) {
		placed.Next = "ask the author of the package to " + e.Next
	}
	return &placed
}
