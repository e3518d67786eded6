package project

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// VendorOptions say what goes into the vendor folder.
type VendorOptions struct {
	Dir          string // absolute; "" for where sync looks for it
	AllPlatforms bool   // libraries, Node.js and images for every platform of the lock, not for this machine's alone
	ImageOptions
}

// Vendored counts what Vendor wrote.
type Vendored struct {
	Dir       string `json:"dir"`
	Modules   int    `json:"modules"`
	Libraries int    `json:"libraries"` // those of the provider host and Node.js included
	Natives   int    `json:"natives"`   // what install scripts made on this machine
	Images    int    `json:"images"`    // of services, those that are built on included
}

// Vendor writes everything that a sync of this lock fetches into a folder: the files of providers and services, the
// tarballs of libraries and of Node.js, and the images of services that the lock pins. A machine that has the folder syncs without a
// network. The folder is replaced as a whole at the very end; one that Vendor did not write is refused.
func (p *Project) Vendor(ctx context.Context, opts VendorOptions) (Vendored, error) {
	m, lock, err := p.permitted(ctx)
	if err == nil {
		err = forbidLocal(lock)
	}
	if err != nil {
		return Vendored{}, err
	}
	if opts.Dir == "" {
		if opts.Dir, err = vendorDir(p.dir); err != nil {
			return Vendored{}, err
		}
	}
	if err := replaceable(opts.Dir); err != nil {
		return Vendored{}, err
	}
	// Two that write one folder at once come one after the other, and what a killed one left is in the way of none.
	unlock, err := p.cache.Lock(ctx, cache.Key{Kind: cache.Build, ID: "vendor " + opts.Dir})
	if err != nil {
		return Vendored{}, err
	}
	defer unlock()
	if err := restore(opts.Dir); err != nil {
		return Vendored{}, cache.StorageError(opts.Dir, "write", err)
	}
	work := beside(opts.Dir, newVendor)
	defer cache.RemoveAll(work)
	if err := errors.Join(cache.RemoveAll(work), os.MkdirAll(work, 0o777)); err != nil {
		return Vendored{}, cache.StorageError(opts.Dir, "write", err)
	}
	store, err := cache.Open(work)
	if err != nil {
		return Vendored{}, err
	}
	out, err := p.vendorInto(ctx, store, m, lock, opts)
	if err != nil {
		return Vendored{}, err
	}
	if err := sealVendor(store, opts.Dir); err != nil {
		return Vendored{}, cache.StorageError(opts.Dir, "write", err)
	}
	out.Dir = opts.Dir
	return out, nil
}

func (p *Project) vendorInto(ctx context.Context, store *cache.Cache, m *lockfile.Manifest, lock *lockfile.Lock, opts VendorOptions) (out Vendored, err error) {
	libraries, err := vendorLibraries(m, lock, opts.AllPlatforms)
	if err != nil {
		return out, err
	}
	out.Libraries = len(libraries)
	usual := thisEngine()
	if opts.AllPlatforms {
		usual = EnginePlatforms
	}
	images, err := p.carried(ctx, m, lock, opts.ImageOptions, usual)
	if err != nil {
		return out, err
	}
	out.Images = len(images.images)
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	group.Go(func() error { return vendorImages(groupCtx, filepath.Join(store.Dir(), imageFolder), images) })
	for i := range lock.Modules {
		module := &lock.Modules[i]
		if module.Version == "" { // a folder of the user's own
			if !inside(p.dir, module.Source) {
				report.Warn(ctx, module.Source, lockfile.ManifestName, "is a folder outside of the project; take it along yourself")
			}
			continue
		}
		out.Modules++
		group.Go(func() error { return p.vendorModule(groupCtx, store, module) })
	}
	for _, l := range libraries {
		group.Go(func() error { return p.vendorLibrary(groupCtx, store, l) })
	}
	for _, n := range lock.Natives {
		key := cache.Key{Kind: cache.Artifact, ID: n.Output}
		if _, _, ok := p.cache.Lookup(key); !ok {
			if n.Platform == layout.Here().String() {
				group.Go(func() error { return notSynced("the native build of " + n.Name + "@" + n.Version) })
				continue
			}
			report.Warn(ctx, n.Name+"@"+n.Version, lockfile.Name, "its native build for "+n.Platform+" is not on this machine and stays out")
			continue
		}
		out.Natives++
		group.Go(func() error { return store.Copy(groupCtx, p.cache, key) })
	}
	return out, group.Wait()
}

