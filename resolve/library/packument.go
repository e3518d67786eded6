package library

import (
	"cmp"
	"context"
	"slices"
	"strings"
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
	entries  map[string]*entry    // by what the document calls versions, which may be none
	sort     sync.Once
	versions []string // see [Packument.Versions]
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
	Attested     bool     // the registry has attestations of it
	Source       string   // where it comes from if not from the registry, as in [resolve.Library]
}

// Versions lists all published versions, ascending by precedence. The caller must not change it. Most often the latest
// version is what is wanted, and the thousands of others are not even parsed.
func (p *Packument) Versions() []string {
	p.sort.Do(func() {
		for version := range p.entries {
			if Valid(version) {
				p.versions = append(p.versions, version)
			}
		}
		sortVersions(p.versions)
	})
	return p.versions
}

// Has reports whether version is published.
func (p *Packument) Has(version string) bool { return p.entries[version] != nil && Valid(version) }

// Version returns the manifest of a published version. It fails with [ErrNoSuchVersion] in its chain where there is none,
// and where the registry's document of it cannot be read.
func (p *Packument) Version(version string) (*Manifest, error) {
	e := p.entries[version]
	if e == nil || !Valid(version) {
		return nil, noSuchVersion(p, version)
	}
	e.once.Do(func() {
		e.manifest, e.err = decodeManifest(p.Name, version, e.raw)
		e.raw = nil
	})
	return e.manifest, e.err
}

// sortVersions sorts as [Compare] does, and parses each version once.
func sortVersions(vs []string) {
	type parsed struct {
		text    string
		version *version
	}
	list := make([]parsed, len(vs))
	for i, v := range vs {
		list[i] = parsed{v, parseVersion(v)}
	}
	slices.SortFunc(list, func(a, b parsed) int {
		if a.version == nil || b.version == nil {
			return Compare(a.text, b.text)
		}
		return cmp.Or(a.version.compare(b.version), strings.Compare(a.text, b.text))
	})
	for i := range list {
		vs[i] = list[i].text
	}
}
