package lockfile

import "github.com/MediaConduit/conduit/resolve"

// Name is the lock file's name in the project's folder.
const Name = "conduit.lock"

// Version is the version of the lock format that this conduit writes. A newer one is refused with advice.
const Version = 1

// Lock is the content of conduit.lock.
type Lock struct {
	Root      []Root              // what conduit.toml required when the lock was made: a difference makes the lock stale
	Node      string              // [toolchain] node of conduit.toml when the lock was made
	Replace   []Replacement       // [replace] when the lock was made; Line is not kept
	Exclude   map[string][]string // [exclude] when the lock was made
	Build     []string            // [policy] build when the lock was made; sorted
	Modules   []Module
	Libraries []resolve.Library
	Toolchain []Tool
	Natives   []Native

	// Torn is set on what was read out of a file with conflict markers: every digest that the file holds. A merge by lines
	// can put the name of one entry above the digest of another, so that only the versions count, and what belongs to
	// them has to be found again; its digest must be one of these. It is nil for any other lock, and not written.
	Torn map[string]bool
}

// Root is a requirement of conduit.toml and the version that was selected for it.
type Root struct {
	Name    string // the key in conduit.toml
	Kind    string // KindProvider or KindService
	Source  string // canonical, aliases followed, before replacement
	Range   string // as written
	Version string // selected; "" for a folder
}

// Kinds of modules.
const (
	KindProvider = "provider"
	KindService  = "service"
)

// Module is one locked provider or service. Source and Version together are unique in a lock.
type Module struct {
	Source    string // canonical, as resolve.Source.String writes it
	Version   string // canonical with leading v; "" for a folder
	Kind      string // KindProvider or KindService
	Commit    string // full hash, git sources only
	Integrity string // SRI of the tarball, npm sources only
	Sum       string // "h1:…" over the module's files
	Signer    string // who signed the tag or commit, as verify/signature.Signer writes it; "" where no rule asks for it
	Time      string // RFC 3339 UTC commit or publication time: the date that its libraries are chosen as of; "" for a folder
	Requires  []Require
	Service   string         // of several services that it requires the one that it is constructed with, by Require.Source; else ""
	Libraries []resolve.Node // the library tree, the root's own edges under the ID "."
	Artifact  string         // "sha256:…" over the built artifact; providers only
	Builder   string         // "esbuild 0.28.2, sdk 0.1.0": what built Artifact
	Images    []Image        // services only
	Bundling                 // what conduit.toml kept outside of Artifact
	// Unused are the libraries of the tree that Artifact has no use for, in the bundle or beside it, as "NAME@VERSION", sorted: nothing needs to fetch them.
	Unused []string
	// Permissions are what a provider's package declares that it needs of the machine, as permission.Set.Lines writes it; empty for nothing.
	Permissions []string
	Replaces    string // the source that [replace] put this one in place of, "" if none
	Local       bool   // the replacement stands in conduit.local.toml: --locked refuses it
}

// Require is a requirement of a module and the version that was selected for it.
type Require struct {
	Source  string // canonical, before replacement
	Range   string // as written; "" for none
	Version string // selected; "" for a folder
}

// Image is a container image that a service runs or is built on, or the context that one is built from. Service and Ref
// together are unique in a module.
type Image struct {
	Service string // compose service
	Ref     string // as the compose file or the Dockerfile names it; "" for a context
	Digest  string // "sha256:…", of a context "build:h1:…"; "" for an image whose registry gave none: it floats
}

// Tool is a runtime that the lock provides, for one platform. Name and Platform together are unique in a lock.
type Tool struct {
	Name      string // "node"
	Version   string // without a leading v
	Platform  string // "linux-amd64", as Go calls it
	Package   string // the npm package that holds it
	Integrity string // SRI of its tarball; "" where the version is not published for the platform
}
