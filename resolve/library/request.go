package library

import (
	"time"

	"github.com/MediaConduit/conduit/resolve"
)

// Request is what a provider asks for.
type Request struct {
	Subject      string            // the provider, for messages: "github:a/b@v1.2.3"
	Dependencies map[string]string // package.json dependencies: import name to spec
	Optional     map[string]string // optionalDependencies
	Peers        map[string]string // peerDependencies that are not optional
	Overrides    map[string]any    // package.json overrides, as npm reads them
	Dir          string            // the provider's folder, in which the author's lock file may be; "" for none
	Time         time.Time         // choose as of this time; zero: as of now
	Replace      map[string]string // library name to version or range, in place of every range on it ([replace] "npm:form-data" = "4.0.4")
	Build        []string          // "name@version" of libraries whose install scripts are run all the same
	Locked       *Result           // the tree of the previous lock: its versions win where the ranges allow them; nil for none
}

// Result is a library tree.
type Result struct {
	Nodes     []resolve.Node    // sorted by ID; the provider itself is "."
	Libraries []resolve.Library // sorted by name and version
	Scripts   []string          // "name@version" of libraries whose install scripts are not run, sorted
	Warnings  []string          // deprecations, unmet peers, install scripts; sorted
}
