package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/resolve/source/github"
	"github.com/MediaConduit/conduit/resolve/source/mirror"
	"github.com/MediaConduit/conduit/verify"
)

// Mirrored counts what Mirror wrote.
type Mirrored struct {
	Dir      string `json:"dir"`
	Commits  int    `json:"commits"`  // of git repositories
	Packages int    `json:"packages"` // of npm, their versions apart
	Tarballs int    `json:"tarballs"` // of npm packages and of Node.js, for all platforms
	Images   int    `json:"images"`   // of services, those that are built on included
	Written  int    `json:"written"`  // files that were not there before, or were others
}

// Mirror adds everything that a sync of this lock fetches, on any platform, to the mirror in dir (absolute): commits of
// repositories, npm packages, Node.js, and the images of services that the lock pins, for the platforms of engines. It makes the folder, and refuses one that is no mirror. What a
// mirror has stays; a version that it has with other content is an error of kind Integrity. Each file is in its place when whatever
// names it is.
func (p *Project) Mirror(ctx context.Context, dir string, opts ImageOptions) (Mirrored, error) {
	m, lock, err := p.permitted(ctx)
	if err == nil {
		err = forbidLocal(lock)
	}
	if err == nil {
		err = beginMirror(dir)
	}
	if err != nil {
		return Mirrored{}, err
	}
	unlock, err := p.cache.Lock(ctx, cache.Key{Kind: cache.Build, ID: "mirror " + dir})
	if err != nil {
		return Mirrored{}, err
	}
	defer unlock()
	w := &mirrorWriter{Project: p, dir: dir, out: Mirrored{Dir: dir}, git: github.New(github.Options{Cache: p.cache, Offline: p.offline, Signed: func(string) bool { return true }})}
	err = w.write(ctx, m, lock)
	if err == nil {
		err = w.images(ctx, m, lock, opts)
	}
	w.out.Written = int(w.written.Load())
	return w.out, err
}

// beginMirror makes the folder of a mirror, or checks that it is one.
func beginMirror(dir string) error {
	file := filepath.Join(dir, mirror.MarkFile)
	var mark mirror.Mark
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &mark)
		if err == nil && mark.Version == mirror.Version {
			return nil
		}
		return &report.Error{Kind: report.Usage, What: "another conduit wrote the mirror", Where: file, Err: err, Next: "name another folder: conduit mirror DIR"}
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &report.Error{Kind: report.Usage, What: "cannot look into the mirror's folder", Where: dir, Err: err, Next: "name another folder: conduit mirror DIR"}
	}
	if len(entries) > 0 {
		return &report.Error{Kind: report.Usage, What: "the folder is no mirror; nothing was changed", Where: dir, Why: "it has no " + mirror.MarkFile,
			Next: "name an empty folder, or one that conduit mirror wrote: conduit mirror DIR"}
	}
	data, err = json.Marshal(mirror.Mark{Version: mirror.Version})
	if err == nil {
		err = os.MkdirAll(dir, 0o777)
	}
	if err == nil {
		err = os.WriteFile(file, append(data, '\n'), 0o666)
	}
	return cache.StorageError(dir, "write", err)
}

// mirrorWriter is one run of Mirror.
type mirrorWriter struct {
	*Project
	dir     string
	git     *github.Origin
	out     Mirrored
	written atomic.Int64
}

