package library

import (
	"time"

	"github.com/MediaConduit/conduit/resolve"
)

// Request is what a provider asks for.
type Request struct {
	Subject      string                   // the provider, for messages: "github:a/b@v1.2.3"
	Dependencies map[string]string        // package.json dependencies: import name to spec
	Optional     map[string]string        // optionalDependencies
	Peers        map[string]string        // peerDependencies that are not optional
	Overrides    map[string]any           // package.json overrides, as npm reads them
	Dir          string                   // the provider's folder, in which the author's lock file may be; "" for none
	Time         time.Time                // choose as of this time; zero: as of now
	Cutoff       func(name string) Cutoff // what is picked of a package must have been published by then, too; nil for no such bound
	Replace      map[string]string        // library name to version or range, in place of every range on it ([replace] "npm:form-data" = "4.0.4")
	Build        []string                 // "name@version" of libraries whose install scripts are run all the same
	Locked       *Result                  // the tree of the previous lock: its versions win where the ranges allow them; nil for none
}

// Cutoff bounds when what is picked of a package was published. What a lock file, a replacement or a requirement names by version
// is not picked, and neither is what its registry does not date.
type Cutoff struct {
	Time time.Time // zero for no bound
	// Refuse makes the error for a package that has nothing in range from before Time. Without it, what was published first
	// is taken, with a warning.
	Refuse func(version string, published time.Time) error
}

// Result is a library tree.
type Result struct {
	Nodes     []resolve.Node    // sorted by ID; the provider itself is "."
	Libraries []resolve.Library // sorted by name and version
	Scripts   []string          // "name@version" of libraries whose install scripts are not run, sorted
	Warnings  []string          // deprecations, unmet peers, install scripts; sorted
}
