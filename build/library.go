package build

import (
	"context"
	"path"
	"strings"
	"sync"

	"github.com/MediaConduit/conduit/build/nodejs"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// archive is a library as nodejs.Files. It holds the contents that a bundle may be made of, which most packages have more
// bytes beside than of.
type archive struct {
	part  *tarball.Part
	kind  map[string]bool // name to whether it is a directory
	whole func() (*tarball.Archive, error)
}

// rarelyImported reports files that hardly any import leads to: types, source maps, texts for people.
func rarelyImported(name string) bool {
	switch path.Ext(name) {
	case ".map", ".md", ".html", ".flow", ".snap":
		return true
	case ".ts", ".mts", ".cts":
		return strings.HasSuffix(strings.TrimSuffix(name, path.Ext(name)), ".d")
	}
	return false
}

func newArchive(subject, file string, want verify.Integrity) (*archive, error) {
	part, err := tarball.OpenPart(subject, file, want, tarball.Limits{}, func(name string) bool { return !rarelyImported(name) })
	if err != nil {
		return nil, err
	}
	a := &archive{part: part, kind: map[string]bool{".": true}, whole: sync.OnceValues(func() (*tarball.Archive, error) {
		return tarball.OpenVerified(subject, file, want, tarball.Limits{})
	})}
	for _, name := range part.Names() {
		a.kind[name] = false
		for dir := path.Dir(name); !a.kind[dir]; dir = path.Dir(dir) {
			a.kind[dir] = true
		}
	}
	return a, nil
}

func (a *archive) IsFile(name string) bool {
	dir, ok := a.kind[name]
	return ok && !dir
}

func (a *archive) IsDir(name string) bool { return a.kind[name] }

func (a *archive) Read(name string) ([]byte, error) {
	if data, ok := a.part.File(name); ok {
		return data, nil
	}
	whole, err := a.whole()
	if err != nil {
		return nil, err
	}
	data, _ := whole.File(name)
	return data, nil
}

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
	a, err := newArchive(l.id(), file, want)
	if err != nil {
		return nil, err
	}
	if l.Source == "" { // what it states itself is all that is known of any other
		if err := a.part.CheckIdentity(l.Name, l.Version); err != nil {
			return nil, err
		}
	}
	return nodejs.NewPackage(a), nil
}
