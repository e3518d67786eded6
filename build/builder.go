package build

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// The files of an artifact.
const (
	ProviderFile = "provider.mjs"  // exports `provider`, the entry module's namespace, and `sdk`
	MetaFile     = "artifact.json" // a [Meta]
)

// MetaVersion is the version of the artifact's layout.
const MetaVersion = 2

// Meta is the content of artifact.json: what a host needs to know before it loads the artifact.
type Meta struct {
	Version    int        `json:"version"`
	Entry      string     `json:"entry"`                // the provider's entry module, relative to its tree
	ExportName string     `json:"exportName,omitempty"` // exported class where there is no default export
	Type       string     `json:"type,omitempty"`       // "local" or "remote"
	Bundled    []string   `json:"bundled"`              // libraries that the bundle was made of, "NAME@VERSION", sorted
	Externals  []External `json:"externals"`            // libraries that the bundle does not hold, sorted by ID
}

// TarballFunc returns the path of a library's tarball in the cache. Its integrity is checked again when it is read.
type TarballFunc func(ctx context.Context, lib resolve.Library) (path string, err error)

// Input is a provider to build.
type Input struct {
	Subject   string             // for messages: "github:a/b@v1.2.3"
	Dir       string             // the module's tree; the caller has verified that its sum is Sum
	Sum       string             // "h1:…"
	Provider  *manifest.Provider // what the module says about itself
	Nodes     []resolve.Node     // its library tree
	Libraries []resolve.Library  // the libraries of Nodes; others are ignored
	Tarball   TarballFunc
	Unbundled bool     // all libraries stay outside of the bundle
	External  []string // libraries that stay outside, "NAME" or "NAME@VERSION"
}

// Artifact is a built provider in the cache.
type Artifact struct {
	Digest     string         // "sha256:…" over the folder, see [verify.ArtifactDigest]
	Dir        string         // absolute and read-only
	ExportName string         // exported class where there is no default export, as the manifest says
	Type       string         // "local" or "remote"
	Warnings   []report.Event // what the author should act on; the same when the build is repeated
	Bundled    []string       // libraries that the bundle was made of, "NAME@VERSION", sorted
	Externals  []External     // libraries that the bundle does not hold, sorted by ID
	Made       bool           // by this call, and not found in the cache
}

// Builder builds artifacts into a cache. It is safe for concurrent use.
type Builder struct {
	cache *cache.Cache
	shelf shelf
}

// New returns a builder that keeps what it builds in c.
func New(c *cache.Cache) *Builder { return &Builder{cache: c} }

// Build returns the artifact of in, from the cache if the same input was built before. It emits nothing: the warnings
// are the caller's to report, with Subject already set. Errors that the provider's own code causes have the kind Provider; a tarball that differs from its integrity
// has the kind Integrity.
func (b *Builder) Build(ctx context.Context, in Input) (Artifact, error) {
	key := buildKey(in)
	a, ok := b.built(key)
	if !ok {
		var err error
		if a, err = b.make(ctx, key, in); err != nil {
			return Artifact{}, err
		}
	}
	for i := range a.Warnings {
		a.Warnings[i].Subject = in.Subject
	}
	return a, nil
}

func (b *Builder) make(ctx context.Context, key cache.Key, in Input) (Artifact, error) {
	tree, err := openTree(in.Dir)
	if err != nil {
		return Artifact{}, &report.Error{Kind: report.Failure, What: "cannot read the tree of " + in.Subject, Where: in.Dir, Err: err,
			Next: "conduit sync    to fetch it again"}
	}
	defer tree.Close()
	entry, out, err := b.bundle(ctx, tree, in, nil)
	if err != nil {
		return Artifact{}, err
	}
	meta, err := json.MarshalIndent(Meta{Version: MetaVersion, Entry: entry, ExportName: in.Provider.ExportName,
		Type: in.Provider.Type, Bundled: out.Bundled, Externals: out.Externals}, "", "  ")
	if err != nil {
		return Artifact{}, err
	}
	dir, digest, err := b.cache.AddTree(ctx, func(_ context.Context, dir string) error {
		return writeFiles(dir, map[string][]byte{ProviderFile: out.Code, ProviderFile + ".map": out.Map, MetaFile: append(meta, '\n')})
	})
	if err != nil {
		return Artifact{}, err
	}
	a := Artifact{Digest: digest, Dir: dir, ExportName: in.Provider.ExportName, Type: in.Provider.Type,
		Warnings: out.Warnings, Bundled: out.Bundled, Externals: out.Externals, Made: true}
	return a, b.remember(key, a)
}

// bundle bundles the provider in tree, in.Dir, from its entry module on. Imports of what declared names are left as they are
// where in.Nodes knows no library for them.
func (b *Builder) bundle(ctx context.Context, tree *os.Root, in Input, declared []string) (entry string, out Bundle, err error) {
	if entry, err = findEntry(tree, in); err != nil {
		return "", Bundle{}, err
	}
	out, err = b.Bundle(ctx, BundleInput{Subject: in.Subject, Label: "provider", FS: tree.FS(), Entry: entry, Provider: true,
		Nodes: in.Nodes, Libraries: in.Libraries, Tarball: in.Tarball, Unbundled: in.Unbundled, External: in.External, Declared: declared})
	if err != nil && report.OfDisk(err) != err { // which knows names within the tree
		err = &report.Error{What: "cannot read the files of " + in.Subject, Where: in.Dir, Err: err}
	}
	return entry, out, err
}

// Find returns the artifact with this digest if the cache has it. It does not read the artifact's content, see [Builder.Check].
func (b *Builder) Find(digest string) (Artifact, bool) {
	dir, _, ok := b.cache.Lookup(cache.Key{Kind: cache.Artifact, ID: digest})
	if !ok {
		return Artifact{}, false
	}
	meta, err := ReadMeta(dir)
	if err != nil {
		return Artifact{}, false // damaged: as good as absent, a build makes it again
	}
	return Artifact{Digest: digest, Dir: dir, ExportName: meta.ExportName, Type: meta.Type, Bundled: meta.Bundled, Externals: meta.Externals}, true
}

// Check hashes the artifact's files again. It fails with an error of kind Integrity that names the package, subject, and
// both digests where they are not what was built.
func (b *Builder) Check(subject string, a Artifact) error {
	subject = "the artifact of " + subject
	got, err := verify.ArtifactDigest(a.Dir)
	if err != nil {
		return &report.Error{Kind: report.Integrity, What: subject + " cannot be read", Where: a.Dir, Err: err,
			Next: "run 'conduit cache prune --all', then 'conduit sync'"}
	}
	return verify.Check(subject, a.Digest, got)
}

// ReadMeta reads the artifact.json of the artifact in dir.
func ReadMeta(dir string) (Meta, error) {
	var meta Meta
	data, err := os.ReadFile(filepath.Join(dir, MetaFile))
	if err == nil {
		err = json.Unmarshal(data, &meta)
	}
	return meta, err
}

func writeFiles(dir string, files map[string][]byte) error {
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
