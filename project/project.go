package project

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/exec/service"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source"
	"github.com/MediaConduit/conduit/resolve/source/direct"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/resolve/source/npm"
	"github.com/MediaConduit/conduit/verify/witness"
)

// Options say which project to open and with what.
type Options struct {
	Dir     string       // the project's folder or one below it; "" for the working folder
	Cache   *cache.Cache // where fetched and built things are kept; nil for the user's, which CONDUIT_CACHE names
	Offline bool         // make no network request; what is not in the cache is an error
	Profile string       // [profile.NAME] whose settings apply; "" for none
	// NoVendor leaves the project's vendor folder aside, as [Project.Vendor] needs it that writes the folder anew.
	NoVendor bool
	// Accept takes in what a person has to agree to when it changes: who signs the versions of a source.
	Accept bool
}

// Project is an open project. Its methods may be used by one goroutine at a time; several processes may work on one
// project at once.
type Project struct {
	dir       string // absolute
	profile   string
	offline   bool
	accept    bool
	cache     *cache.Cache
	vendor    image.Layout  // the images in the vendor folder, "" for none
	route     *mirror.Route // which mirrors are asked, nil for none
	npm       *npm.Client
	npmLocal  *npm.Client // the same without the network
	libraries *direct.Packages
	every     resolve.Origin // versions of any age
	origin    resolve.Origin // the same for those who choose: versions that are old enough
	local     resolve.Origin // the same without the network
	builder   *build.Builder
	services  *service.Manager
	engines   engines
	witness   *witness.Book         // of what sync found right; nil where there is no folder for state
	rules     atomic.Pointer[rules] // of the conduit.toml that was read last
}

// Open opens the project that Dir belongs to: the nearest folder upwards that holds a conduit.toml. Without one the error
// says how to make one.
func Open(_ context.Context, opts Options) (*Project, error) {
	dir, err := find(opts.Dir)
	if err != nil {
		return nil, err
	}
	if opts.Cache == nil {
		folder, err := cache.DefaultDir()
		if err != nil {
			return nil, err
		}
		if opts.Cache, err = cache.Open(folder); err != nil {
			return nil, err
		}
	}
	var vendor image.Layout
	if !opts.NoVendor {
		if opts.Cache, vendor, err = withVendor(opts.Cache, dir); err != nil {
			return nil, err
		}
	}
	route, err := Route()
	if err != nil {
		return nil, err
	}
	client, err := npm.New(npm.Options{Cache: opts.Cache, Offline: opts.Offline, Dir: dir, Mirror: route})
	if err != nil {
		return nil, err
	}
	clientLocal := client.Local()
	p := &Project{dir: dir, profile: opts.Profile, offline: opts.Offline, accept: opts.Accept, cache: opts.Cache, vendor: vendor, route: route, npm: client, npmLocal: clientLocal}
	from := source.Options{Cache: opts.Cache, Project: dir, Offline: opts.Offline, NPM: npm.NewOrigin(client), Signed: p.demanded, Plain: p.plain, Mirror: route}
	cached := from
	cached.Offline, cached.NPM = true, npm.NewOrigin(clientLocal)
	if p.services, err = service.New(service.Options{}); err != nil {
		return nil, err
	}
	p.witness = Witness()
	p.local, p.builder = source.New(cached), build.New(opts.Cache)
	p.every = &governed{source.New(from), p}
	p.origin = resolve.Settled(p.every, p.age)
	p.libraries = direct.New(client, p.origin, opts.Cache)
	return p, nil
}

// Route says which mirrors are asked, by the environment: see [mirror.New].
func Route() (*mirror.Route, error) {
	return mirror.New(mirror.Options{Env: os.Getenv, Client: sync.OnceValues(func() (*http.Client, error) { return github.NewClient(os.Getenv) }), Login: github.Netrc})
}

// Witness is this user's book of the folders that a sync has found right, nil where there is no folder for state.
func Witness() *witness.Book {
	state, err := service.StateDir()
	if err != nil {
		return nil
	}
	return witness.New(filepath.Join(state, "witness"))
}

// Dir is the project's folder, absolute.
func (p *Project) Dir() string { return p.dir }