func (w *mirrorWriter) write(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) error {
	revs := map[resolve.Source][]resolve.Revision{} // of modules in git
	versions := map[string]map[string]bool{}        // of npm packages
	npm := func(name, version string) {
		if versions[name] == nil {
			versions[name] = map[string]bool{}
		}
		versions[name][version] = true
	}
	tarballs, err := vendorLibraries(m, lock, true)
	if err != nil {
		return err
	}
	for i := range lock.Modules {
		module := &lock.Modules[i]
		src, _, err := resolve.ParseSource(module.Source)
		switch {
		case err != nil:
			return err
		case src.Kind == resolve.GitHub || src.Kind == resolve.Git:
			revs[src] = append(revs[src], revision(module))
		case src.Kind == resolve.NPM:
			l := resolve.Library{Name: src.Path, Version: strings.TrimPrefix(module.Version, "v"), Integrity: module.Integrity}
			npm(l.Name, l.Version)
			tarballs = append(tarballs, l)
		case !inside(w.Project.dir, module.Source):
			report.Warn(ctx, module.Source, lockfile.ManifestName, "is a folder outside of the project, and in no mirror")
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for src, list := range revs {
		for _, rev := range list {
			w.out.Commits++
			group.Go(func() error { return w.pack(groupCtx, src, rev) })
		}
	}
	for _, l := range tarballs {
		if l.Source == "" {
			npm(l.Name, l.Version)
		} else if a, err := library.ParseLocked(l); err == nil && a.URL == "" {
			w.out.Commits++
			group.Go(func() error { return w.pack(groupCtx, a.Git, resolve.Revision{Commit: a.Ref}) })
		}
		w.out.Tarballs++
		group.Go(func() error { return w.tarball(groupCtx, l) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	w.out.Packages = len(versions)
	group, groupCtx = errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i := range lock.Modules {
		if name, ok := strings.CutPrefix(lock.Modules[i].Source, "npm:"); ok && builtBy(&lock.Modules[i]) {
			version := strings.TrimPrefix(lock.Modules[i].Version, "v")
			group.Go(func() error {
				return w.document(mirror.Attestations(name, version), func(old []byte) ([]byte, error) {
					said, err := w.npm.Attestations(groupCtx, name, version, false)
					if said.Data == nil {
						return old, err
					}
					return said.Data, err
				})
			})
		}
	}
	var refs sync.Mutex // directories of one repository have one file
	for src, list := range revs {
		group.Go(func() error {
			refs.Lock()
			defer refs.Unlock()
			return w.document(mirror.Refs(github.Place(src)), func(old []byte) ([]byte, error) { return w.git.ExportRefs(groupCtx, src, list, old) })
		})
	}
	for name, list := range versions {
		group.Go(func() error {
			return w.document(mirror.Document(name), func(old []byte) ([]byte, error) { return w.npm.Export(groupCtx, name, list, old) })
		})
	}
	return group.Wait()
}

// images adds images to the mirror's OCI image layout.
func (w *mirrorWriter) images(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, opts ImageOptions) error {
	images, err := w.carried(ctx, m, lock, opts, EnginePlatforms)
	if err != nil || len(images.images) == 0 {
		return err
	}
	w.out.Images = len(images.images)
	err = images.each(ctx, func(ctx context.Context, b carriedBlob) error {
		return w.once(mirror.Image(image.BlobFile(b.Digest)), func(to io.Writer) error { return b.copy(ctx, to) })
	})
	if err == nil {
		err = w.once(mirror.Image(image.LayoutFile), func(to io.Writer) error {
			_, err := io.WriteString(to, image.LayoutText)
			return err
		})
	}
	if err != nil {
		return err
	}
	return w.document(mirror.Image(image.IndexFile), func(old []byte) ([]byte, error) { return image.Index(old, images.named()) })
}

func (w *mirrorWriter) pack(ctx context.Context, src resolve.Source, rev resolve.Revision) error {
	return w.once(mirror.Pack(github.Place(src), rev.Commit), func(to io.Writer) error { return w.git.Export(ctx, src, rev, to) })
}

func (w *mirrorWriter) tarball(ctx context.Context, l resolve.Library) error {
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return err
	}
	return w.once(mirror.Tarball(want), func(to io.Writer) error {
		path, err := w.Project.tarball(ctx, l)
		if err != nil {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		hash := want.New()
		if _, err := io.Copy(io.MultiWriter(to, hash), f); err != nil {
			return err
		}
		return verify.Check(l.Name+"@"+l.Version, want.String(), verify.Integrity{Algorithm: want.Algorithm, Sum: string(hash.Sum(nil))}.String())
	})
}

// once writes a file whose name tells its content, unless it is there.
func (w *mirrorWriter) once(name string, fill func(io.Writer) error) error {
	file := filepath.Join(w.dir, filepath.FromSlash(name))
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	return w.replace(file, fill)
}

// document writes a file that says what the mirror has, from what it says already; old is nil where there is none.
func (w *mirrorWriter) document(name string, make func(old []byte) ([]byte, error)) error {
	file := filepath.Join(w.dir, filepath.FromSlash(name))
	old, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cache.StorageError(file, "read", err)
	}
	data, err := make(slices.Clip(old))
	if err != nil || bytes.Equal(data, old) {
		return err
	}
	return w.replace(file, func(to io.Writer) error {
		_, err := to.Write(data)
		return err
	})
}

// replace writes a file beside its place and renames it.
func (w *mirrorWriter) replace(file string, fill func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return cache.StorageError(file, "write", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".new-")
	if err != nil {
		return cache.StorageError(file, "write", err)
	}
	defer os.Remove(f.Name())
	err = fill(f)
	if err == nil {
		err = errors.Join(f.Chmod(0o644), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), file)
	}
	if err != nil {
		return cache.StorageError(file, "write", err)
	}
	w.written.Add(1)
	return nil
}
