package resolve

import (
	"time"

	"github.com/MediaConduit/conduit/manifest"
)

// The kinds of modules.
const (
	KindProvider = "provider"
	KindService  = "service"
)

// Problem is what [Solve] solves: the requirements of a project, and everything that bears on how they are met.
type Problem struct {
	Root     []Requirement       // conduit.toml's providers and services
	Replace  []Replace           // [replace], for modules only
	Exclude  map[string][]string // source as in conduit.toml to versions that nobody may select
	Aliases  map[string]string   // static name to source with query
	Locked   []Locked            // what the previous lock holds; what "update" should move is left out by the caller
	Floors   []Floor             // where to begin, without more being known of it: what "update" moves to
	Origin   Origin
	Parallel int    // fetches at once, 0 for the default
	SDK      string // version of conduit's own SDK; "" to accept whatever providers ask of it
}

// Requirement asks for one module. It is a node's demand, not yet a choice of version.
type Requirement struct {
	Name   string // the key in conduit.toml, for requirements of the root only
	Kind   string // KindProvider or KindService
	Source Source // before replacement
	Range  Range
	Where  Place
	// Locked is the version that the previous lock selected for this requirement of the root; "" if it had none, or if
	// source or range have changed since. It counts only if Problem.Locked holds it, too.
	Locked string
}

// Replace puts one source in place of another, wherever the graph requires it.
type Replace struct {
	Old   Source
	New   Source
	Range Range  // overrides every requirement's range; none to keep them
	Local bool   // it stands in conduit.local.toml
	Where string // "conduit.toml:20"
}

// Locked is a module of the previous lock. Where it is still allowed it is selected again, and what it requires is taken
// from here without fetching it.
type Locked struct {
	Source    Source // after replacement
	Version   string
	Kind      string
	Commit    string
	Integrity string
	Sum       string
	Time      time.Time
	Requires  []LockedNeed
}

// Floor is a version below which nothing of its line is selected by requirements that allow it. It goes before what the
// lock holds of the same line; where it leads to a conflict, what the lock holds counts again.
type Floor struct {
	Source  Source // after replacement
	Version string
}

// LockedNeed is a requirement of a locked module and what was selected for it.
type LockedNeed struct {
	Source  string // canonical, before replacement
	Range   string // as written; "" for none
	Version string // selected; "" for a folder
}

// Graph is the solution of a [Problem].
type Graph struct {
	Root    []Link     // one for each requirement of the root, in their order
	Modules []Selected // sorted by source, then version; only what the selected versions reach
}

// Link is a requirement and what was selected for it.
type Link struct {
	Requirement
	Target  Source // Requirement.Source after replacement: the Source of the Selected
	Version string // of the Selected; "" for a folder
	Asked   string // what the requirement itself contributed: its minimum or the locked version; at most Version
}

// Selected is a module of the build list.
type Selected struct {
	Revision
	Source   Source
	Line     string // the compatibility line, "" for a folder
	Kind     string
	Sum      string             // "h1:…"
	Tree     *Tree              // nil where the lock or the origin's memory told everything, so that nothing was fetched
	Requires []Link             // sorted by target, then version
	Replaced *Source            // the source in whose place [replace] put it, nil if none
	Local    bool               // the replacement stands in conduit.local.toml
	Provider *manifest.Provider // what the package says about itself; nil for services, and where Tree is nil
	Service  *manifest.Service  // likewise; nil for providers
	// Unattested says that the registry is known to have no attestations of it; false where it was not asked.
	Unattested bool

	Notes []string // what the origin's memory has noted of it, nil where Tree is set
}

// Find is the selected module with that source (after replacement) and version, nil if there is none.
func (g *Graph) Find(src Source, version string) *Selected {
	for i := range g.Modules {
		if m := &g.Modules[i]; m.Source == src && m.Version == version {
			return m
		}
	}
	return nil
}

// ID is "SOURCE@VERSION", or the source alone for a folder.
func (s *Selected) ID() string { return moduleID(s.Source, s.Version) }

func moduleID(src Source, version string) string {
	if version == "" {
		return src.String()
	}
	return src.String() + "@" + version
}
