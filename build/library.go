package build

import (
	"context"
	"path"
	"sync"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// archive is a library in memory as nodejs.Files.
type archive struct {
	*tarball.Archive
	dirs  map[string]bool
	bytes map[string][]byte
}

func newArchive(a *tarball.Archive) *archive {
	out := &archive{a, map[string]bool{".": true}, make(map[string][]byte, len(a.Names()))}
	for _, name := range a.Names() {
		out.bytes[name], _ = a.File(name)
		for dir := path.Dir(name); !out.dirs[dir]; dir = path.Dir(dir) {
			out.dirs[dir] = true
		}
	}
	return out
}

func (a *archive) IsFile(name string) bool { _, ok := a.bytes[name]; return ok }

func (a *archive) IsDir(name string) bool { return a.dirs[name] }

func (a *archive) Read(name string) ([]byte, error) { return a.bytes[name], nil }

// library is one library of the tree. Nodes of the same library share it: its tarball is opened when an import first
// reaches it.
type library struct {
	resolve.Library
	once  sync.Once
	files *opening
	err   error

	mu    sync.Mutex
	signs map[string]foundSign // by file: what was found in it
}

// foundSign is what [signOf] found.
type foundSign struct {
	why  string
	line int
}

func (l *library) id() string { return l.Name + "@" + l.Version }

func (l *library) open(ctx context.Context, on *shelf, fetch TarballFunc) (*nodejs.Package, error) {
	l.once.Do(func() {
		l.files, l.err = on.open(ctx, l.id()+" "+l.Integrity, func() (*nodejs.Package, error) { return l.read(ctx, fetch) })
	})
	if l.err != nil {
		return nil, l.err
	}
	return l.files.pkg, nil
}

func (l *library) read(ctx context.Context, fetch TarballFunc) (*nodejs.Package, error) {
	want, err := verify.ParseWeakIntegrity(l.Integrity)
	if err != nil {
		return nil, &report.Error{Kind: report.Lock, What: "the integrity of " + l.id() + " in the lock cannot be read", Err: err,
			Next: "conduit lock    to look it up again"}
	}
	file, err := fetch(ctx, l.Library)
	if err != nil {
		return nil, err
	}
	a, err := tarball.OpenVerified(l.id(), file, want, tarball.Limits{})
	if err != nil {
		return nil, err
	}
	if l.Source == "" { // what it states itself is all that is known of any other
		if err := a.CheckIdentity(l.Name, l.Version); err != nil {
			return nil, err
		}
	}
	return nodejs.NewPackage(newArchive(a)), nil
}
