package library

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/MediaConduit/conduit/resolve"
)

// Registry is what the resolver needs of the npm registry. resolve/source/npm implements it.
type Registry interface {
	// Packument returns the package document of name. full asks for the document with publication times and libc; an
	// implementation may return it anyhow. Errors are [*report.Error]; an unknown package has [ErrNoSuchPackage] in its
	// chain.
	Packument(ctx context.Context, name string, full bool) (*Packument, error)
}

// Packages is all that [Resolve] reads. resolve/source/direct implements it.
type Packages interface {
	Registry
	// Direct finds what a stands for and returns its manifest, with Source and Integrity set: name is what it is imported
	// by, and subject names it in messages. Its bytes are in the cache afterwards. Errors are [*report.Error]; what does
	// not exist has [ErrNoSuchPackage] or [ErrNoSuchVersion] in its chain.
	Direct(ctx context.Context, name string, a Address) (*Manifest, error)
	// Open returns the files of a library: of those that bundle others, the bundled ones matter here.
	Open(ctx context.Context, lib resolve.Library) (Archive, error)
}

// Archive is the files of one library by their names, which have slashes and are relative to its root.
type Archive interface {
	Names() []string
	File(name string) (content []byte, ok bool)
}

// Packument is the document of one package: every version that is published, and the dist-tags. It is safe for concurrent
// use and must not be changed.
type Packument struct {
	Name     string
	DistTags map[string]string    // tag to version
	Time     map[string]time.Time // version to publication time; nil in an abbreviated document
	Full     bool                 // whether the document holds Time, and libc in its versions
	entries  map[string]*entry
	versions []string
}

// entry is a version that is decoded when somebody asks for it.
type entry struct {
	raw      []byte
	once     sync.Once
	manifest *Manifest
	err      error
}

// Manifest is what the resolver reads of one published version.
type Manifest struct {
	Name         string
	Version      string
	Dependencies map[string]string // without those that are in Optional
	Optional     map[string]string
	Peers        map[string]string
	PeerOptional map[string]bool // peers that are marked optional in peerDependenciesMeta
	Bundled      []string        // dependencies that the tarball itself contains, sorted
	OS           []string
	CPU          []string
	Libc         []string // full documents only
	Node         string   // engines.node, "" if none is stated
	Deprecated   string   // the deprecation message, "" if not deprecated
	Scripts      bool     // has install scripts
	Shrinkwrap   bool     // its tarball holds an npm-shrinkwrap.json
	Integrity    string   // dist.integrity (Subresource Integrity), "" where the registry has none
	Shasum       string   // dist.shasum, hex
	Tarball      string   // dist.tarball
	Source       string   // where it comes from if not from the registry, as in [resolve.Library]
}

// Versions lists all published versions, ascending by precedence. The caller must not change it.
func (p *Packument) Versions() []string { return p.versions }

// Has reports whether version is published.
func (p *Packument) Has(version string) bool { return p.entries[version] != nil }

// Version returns the manifest of a published version. It fails with [ErrNoSuchVersion] in its chain where there is none,
// and where the registry's document of it cannot be read.
func (p *Packument) Version(version string) (*Manifest, error) {
	e := p.entries[version]
	if e == nil {
		return nil, noSuchVersion(p, version)
	}
	e.once.Do(func() {
		e.manifest, e.err = decodeManifest(p.Name, version, e.raw)
		e.raw = nil
	})
	return e.manifest, e.err
}

func sortVersions(vs []string) {
	slices.SortFunc(vs, func(a, b string) int {
		if c := Compare(a, b); c != 0 {
			return c
		}
		if a < b {
			return -1
		}
		return 1
	})
}
