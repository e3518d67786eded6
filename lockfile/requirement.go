package lockfile

// Requirement is an entry of conduit.toml as resolution needs it: aliases followed.
type Requirement struct {
	Name   string // the key
	Kind   string // KindProvider or KindService
	Source string // as written, or what the alias stands for
	Range  string // as written; for an alias without one, the alias's own
	Line   int
}

// Requirements lists what the manifest requires, providers first, in the order of the file. Lock.Root must hold these
// ranges for [Lock.Stale] to find them unchanged.
func (m *Manifest) Requirements() []Requirement { return nil }
