package project

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// content is what a package has in it, as far as a bill of materials or the policy asks for it.
type content struct {
	Licence  string `json:"licence,omitempty"` // as it states it; "" for none
	Size     int64  `json:"size,omitempty"`    // of its tarball in bytes; 0 for what came out of a repository
	Unpacked int64  `json:"unpacked"`          // of its files in bytes
}

// contents are those of the packages of a lock.
type contents struct {
	known   map[string]content // by SOURCE@VERSION of a module, and by NAME@VERSION of a library
	unknown []string           // those that could not be read without the network, sorted
}

// contentsOf reads what packages have in them out of their verified files. What the cache lacks is fetched; offline it is unknown.
func (p *Project) contentsOf(ctx context.Context, modules []lockfile.Module, libraries []resolve.Library) (contents, error) {
	out := contents{known: map[string]content{}}
	var mu sync.Mutex
	ctx, finish := p.cache.Batch(ctx)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	note := func(id string, c content, err error) error {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			out.known[id] = c
		case p.offline && report.KindOf(err) == report.Network:
			out.unknown = append(out.unknown, id)
		default:
			return err
		}
		return nil
	}
	for i := range modules {
		m := &modules[i]
		group.Go(func() error {
			c, err := p.contentOfModule(ctx, m)
			return note(subject(m), c, err)
		})
	}
	for _, l := range libraries {
		group.Go(func() error {
			c, err := p.contentOfLibrary(ctx, l)
			return note(l.Name+"@"+l.Version, c, err)
		})
	}
	err := group.Wait()
	if ferr := finish(); err == nil {
		err = ferr
	}
	slices.Sort(out.unknown)
	return out, err
}

func (p *Project) contentOfModule(ctx context.Context, m *lockfile.Module) (content, error) {
	dir, err := p.fetch(ctx, m)
	if err != nil {
		return content{}, err
	}
	var c content
	if m.Integrity != "" {
		if path, _, ok := p.cache.Lookup(cache.Key{Kind: cache.Library, ID: m.Integrity}); ok {
			if info, err := os.Stat(path); err == nil {
				c.Size = info.Size()
			}
		}
	}
	if m.Version != "" { // a folder of the user's own may hold anything
		if c.Unpacked, err = sizeOf(dir); err != nil {
			return c, err
		}
	}
	c.Licence, err = manifest.ReadLicence(ctx, dir, subject(m))
	return c, err
}

// sizeOf adds up the files of a folder, in bytes.
func sizeOf(dir string) (all int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			all += info.Size()
		}
		return err
	})
	return all, err
}

// contentMemory begins the names of the documents that hold the content of a tarball, by its integrity: reading it again means
// unpacking all of it.
const contentMemory = "content 1 "

func (p *Project) contentOfLibrary(ctx context.Context, l resolve.Library) (content, error) {
	var c content
	if known, ok := p.cache.Meta(contentMemory + l.Integrity); ok && json.Unmarshal(known, &c) == nil {
		return c, nil
	}
	path, err := p.tarball(ctx, l)
	if err != nil {
		return c, err
	}
	want, err := verify.ParseIntegrity(l.Integrity)
	if err != nil {
		return c, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return c, err
	}
	c = content{Size: info.Size()}
	err = tarball.Scan(l.Name+"@"+l.Version, path, want, tarball.Limits{}, func(file string, from io.Reader) error {
		if file == "package.json" {
			data, err := io.ReadAll(io.LimitReader(from, longestPackageJSON))
			c.Licence, c.Unpacked = manifest.Licence(data), c.Unpacked+int64(len(data))
			if err != nil {
				return err
			}
		}
		n, err := io.Copy(io.Discard, from)
		c.Unpacked += n
		return err
	})
	if err != nil {
		p.discard(err, []resolve.Library{l})
		return c, err
	}
	if data, err := json.Marshal(c); err == nil {
		_ = p.cache.PutMeta(contentMemory+l.Integrity, data) // what is not remembered is read again
	}
	return c, nil
}

// longestPackageJSON bounds what is read of a library's package.json, in bytes; the greatest of published ones have some hundred
// thousand.
const longestPackageJSON = 4 << 20
