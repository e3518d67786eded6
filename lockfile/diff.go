package lockfile

// Op is what happened to a locked thing between two locks.
type Op string

// The operations, in the order in which [Diff] lists them for one name.
const (
	Added      Op = "added"
	Removed    Op = "removed"
	Upgraded   Op = "upgraded"
	Downgraded Op = "downgraded"
	Changed    Op = "changed" // the same version, other content
)

// Change is one difference between two locks.
type Change struct {
	Op   Op     `json:"op"`
	Kind string `json:"kind"`           // "provider", "service", "library" or "tool"
	Name string `json:"name"`           // a module's source, a library's name, a tool's name with its platform
	Old  string `json:"old,omitempty"`  // version before; "" for a folder and where there was none
	New  string `json:"new,omitempty"`  // version after
	What string `json:"what,omitempty"` // for Changed: the fields that differ, "sum, artifact"
}

// String is the change on one line.
func (c Change) String() string { return "" }

// Diff lists what differs from old to new: modules, then libraries, then tools, each sorted by name. Either may be nil.
func Diff(old, new *Lock) []Change { return nil }
