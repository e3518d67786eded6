package lockfile

// Difference is a reason why a lock does not belong to a manifest.
type Difference struct {
	Key   string // the place in conduit.toml: "providers.cowsay", "replace.npm:form-data", "toolchain.node"
	Where string // "conduit.toml:7"; the file alone for an entry that is gone
	Why   string // "cowsay asks for ^2, the lock was made for ^1"
}

// Stale lists what in the manifest differs from what the lock was made for; nothing means that the lock is current.
// Only what decides versions counts: requirements, replacements, exclusions and the toolchain; settings such as env and
// port do not. canonical turns a source as written into the form that [Root.Source] has; nil takes it as it is.
func (l *Lock) Stale(m *Manifest, canonical func(source string) (string, error)) []Difference {
	return nil
}

// StaleError is the error of kind [report.Lock] for a command that may not lock by itself; nil for no differences.
func StaleError(diffs []Difference) error { return nil }