func (p *Project) vendorModule(ctx context.Context, store *cache.Cache, m *lockfile.Module) error {
	dir, err := p.fetch(ctx, m)
	if err != nil {
		return err
	}
	if err := rehash(ctx, m, dir); err != nil {
		return err
	}
	key, ok := p.cache.KeyOf(dir)
	if !ok {
		return notSynced(subject(m))
	}
	return store.Copy(ctx, p.cache, key)
}

func (p *Project) vendorLibrary(ctx context.Context, store *cache.Cache, l resolve.Library) error {
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return err
	}
	if _, err := p.tarball(ctx, l); err != nil {
		return err
	}
	return store.Copy(ctx, p.cache, cache.Key{Kind: cache.Library, ID: want.String()})
}

// vendorImages writes images in the OCI image layout.
func vendorImages(ctx context.Context, dir string, images carriedImages) error {
	if len(images.images) == 0 {
		return nil
	}
	put := func(name string, fill func(io.Writer) error) error {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			return cache.StorageError(file, "write", err)
		}
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return cache.StorageError(file, "write", err)
		}
		return cache.StorageError(file, "write", errors.Join(fill(f), f.Close()))
	}
	text := func(data []byte) func(io.Writer) error {
		return func(to io.Writer) error {
			_, err := to.Write(data)
			return err
		}
	}
	err := images.each(ctx, func(ctx context.Context, b carriedBlob) error {
		return put(image.BlobFile(b.Digest), func(to io.Writer) error { return b.copy(ctx, to) })
	})
	if err != nil {
		return err
	}
	index, err := image.Index(nil, images.named())
	if err != nil {
		return err
	}
	return errors.Join(put(image.LayoutFile, text([]byte(image.LayoutText))), put(image.IndexFile, text(index)))
}

// vendorLibraries are the libraries of the lock and of the provider host, and Node.js, which comes as one.
func vendorLibraries(m *lockfile.Manifest, lock *lockfile.Lock, allPlatforms bool) ([]resolve.Library, error) {
	host, err := build.HostLibraries()
	if err != nil {
		return nil, err
	}
	all := slices.Concat(lock.Libraries, host)
	if m.Node != "" {
		for _, t := range lock.Toolchain {
			if t.Integrity != "" && (allPlatforms || t.Platform == here().name) {
				all = append(all, resolve.Library{Name: t.Package, Version: t.Version, Integrity: t.Integrity})
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(l resolve.Library) bool {
		drop := seen[l.Integrity] || !allPlatforms && !layout.Here().Runs(l)
		seen[l.Integrity] = true
		return drop
	}), nil
}

// sealVendor makes a finished cache a vendor folder and puts it into its place.
func sealVendor(store *cache.Cache, dir string) error {
	if err := store.Strip(); err != nil {
		return err
	}
	data, err := json.Marshal(vendorMark{Version: vendorVersion})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(store.Dir(), vendorMarkFile), append(data, '\n'), 0o666); err != nil {
		return err
	}
	if err := os.Chmod(store.Dir(), 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, beside(dir, oldVendor)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(store.Dir(), dir); err != nil {
		return errors.Join(err, restore(dir))
	}
	return cache.RemoveAll(beside(dir, oldVendor))
}

// Folders beside a vendor folder while it is replaced: one that is not empty cannot be renamed over.
const (
	newVendor = "new"
	oldVendor = "old"
)

// beside has a name that nobody else gives to a folder: what it names is removed.
func beside(dir, which string) string {
	return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+".conduit-"+which)
}

// restore puts the folder back that one who was killed had set aside.
func restore(dir string) error {
	if _, err := os.Lstat(dir); err == nil {
		return cache.RemoveAll(beside(dir, oldVendor))
	}
	if err := os.Rename(beside(dir, oldVendor), dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// replaceable refuses a folder that is not empty and that Vendor did not write.
func replaceable(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return &report.Error{Kind: report.Usage, What: "cannot look into the vendor folder", Where: dir, Err: err, Next: "name another folder: conduit vendor DIR"}
	}
	if _, err := os.Stat(filepath.Join(dir, vendorMarkFile)); err != nil {
		return &report.Error{Kind: report.Usage, What: "the folder is not one that conduit vendor wrote; nothing was changed", Where: dir, Why: "it has no " + vendorMarkFile,
			Next: "name another folder: conduit vendor DIR    (conduit reads it where " + EnvVendor + " names it)"}
	}
	return nil
}
