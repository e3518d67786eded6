package direct

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify"
)

// Packages implements [library.Packages]. It is safe for concurrent use.
type Packages struct {
	npm   *npm.Client
	git   resolve.Origin
	cache *cache.Cache
}

// New returns the libraries that client and git can reach; both must keep what they fetch in c.
func New(client *npm.Client, git resolve.Origin, c *cache.Cache) *Packages {
	return &Packages{npm: client, git: git, cache: c}
}

var _ library.Packages = (*Packages)(nil)

// Packument implements [library.Registry].
func (p *Packages) Packument(ctx context.Context, name string, full bool) (*library.Packument, error) {
	return p.npm.Packument(ctx, name, full)
}

// Direct implements [library.Packages].
func (p *Packages) Direct(ctx context.Context, name string, a library.Address) (*library.Manifest, error) {
	m, _, err := p.fetch(ctx, name, a)
	return m, err
}

// fetch returns the manifest of what a stands for, and the path of its tarball in the cache.
func (p *Packages) fetch(ctx context.Context, name string, a library.Address) (m *library.Manifest, path string, err error) {
	if a.URL == "" {
		return p.repository(ctx, name, a)
	}
	path, integrity, err := p.npm.Address(ctx, name, a.URL, a.Integrity)
	if err != nil {
		return nil, "", err
	}
	files, err := open(name, path, integrity)
	if err != nil {
		return nil, "", err
	}
	data, ok := files.File("package.json")
	if !ok {
		return nil, "", noPackage(name, a.URL)
	}
	if m, err = library.ParseManifest(name, data, "https", a.URL, integrity.Hex()); err != nil {
		return nil, "", err
	}
	m.Integrity = integrity.String()
	return m, path, nil
}

// Tarball returns the path of a locked library's tarball in the cache, fetched and verified if it is not there.
func (p *Packages) Tarball(ctx context.Context, lib resolve.Library) (string, error) {
	if lib.Source == "" {
		return p.npm.Tarball(ctx, lib.Name, lib.Version, lib.Integrity)
	}
	if path, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: lib.Integrity}); ok {
		return path, nil
	}
	a, err := library.ParseLocked(lib)
	if err != nil {
		return "", &report.Error{Kind: report.Lock, What: "the source of " + lib.Name + "@" + lib.Version + " in the lock cannot be read", Err: err,
			Next: "restore conduit.lock from version control, or delete it and type: conduit lock"}
	}
	_, path, err := p.fetch(ctx, lib.Name, a)
	return path, err
}

// Open implements [library.Packages].
func (p *Packages) Open(ctx context.Context, lib resolve.Library) (library.Archive, error) {
	path, err := p.Tarball(ctx, lib)
	if err != nil {
		return nil, err
	}
	integrity, err := verify.ParseIntegrity(lib.Integrity)
	if err != nil {
		return nil, &report.Error{Kind: report.Integrity, What: "there is no integrity to verify " + lib.Name + "@" + lib.Version + " with", Err: err,
			Next: fmt.Sprintf("choose another version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", lib.Name)}
	}
	return open(lib.Name+"@"+lib.Version, path, integrity)
}

func open(subject, path string, integrity verify.Integrity) (*tarball.Archive, error) {
	return tarball.OpenVerified(subject, path, integrity, tarball.Limits{})
}

func noPackage(name, where string) error {
	return &report.Error{What: "what " + name + " names is no package", Where: where, Why: "it holds no package.json", Err: library.ErrNoSuchPackage,
		Next: fmt.Sprintf("ask the author to correct the dependency, or choose a published version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", name)}
}

// repository packs a commit.
func (p *Packages) repository(ctx context.Context, name string, a library.Address) (m *library.Manifest, path string, err error) {
	tree, err := p.commit(ctx, a)
	if err != nil {
		return nil, "", err
	}
	source := library.Address{Git: a.Git, Ref: tree.Commit}.String()
	about, err := os.ReadFile(filepath.Join(tree.Path, "package.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, "", noPackage(name, source)
	}
	if err != nil {
		return nil, "", err
	}
	m, err = library.ParseManifest(name, about, "git", source, tree.Commit)
	if err != nil {
		return nil, "", err
	}
	data, err := pack(tree.Path)
	if err != nil {
		return nil, "", err
	}
	integrity := verify.IntegrityOf(data)
	m.Integrity = integrity.String()
	if a.Integrity != "" && a.Integrity != m.Integrity {
		return nil, "", verify.Mismatch(name+" from "+source, "integrity", a.Integrity, m.Integrity)
	}
	path, err = p.cache.Blob(ctx, cache.Key{Kind: cache.Library, ID: m.Integrity}, func(_ context.Context, w *cache.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if unbuilt(about) {
		report.Warn(ctx, m.Name+"@"+m.Version, "", "its prepare script, which npm would run on a git dependency, is not run")
	}
	return m, path, err
}

// commit fetches the commit that a names.
func (p *Packages) commit(ctx context.Context, a library.Address) (resolve.Tree, error) {
	rev := resolve.Revision{Commit: a.Ref}
	if !a.Pinned() {
		var err error
		if rev, err = p.find(ctx, a); err != nil {
			return resolve.Tree{}, err
		}
	}
	return p.git.Fetch(ctx, a.Git, rev)
}

func (p *Packages) find(ctx context.Context, a library.Address) (resolve.Revision, error) {
	text, ok := a.Semver()
	if !ok {
		name := a.Ref
		if name == "" {
			name = "HEAD"
		}
		return p.git.Find(ctx, a.Git, name)
	}
	rng, err := library.ParseRange(text)
	if err != nil {
		return resolve.Revision{}, &report.Error{What: fmt.Sprintf("%q is no range of versions", text), Where: a.String(), Next: "ask the author to correct the dependency"}
	}
	releases, err := p.git.Releases(ctx, a.Git)
	if err != nil {
		return resolve.Revision{}, err
	}
	version := rng.MaxSatisfying(releases.Versions)
	if version == "" {
		return resolve.Revision{}, &report.Error{What: "no version tag of " + a.Git.String() + " is in the range " + text, Err: library.ErrNoSuchVersion,
			Why: fmt.Sprintf("it has %d version tags", len(releases.Versions)), Next: "ask the author to correct the dependency"}
	}
	return resolve.Revision{Version: version}, nil
}

// unbuilt tells a package whose author expects npm to build it after a checkout.
func unbuilt(about []byte) bool {
	var m struct {
		Scripts struct {
			Prepare string `json:"prepare"`
		} `json:"scripts"`
	}
	return json.Unmarshal(about, &m) == nil && m.Scripts.Prepare != ""
}
