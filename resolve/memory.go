package resolve

import (
	"context"

	"github.com/MediaConduit/conduit/manifest"
)

// Memory is an [Origin] that keeps what packages were found to require, so that solving opens each of them once in the
// life of a cache. What a published version requires never changes: its bytes do not.
type Memory interface {
	// Recall returns what was kept of a version, if its source still says that the version is the commit or the tarball
	// that was read.
	Recall(ctx context.Context, src Source, version string) (Remembered, bool)
	// Remember keeps what was read. It is no error if that cannot be written: the packages will be read again.
	Remember(list []Remembered)
	// Note keeps what was found out of packages that are remembered, and passes over those that are not.
	Note(list []Note)
}

// Note is what else was found out of a package and follows from its bytes alone. What the lines mean is the business of
// who writes them.
type Note struct {
	Source  Source
	Version string
	Sum     string // of the package that the note is about
	Lines   []string
}

// Remembered is what solving needs of a package.
type Remembered struct {
	Source   Source
	Revision Revision // with Version, and Commit or Integrity
	Sum      string
	Kind     string // as which it was read
	File     string // the manifest's name
	SDK      string // the range of our SDK that it asks for, "" for none
	Needs    []RememberedNeed
	Notes    []string // lines of the last [Note]
}

// RememberedNeed is a requirement as the manifest writes it.
type RememberedNeed struct {
	Kind string
	manifest.Need
}

// recall is what the origin remembers of a version, judged anew: aliases, [replace] and the SDK may be others by now.
func (s *solver) recall(ctx context.Context, n node, kind string) (*pkg, error) {
	memory, ok := s.p.Origin.(Memory)
	if !ok || n.src.Kind == File {
		return nil, nil
	}
	r, ok := memory.Recall(ctx, n.src, n.version)
	if !ok || r.Kind != kind {
		return nil, nil
	}
	p := &pkg{revision: r.Revision, sum: r.Sum, notes: r.Notes}
	if err := CheckSDK(r.SDK, s.p.SDK, n.id()); err != nil {
		return nil, err
	}
	return p, s.require(p, n, nil, r.File, r.Needs)
}

// require adds what the manifest in file says that n requires.
func (s *solver) require(p *pkg, n node, locked *Locked, file string, needs []RememberedNeed) error {
	p.needs = make([]need, 0, len(needs))
	in := &placeFile{file, n.id()}
	for _, m := range needs {
		req, err := s.need(m.Need, m.Kind, n, Place{in, m.Line})
		if err != nil {
			return err
		}
		req.locked = s.lockedVersion(locked, &req)
		p.needs = append(p.needs, req)
	}
	return nil
}

// remember keeps what was read. A package that has something to warn of is read again, so that it warns again.
func (s *solver) remember() {
	memory, ok := s.p.Origin.(Memory)
	if !ok {
		return
	}
	var list []Remembered
	s.packages.Each(func(key pkgKey, p *pkg) {
		if p.tree == nil || len(p.warnings) > 0 || key.src.Kind == File {
			return
		}
		r := Remembered{Source: key.src, Revision: p.tree.Revision, Sum: p.tree.Sum, Kind: key.kind, Needs: p.written}
		r.Revision.Version = key.version
		if p.provider != nil {
			r.File, r.SDK = p.provider.File, p.provider.SDK
		} else {
			r.File = p.service.File
		}
		list = append(list, r)
	})
	memory.Remember(list)
}
