package build

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/sdk"
)

// HostFile is the file that Node.js runs as a provider's process.
const HostFile = "host.cjs"

// The files of the host's sources.
const (
	hostEntry     = "src/main.ts"
	hostLibraries = "libraries.json"
)

// libraryLock is libraries.json: the host's own libraries, locked in the binary.
type libraryLock struct {
	Tree      []resolve.Node    `json:"tree"`
	Libraries []resolve.Library `json:"libraries"`
}

// Host returns the path of host.cjs. It is built once per version of conduit and cache.
func (b *Builder) Host(ctx context.Context, tarball TarballFunc) (string, error) {
	if path, ok := b.FindHost(); ok {
		return path, nil
	}
	lock, err := hostLock()
	if err != nil {
		return "", err
	}
	tree, err := fs.Sub(sdk.FS, sdk.HostDir)
	if err != nil {
		return "", err
	}
	out, err := b.Bundle(ctx, BundleInput{Subject: "the provider host", Label: "host", FS: tree, Entry: hostEntry,
		Nodes: lock.Tree, Libraries: lock.Libraries, Tarball: tarball})
	if err != nil {
		return "", err
	}
	dir, digest, err := b.cache.AddTree(ctx, func(_ context.Context, dir string) error {
		return writeFiles(dir, map[string][]byte{HostFile: out.Code, HostFile + ".map": out.Map})
	})
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, HostFile), b.cache.Put(hostKey(), cache.Record{Sum: digest})
}

// FindHost returns the path of host.cjs if the cache has it.
func (b *Builder) FindHost() (path string, ok bool) {
	host, ok := b.HostArtifact()
	return filepath.Join(host.Dir, HostFile), ok
}

// HostArtifact is the folder that host.cjs lies in and the digest that it was built with, if the cache has it. Its content is not
// read, see [Builder.CheckHost].
func (b *Builder) HostArtifact() (Artifact, bool) {
	_, rec, ok := b.cache.Lookup(hostKey())
	if !ok {
		return Artifact{}, false
	}
	dir, _, ok := b.cache.Lookup(cache.Key{Kind: cache.Artifact, ID: rec.Sum})
	return Artifact{Digest: rec.Sum, Dir: dir}, ok
}

// CheckHost reads the host in the cache again and compares it with the digest that it was built with; the error has the
// kind Integrity. Without a host in the cache there is nothing to find.
func (b *Builder) CheckHost() error {
	host, ok := b.HostArtifact()
	if !ok {
		return nil
	}
	return b.Check("the provider host", host)
}

// hostKey is the key of the host's build.
var hostKey = sync.OnceValue(func() cache.Key { return hashKey([]string{"host", Version(), embedded(sdk.HostDir)}) })

// HostLibraries lists the host's npm libraries with their integrity.
func HostLibraries() ([]resolve.Library, error) {
	lock, err := hostLock()
	return lock.Libraries, err
}

func hostLock() (libraryLock, error) {
	var lock libraryLock
	data, err := fs.ReadFile(sdk.FS, sdk.HostDir+"/"+hostLibraries)
	if err == nil {
		err = json.Unmarshal(data, &lock)
	}
	if err == nil && len(lock.Tree) == 0 {
		err = errors.New("it lists no tree")
	}
	if err != nil {
		return lock, &report.Error{Kind: report.Failure, What: "this conduit was built without a usable " + hostLibraries, Err: err,
			Next: "install a released conduit"}
	}
	return lock, nil
}
