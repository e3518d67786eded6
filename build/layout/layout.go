package layout

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// ArtifactDir is the folder of a layout that holds the artifact's files.
const ArtifactDir = "artifact"

// keyHeader numbers the format of layouts.
const keyHeader = "conduit layout 1\n"

// TarballFunc returns the path of a library's tarball in the cache. Its integrity is checked again when it is read.
type TarballFunc func(ctx context.Context, lib resolve.Library) (path string, err error)

// Input says what to lay out.
type Input struct {
	Subject   string // for messages: "github:a/b@v1.2.3"
	Artifact  string // the artifact's folder
	Digest    string // "sha256:…" of the artifact
	Roots     []resolve.Edge
	Nodes     []resolve.Node
	Libraries []resolve.Library
	Platform  Platform
	Tarball   TarballFunc
	Cached    func(lib resolve.Library) (path string, ok bool) // the tarball, if the cache has it

	Allowed []string          // "name@version" of libraries whose install scripts conduit.toml allows
	Outputs map[string]string // digest of what the scripts of such a library made on Platform, by "name@version"
	// Output returns the folder with these files, of the library at a node of the tree.
	Output func(ctx context.Context, node string) (dir string, err error)
}

// Plan is a layout that may or may not be in the cache yet.
type Plan struct {
	in     Input
	key    cache.Key
	placed []item
}

// item is a library with its folder.
type item struct {
	Path      string
	ID        string
	Integrity string
	Output    string `json:",omitempty"` // "sha256:…"
	lib       resolve.Library
}

// New plans a layout. A library tree that has none is an error of kind Failure.
func New(in Input) (*Plan, error) {
	libraries := make(map[string]resolve.Library, len(in.Libraries))
	for _, lib := range in.Libraries {
		libraries[lib.Name+"@"+lib.Version] = lib
	}
	find := func(id string) (resolve.Library, bool) {
		lib, ok := libraries[id]
		if !ok {
			lib, ok = libraries[resolve.LibraryID(id)]
		}
		return lib, ok
	}
	placed, err := Place(in.Roots, in.Nodes, func(id string) bool {
		lib, ok := find(id)
		return ok && in.Platform.Runs(lib)
	})
	if err != nil {
		return nil, &report.Error{Kind: report.Failure, What: "the libraries of " + in.Subject + " cannot be laid out", Err: err,
			Next: "have one version of them: [replace] \"npm:NAME\" = \"VERSION\" in conduit.toml, then conduit lock"}
	}
	p := &Plan{in: in}
	for _, each := range placed {
		lib, _ := find(each.ID)
		p.placed = append(p.placed, item{each.Path, each.ID, lib.Integrity, in.Outputs[lib.Name+"@"+lib.Version], lib})
	}
	data, err := json.Marshal(struct {
		Digest string
		Placed []item
	}{in.Digest, p.placed})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte(keyHeader), data...))
	p.key = cache.Key{Kind: cache.Layout, ID: hex.EncodeToString(sum[:20])} // shorter paths: Windows has a limit
	return p, nil
}

// Key is the layout's key in the cache.
func (p *Plan) Key() cache.Key { return p.key }

// Find returns the folder with the artifact's files if the cache has the layout.
func (p *Plan) Find(c *cache.Cache) (artifact string, ok bool) {
	dir, _, ok := c.Lookup(p.key)
	return filepath.Join(dir, ArtifactDir), ok
}

// Make returns the folder with the artifact's files, having made the layout if the cache lacks it.
func (p *Plan) Make(ctx context.Context, c *cache.Cache) (artifact string, err error) {
	dir, _, err := c.Tree(ctx, p.key, func(ctx context.Context, dir string) (cache.Record, error) {
		return cache.Record{}, p.fill(ctx, c, dir)
	})
	return filepath.Join(dir, ArtifactDir), err
}

func (p *Plan) fill(ctx context.Context, c *cache.Cache, dir string) error {
	if err := linkTree(p.in.Artifact, filepath.Join(dir, ArtifactDir)); err != nil {
		return err
	}
	dirs, err := p.unpackAll(ctx, c)
	if err != nil {
		return err
	}
	leaveOut, err := p.unbuilt(dirs)
	if err != nil {
		return err
	}
	for _, each := range p.placed {
		if leaveOut[each.ID] {
			continue
		}
		from := dirs[each.ID]
		to := filepath.Join(dir, filepath.FromSlash(each.Path))
		if err := cache.RemoveAll(to); err != nil { // a copy that the library above brought with it: the locked one counts
			return err
		}
		if err := linkTree(from, to); err != nil {
			return err
		}
		if err := p.overlay(ctx, each, to, linkFile); err != nil {
			return err
		}
	}
	return nil
}

