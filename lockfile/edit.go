package lockfile

// Editor changes single entries of a conduit.toml and keeps every other byte: comments, order, white space.
type Editor struct {
	data []byte
	err  error
}

// Edit starts to edit the content of a conduit.toml. Data is not changed.
func Edit(data []byte) *Editor { return &Editor{data: data} }

// SetProvider sets the source of provider NAME, with its range: "github:o/r@^1.2". A new entry is appended to the table
// [providers], which is made if need be; in an entry that is a table only source and version change.
func (e *Editor) SetProvider(name, sourceWithRange string) {}

// SetService is [Editor.SetProvider] for the table [services].
func (e *Editor) SetService(name, sourceWithRange string) {}

// Remove removes the provider NAME and the service NAME, whichever is there, with its sub-tables.
func (e *Editor) Remove(name string) {}

// SetReplace sets the replacement of the source old.
func (e *Editor) SetReplace(old, new string) {}

// RemoveReplace removes the replacement of the source old.
func (e *Editor) RemoveReplace(old string) {}

// Bytes is the edited content. When nothing changed it is identical to what was given.
func (e *Editor) Bytes() []byte { return e.data }

// Err is the first error: the content is no valid TOML, or an entry has a form that cannot be edited. Edits after it
// have no effect.
func (e *Editor) Err() error { return e.err }