// find returns the nearest folder from dir upwards that holds a conduit.toml.
func find(dir string) (string, error) {
	start, err := filepath.Abs(dir)
	if err != nil {
		return "", &report.Error{What: "cannot tell the working folder", Err: err}
	}
	for at := start; ; at = filepath.Dir(at) {
		file := filepath.Join(at, lockfile.ManifestName)
		info, err := os.Stat(file)
		if err == nil && at != start && ofAnother(info) {
			return "", &report.Error{Kind: report.Policy, What: "the project in a folder above belongs to another user", Where: file,
				Why:  "whoever wrote it decides what runs here",
				Next: "conduit -C " + at + " …    if you trust it\nconduit init    makes a project here"}
		}
		if err == nil {
			return at, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", &report.Error{What: "cannot look for " + lockfile.ManifestName, Where: at, Err: err,
				Next: "make the folder readable, or name another with -C"}
		}
		if at == filepath.Dir(at) {
			return "", &report.Error{What: "no " + lockfile.ManifestName + " in this folder or above it", Where: start,
				Next: "conduit init    makes one here\nconduit -C DIR …  works in another folder"}
		}
	}
}

// Init makes dir a project: it writes a conduit.toml, and refuses to replace one. It returns the file's path.
func Init(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", &report.Error{What: "cannot tell the working folder", Err: err}
	}
	path := filepath.Join(abs, lockfile.ManifestName)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return "", &report.Error{What: "this folder is a project already", Where: path,
			Next: "conduit get SOURCE    adds a provider to it"}
	}
	if err != nil {
		return "", &report.Error{What: "cannot write " + lockfile.ManifestName, Where: abs, Err: err,
			Next: "make the folder writable, or name another with -C"}
	}
	_, err = f.Write(lockfile.NewManifest())
	if err = errors.Join(err, f.Close()); err != nil {
		return "", &report.Error{What: "cannot write " + lockfile.ManifestName, Where: abs, Err: err}
	}
	return path, nil
}

// read returns conduit.toml, with its bytes.
func (p *Project) read(ctx context.Context) (*lockfile.Manifest, error) {
	m, err := lockfile.ReadManifest(ctx, p.dir)
	if err != nil {
		return nil, err
	}
	p.npm.Allow(npm.Policy{SHA1: m.Policy.SHA1, Hosts: m.Policy.Hosts, Plain: p.plain})
	if err := p.govern(m); err != nil {
		return nil, err
	}
	if err := p.audited(ctx); err != nil {
		return nil, err
	}
	return m, nil
}

// previous returns conduit.lock, or nil where there is none yet. Both sides of an unfinished merge count.
func (p *Project) previous() (*lockfile.Lock, error) {
	lock, err := lockfile.ReadLock(p.dir)
	var markers *lockfile.MarkersError
	switch {
	case err == nil:
		return lock, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.As(err, &markers):
		return merged(markers.Ours, markers.Theirs), nil
	}
	return nil, err
}

func merged(ours, theirs *lockfile.Lock) *lockfile.Lock {
	switch {
	case ours == nil:
		return theirs
	case theirs == nil:
		return ours
	}
	return lockfile.Merge(ours, theirs)
}

// state returns conduit.toml, conduit.lock and what in the one is not what the other was made for. Where there is no lock
// the error has io/fs.ErrNotExist in its chain and the manifest is returned all the same.
func (p *Project) state(ctx context.Context) (*lockfile.Manifest, *lockfile.Lock, []lockfile.Difference, error) {
	m, err := p.read(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	lock, err := lockfile.ReadLock(p.dir)
	if err != nil {
		return m, nil, nil, err
	}
	return m, lock, lock.Stale(m), nil
}

// permitted is current, for those who run or fetch what the lock names: all of it must be allowed.
func (p *Project) permitted(ctx context.Context) (*lockfile.Manifest, *lockfile.Lock, error) {
	m, lock, err := p.current(ctx)
	if err == nil {
		err = p.permitLocked(lock)
	}
	return m, lock, err
}

// current returns conduit.toml and the lock that belongs to it, or an error of kind Lock.
func (p *Project) current(ctx context.Context) (*lockfile.Manifest, *lockfile.Lock, error) {
	m, lock, stale, err := p.state(ctx)
	if err == nil {
		err = lockfile.StaleError(stale)
	}
	if err == nil && p.profile != "" {
		if _, ok := m.Profiles[p.profile]; !ok {
			err = p.noProfile()
		}
	}
	return m, lock, err
}