// unpackers is how many libraries are fetched and unpacked at once. Each is in memory as a whole meanwhile, and those that
// hold machine code are large.
const unpackers = 2

// unpackAll returns where each placed library is unpacked, by ID.
func (p *Plan) unpackAll(ctx context.Context, c *cache.Cache) (map[string]string, error) {
	at := make([]string, len(p.placed))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(unpackers)
	for i, each := range p.placed {
		group.Go(func() (err error) {
			at[i], err = p.unpack(ctx, c, each.lib)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	dirs := make(map[string]string, len(at))
	for i, each := range p.placed {
		dirs[each.ID] = at[i]
	}
	return dirs, nil
}

// unpack returns the folder of a library's files.
func (p *Plan) unpack(ctx context.Context, c *cache.Cache, lib resolve.Library) (string, error) {
	dir, _, err := c.Tree(ctx, cache.Key{Kind: cache.Unpacked, ID: lib.Integrity}, func(ctx context.Context, dir string) (cache.Record, error) {
		a, err := p.open(ctx, lib)
		if err != nil {
			return cache.Record{}, err
		}
		sum, err := a.Sum()
		if err != nil {
			return cache.Record{}, err
		}
		return cache.Record{Sum: sum}, a.Extract(dir)
	})
	return dir, err
}

// open reads a library's tarball, which must have the locked integrity.
func (p *Plan) open(ctx context.Context, lib resolve.Library) (*tarball.Archive, error) {
	id := lib.Name + "@" + lib.Version
	want, err := verify.ParseWeakIntegrity(lib.Integrity)
	if err != nil {
		return nil, &report.Error{Kind: report.Lock, What: "the integrity of " + id + " in the lock cannot be read", Err: err,
			Next: "conduit lock    to look it up again"}
	}
	file, err := p.in.Tarball(ctx, lib)
	if err != nil {
		return nil, err
	}
	return tarball.OpenVerified(id, file, want, tarball.Limits{})
}

// Verify compares the layout in the cache with the artifact's folder and the libraries' tarballs, every byte; where a
// tarball is not in the cache any more, with the sum that the layout was recorded with. A layout that is not in the cache
// is fine; a difference is an error of kind Integrity.
func (p *Plan) Verify(ctx context.Context, c *cache.Cache) error {
	dir, rec, ok := c.Lookup(p.key)
	if !ok {
		return nil
	}
	for _, each := range p.placed {
		if _, ok := p.in.Cached(each.lib); !ok {
			return c.Verify(ctx, p.key)
		}
	}
	want := map[string]func() (io.ReadCloser, error){}
	err := filepath.WalkDir(p.in.Artifact, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(p.in.Artifact, name)
		want[ArtifactDir+"/"+filepath.ToSlash(rel)] = func() (io.ReadCloser, error) { return os.Open(name) }
		return err
	})
	if err != nil {
		return err
	}
	for _, each := range p.placed {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(each.Path))); errors.Is(err, fs.ErrNotExist) && !p.isRoot(each.ID) {
			continue // left out: optional, and it would have to be compiled
		}
		a, err := p.open(ctx, each.lib)
		if err != nil {
			return err
		}
		for name := range want {
			if strings.HasPrefix(name, each.Path+"/") {
				delete(want, name)
			}
		}
		for _, name := range a.Names() {
			data, _ := a.File(name)
			want[each.Path+"/"+name] = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
		}
		if err := p.wantOutput(ctx, each, want); err != nil {
			return err
		}
	}
	names := make([]string, 0, len(want))
	for name := range want {
		names = append(names, name)
	}
	expected, err := verify.FilesSum(names, func(name string) (io.ReadCloser, error) { return want[name]() })
	if err != nil {
		return err
	}
	got, err := verify.DirSum(dir)
	if err != nil {
		return &report.Error{Kind: report.Integrity, What: "the libraries of " + p.in.Subject + " cannot be read", Where: dir, Err: err,
			Next: "run 'conduit cache prune --all', then 'conduit sync'"}
	}
	if got == expected && got == rec.Sum { // the record tells whether one was left out from the beginning
		return nil
	}
	damaged := verify.Mismatch("the libraries of "+p.in.Subject, "content", expected, got)
	damaged.Where = dir
	return damaged
}

func (p *Plan) isRoot(id string) bool {
	return slices.ContainsFunc(p.in.Roots, func(e resolve.Edge) bool { return e.ID == id })
}
