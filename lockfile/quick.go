package lockfile

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// quickly reads a lock that is written exactly as [Lock.Format] writes: a field a line, no escapes, nothing empty. Every
// command reads the lock, and for one of a thousand modules this takes a tenth of the time that a reader of all of TOML
// needs. It is false for everything else, mistakes included: the other reader explains those. The strings share data's
// memory.
func quickly(data string) (*lockTOML, bool) {
	if !plain(data) {
		return nil, false
	}
	q := quickReader{rest: data, file: lockTOML{Module: make([]moduleTOML, 0, strings.Count(data, "\n[[module]]\n")),
		Library: make([]libraryTOML, 0, strings.Count(data, "\n[[library]]\n"))}}
	if !q.skip(lockHeader) {
		return nil, false
	}
	for q.rest != "" {
		if !q.line() {
			return nil, false
		}
	}
	return &q.file, true
}

// plain tells text without control characters and escapes.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' || c == '\\' || c == 0x7f {
			return false
		}
	}
	return utf8.ValidString(s)
}

type quickReader struct {
	rest  string
	table string
	file  lockTOML
}

func (q *quickReader) skip(text string) (ok bool) {
	q.rest, ok = strings.CutPrefix(q.rest, text)
	return ok
}

// line reads a blank line, a table's header, or a key with its value.
func (q *quickReader) line() bool {
	switch {
	case q.skip("\n"):
		return true
	case q.skip("[["):
		name, rest, ok := strings.Cut(q.rest, "]]\n")
		q.table, q.rest = name, rest
		return ok && q.file.add(name)
	}
	key, rest, ok := strings.Cut(q.rest, " = ")
	q.rest = rest
	return ok && q.value(q.file.field(q.table, key)) && q.skip("\n")
}

// add begins an entry of a table.
func (f *lockTOML) add(table string) bool {
	switch table {
	case "root":
		f.Root = append(f.Root, rootTOML{})
	case "replace":
		f.Replace = append(f.Replace, replaceTOML{})
	case "exclude":
		f.Exclude = append(f.Exclude, excludeTOML{})
	case "module":
		f.Module = append(f.Module, moduleTOML{})
	case "library":
		f.Library = append(f.Library, libraryTOML{})
	case "tool":
		f.Tool = append(f.Tool, toolTOML{})
	case "native":
		f.Native = append(f.Native, nativeTOML{})
	default:
		return false
	}
	return true
}

// value reads a value into the field that a pointer leads to. A field that has one already is a mistake.
func (q *quickReader) value(field any) bool {
	switch f := field.(type) {
	case *int:
		unset := *f == 0
		*f = Version
		return unset && q.skip(strconv.Itoa(Version))
	case *bool:
		unset := !*f
		*f = true
		return unset && q.skip("true")
	case *string:
		return *f == "" && q.text(f)
	case *[]string:
		return *f == nil && q.list(func() bool {
			*f = append(*f, "")
			return q.text(&(*f)[len(*f)-1])
		})
	case *[]requireTOML:
		return *f == nil && q.list(func() bool {
			if *f == nil {
				*f = make([]requireTOML, 0, 8)
			}
			*f = append(*f, requireTOML{})
			r := &(*f)[len(*f)-1]
			return q.inline([3]string{"source", "range", "version"}, [3]*string{&r.Source, &r.Range, &r.Version})
		})
	case *[]imageTOML:
		return *f == nil && q.list(func() bool {
			*f = append(*f, imageTOML{})
			i := &(*f)[len(*f)-1]
			return q.inline([3]string{"service", "ref", "digest"}, [3]*string{&i.Service, &i.Ref, &i.Digest})
		})
	}
	return false
}

func (q *quickReader) text(to *string) bool {
	if !q.skip(`"`) {
		return false
	}
	end := strings.IndexByte(q.rest, '"')
	if end < 1 || strings.IndexByte(q.rest[:end], '\n') >= 0 {
		return false
	}
	*to, q.rest = q.rest[:end], q.rest[end+1:]
	return true
}

// list reads a list on one line, or with an element a line.
func (q *quickReader) list(element func() bool) bool {
	if !q.skip("[") {
		return false
	}
	if !q.skip("\n") {
		for {
			if !element() {
				return false
			}
			if q.skip("]") {
				return true
			}
			if !q.skip(", ") {
				return false
			}
		}
	}
	for q.skip("  ") {
		if !element() || !q.skip(",\n") {
			return false
		}
		if q.skip("]") {
			return true
		}
	}
	return false
}

// inline reads an inline table whose keys stand in this order.
func (q *quickReader) inline(keys [3]string, to [3]*string) bool {
	if !q.skip("{ ") {
		return false
	}
	some := false
	for i, key := range keys {
		before := q.rest
		if some && !q.skip(", ") || !q.skip(key) || !q.skip(" = ") {
			q.rest = before
			continue
		}
		if some = q.text(to[i]); !some {
			return false
		}
	}
	return some && q.skip(" }")
}

// field is a pointer to what a key of the last entry of a table is read into, nil if there is none.
func (f *lockTOML) field(table, key string) any {
	switch table {
	case "":
		switch key {
		case "version":
			return &f.Version
		case "node":
			return &f.Node
		case "build":
			return &f.Build
		}
	case "root":
		r := &f.Root[len(f.Root)-1]
		return pick(key, "name", &r.Name, "kind", &r.Kind, "source", &r.Source, "range", &r.Range, "version", &r.Version)
	case "replace":
		r := &f.Replace[len(f.Replace)-1]
		if key == "local" {
			return &r.Local
		}
		return pick(key, "old", &r.Old, "new", &r.New)
	case "exclude":
		e := &f.Exclude[len(f.Exclude)-1]
		return pick(key, "source", &e.Source, "version", &e.Version)
	case "module":
		return f.Module[len(f.Module)-1].field(key)
	case "library":
		l := &f.Library[len(f.Library)-1]
		switch key {
		case "os":
			return &l.OS
		case "cpu":
			return &l.CPU
		case "libc":
			return &l.Libc
		}
		return pick(key, "name", &l.Name, "version", &l.Version, "integrity", &l.Integrity, "source", &l.Source)
	case "tool":
		t := &f.Tool[len(f.Tool)-1]
		return pick(key, "name", &t.Name, "version", &t.Version, "platform", &t.Platform, "package", &t.Package, "integrity", &t.Integrity)
	case "native":
		n := &f.Native[len(f.Native)-1]
		return pick(key, "name", &n.Name, "version", &n.Version, "platform", &n.Platform, "abi", &n.ABI, "output", &n.Output)
	}
	return nil
}

func (m *moduleTOML) field(key string) any {
	switch key {
	case "local":
		return &m.Local
	case "requires":
		return &m.Requires
	case "images":
		return &m.Images
	case "libraries":
		return &m.Libraries
	case "unbundled":
		return &m.Unbundled
	case "external":
		return &m.External
	case "permissions":
		return &m.Permissions
	case "unused":
		return &m.Unused
	}
	return pick(key, "source", &m.Source, "version", &m.Version, "kind", &m.Kind, "commit", &m.Commit, "integrity", &m.Integrity,
		"sum", &m.Sum, "signer", &m.Signer, "time", &m.Time, "replaces", &m.Replaces, "artifact", &m.Artifact, "builder", &m.Builder, "service", &m.Service)
}

// pick is the pointer after key in a list of keys and pointers in turn.
func pick(key string, fields ...any) any {
	for i := 0; i < len(fields); i += 2 {
		if fields[i] == key {
			return fields[i+1]
		}
	}
	return nil
}
