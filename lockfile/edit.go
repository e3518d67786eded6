package lockfile

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/MediaConduit/conduit/report"
)

// Editor changes single entries of a conduit.toml and keeps every other byte: comments, order, white space.
type Editor struct {
	data []byte
	err  error
}

// Edit starts to edit the content of a conduit.toml. Data is not changed.
func Edit(data []byte) *Editor { return &Editor{data: data} }

// Bytes is the edited content. When nothing changed it is identical to what was given.
func (e *Editor) Bytes() []byte { return e.data }

// Err is the first error: the content is no valid TOML, or an entry has a form that cannot be edited. An edit that fails
// and those after it have no effect.
func (e *Editor) Err() error { return e.err }

// SetProvider sets the source of provider NAME, with its range: "github:o/r@^1.2". A new entry is appended to the table
// [providers], which is made if need be; in an entry that is a table only source and version change.
func (e *Editor) SetProvider(name, sourceWithRange string) {
	e.edit("providers", name, func(d *document) ([]byte, error) { return d.setEntry("providers", name, sourceWithRange) })
}

// SetService is [Editor.SetProvider] for the table [services].
func (e *Editor) SetService(name, sourceWithRange string) {
	e.edit("services", name, func(d *document) ([]byte, error) { return d.setEntry("services", name, sourceWithRange) })
}

// SetReplace sets the replacement of the source old.
func (e *Editor) SetReplace(old, new string) {
	e.edit("replace", old, func(d *document) ([]byte, error) {
		if it := d.find("replace", old); it != nil {
			return d.setString(it, new)
		}
		return d.add("replace", old, new)
	})
}

// SetNode sets the range of [toolchain] node.
func (e *Editor) SetNode(rng string) {
	e.edit("toolchain", "node", func(d *document) ([]byte, error) {
		if it := d.find("toolchain", "node"); it != nil {
			return d.setString(it, rng)
		}
		return d.add("toolchain", "node", rng)
	})
}

// Remove removes the provider NAME and the service NAME, whichever is there, with their sub-tables.
func (e *Editor) Remove(name string) {
	e.remove("providers", name)
	e.remove("services", name)
}

// RemoveService removes the service NAME with its sub-tables, and leaves a provider of that name.
func (e *Editor) RemoveService(name string) { e.remove("services", name) }

// RemoveReplace removes the replacement of the source old.
func (e *Editor) RemoveReplace(old string) { e.remove("replace", old) }

// RemoveExclude removes the exclusions of the source.
func (e *Editor) RemoveExclude(source string) { e.remove("exclude", source) }

// remove takes out what belongs to the key one item at a time, because each removal moves the others.
func (e *Editor) remove(table, key string) {
	for more := true; more && e.err == nil; {
		e.edit(table, key, func(d *document) ([]byte, error) {
			var out []byte
			out, more = d.removeFirst([]string{table, key})
			return out, nil
		})
	}
}

// edit applies change and checks that the result is TOML.
func (e *Editor) edit(table, key string, change func(*document) ([]byte, error)) {
	if e.err != nil {
		return
	}
	fail := func(err error) {
		e.err = &report.Error{Where: ManifestName, What: fmt.Sprintf("the entry %q in [%s] cannot be edited", key, table), Err: err,
			Next: "correct the file, or edit this entry by hand and then run: conduit lock"}
	}
	if !utf8.ValidString(key) {
		fail(errors.New("the name is no valid UTF-8"))
		return
	}
	if te := outOfBounds(e.data); te != nil {
		fail(te)
		return
	}
	d, err := scan(e.data)
	if err == nil {
		_, err = toml.Decode(string(e.data), &map[string]any{})
	}
	if err != nil {
		fail(err)
		return
	}
	out, err := change(d)
	if err == nil {
		_, err = toml.Decode(string(out), &map[string]any{})
	}
	if err != nil {
		fail(err)
		return
	}
	e.data = out
}

// setEntry sets the source of a provider or service in whichever form it is written.
func (d *document) setEntry(table, name, value string) ([]byte, error) {
	if it := d.find(table, name); it != nil && it.value != unstable.InlineTable {
		return d.setString(it, value)
	}
	source, version := d.find(table, name, "source"), d.find(table, name, "version")
	switch {
	case source == nil && !d.has(table, name):
		return d.add(table, name, value)
	case source == nil:
		return nil, errors.New("it is a table without a source")
	case version == nil:
		return d.setString(source, value)
	}
	bare, rng := SplitSource(value)
	if rng == "" {
		// A folder has no version, and an empty one is none.
		bare = value
	}
	out, err := d.setString(version, rng)
	if err != nil {
		return nil, err
	}
	if d, err = scan(out); err != nil {
		return nil, err
	}
	return d.setString(d.find(table, name, "source"), bare)
}

// setString replaces a string, unless it has that value already.
func (d *document) setString(it *item, value string) ([]byte, error) {
	if it.value != unstable.String {
		return nil, fmt.Errorf("line %d: its value is not text", d.line(it.start))
	}
	if it.text == value {
		return d.data, nil
	}
	return d.splice(it.valueStart, it.valueEnd, quote(value)), nil
}

// has reports whether anything stands at or below the path.
func (d *document) has(path ...string) bool { return d.lineOf(path...) > 0 }

// splice replaces the bytes from start to end.
func (d *document) splice(start, end int, text string) []byte {
	out := make([]byte, 0, len(d.data)+len(text))
	out = append(out, d.data[:start]...)
	out = append(out, text...)
	return append(out, d.data[end:]...)
}
