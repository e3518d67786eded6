package lockfile

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/resolve"
)

const lockHeader = "# Written by conduit; belongs into version control. After a merge conflict run: conduit lock\n"

// Format writes the lock as TOML: entries sorted, one field a line, line feeds only, empty fields left out, so that equal
// locks have equal bytes and two branches merge. Parsing the result gives the lock again, sorted.
func (l *Lock) Format() []byte {
	var w writer
	w.WriteString(lockHeader)
	w.WriteString("version = " + strconv.Itoa(Version) + "\n")
	w.field("node", l.Node)
	s := l.sortedTables()
	w.words("build", s.Build)
	for _, r := range s.Root {
		w.entry("root", "name", r.Name, "kind", r.Kind, "source", r.Source, "range", r.Range, "version", r.Version)
	}
	for _, r := range s.Replace {
		w.entry("replace", "old", r.Old, "new", r.New)
		w.flag("local", r.Local)
	}
	for _, source := range sortedKeys(s.Exclude) {
		for _, v := range s.Exclude[source] {
			w.entry("exclude", "source", source, "version", v)
		}
	}
	w.modules(s.Modules)
	for _, lib := range s.Libraries {
		w.entry("library", "name", lib.Name, "version", lib.Version, "integrity", lib.Integrity, "source", lib.Source)
		w.words("os", lib.OS)
		w.words("cpu", lib.CPU)
		w.words("libc", lib.Libc)
	}
	for _, t := range s.Toolchain {
		w.entry("tool", "name", t.Name, "version", t.Version, "platform", t.Platform, "package", t.Package, "integrity", t.Integrity)
	}
	for _, n := range s.Natives {
		w.entry("native", "name", n.Name, "version", n.Version, "platform", n.Platform, "abi", n.ABI, "output", n.Output)
	}
	return w.Bytes()
}

// modules formats modules side by side, since a large lock has thousands of them: each part in its own stretch of the room
// that is left, so that memory is taken once, and then moved together.
func (w *writer) modules(modules []Module) {
	const atOnce = 128 // take longer than to begin with them
	parts := slices.Collect(slices.Chunk(modules, atOnce))
	w.Grow(roughSize(modules))
	room := w.AvailableBuffer()
	out := make([]writer, len(parts))
	var group sync.WaitGroup
	for i, part := range parts {
		n := roughSize(part)
		out[i].Buffer = *bytes.NewBuffer(room[:0:n])
		room = room[n:n]
		group.Go(func() {
			for j := range part {
				m := part[j].sorted()
				out[i].module(&m)
			}
		})
	}
	group.Wait()
	texts, fit := make([][]byte, len(parts)), true
	for i, part := range parts {
		texts[i] = out[i].Bytes()
		fit = fit && len(texts[i]) <= roughSize(part)
	}
	if !fit { // one outgrew its stretch; moved to its place, it would be written over the next ones
		texts = [][]byte{bytes.Join(texts, nil)}
	}
	for _, text := range texts {
		w.Write(text)
	}
}

// roughSize is a guess at the bytes of modules in the file.
func roughSize(modules []Module) (n int) {
	for i := range modules {
		m := &modules[i]
		n += 512 + 96*len(m.Requires) + 256*len(m.Images) + 128*len(m.Libraries)
	}
	return n
}

type writer struct{ bytes.Buffer }

func (w *writer) field(key, value string) {
	if value != "" {
		w.WriteString(key)
		w.WriteString(" = ")
		w.quoted(value)
		w.WriteByte('\n')
	}
}

// quoted is quote without a copy, for a file of ten thousands of texts.
func (w *writer) quoted(s string) {
	if !isPlain(s) {
		w.WriteString(quote(s))
		return
	}
	w.WriteByte('"')
	w.WriteString(s)
	w.WriteByte('"')
}

func (w *writer) flag(key string, value bool) {
	if value {
		w.WriteString(key + " = true\n")
	}
}

// words writes a short list on one line.
func (w *writer) words(key string, list []string) {
	if len(list) == 0 {
		return
	}
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = quote(s)
	}
	w.WriteString(key + " = [" + strings.Join(quoted, ", ") + "]\n")
}

// lines writes a list of n elements with one a line, each with a comma, so that adding one changes no other line.
func (w *writer) lines(key string, n int, element func(i int)) {
	if n == 0 {
		return
	}
	w.WriteString(key + " = [\n")
	for i := range n {
		w.WriteString("  ")
		element(i)
		w.WriteString(",\n")
	}
	w.WriteString("]\n")
}

// entry begins a table of an array with its fields, given as keys and values in turn.
func (w *writer) entry(table string, fields ...string) {
	w.WriteString("\n[[" + table + "]]\n")
	for i := 0; i < len(fields); i += 2 {
		w.field(fields[i], fields[i+1])
	}
}

func (w *writer) module(m *Module) {
	w.entry("module", "source", m.Source, "version", m.Version, "kind", m.Kind, "commit", m.Commit, "integrity", m.Integrity,
		"sum", m.Sum, "signer", m.Signer, "time", m.Time, "replaces", m.Replaces)
	w.flag("local", m.Local)
	w.field("artifact", m.Artifact)
	w.field("builder", m.Builder)
	w.field("service", m.Service)
	w.flag("unbundled", m.Unbundled)
	w.words("external", m.External)
	w.lines("permissions", len(m.Permissions), func(i int) { w.quoted(m.Permissions[i]) })
	w.lines("requires", len(m.Requires), func(i int) { w.require(m.Requires[i]) })
	w.lines("images", len(m.Images), func(i int) { w.image(m.Images[i]) })
	w.lines("libraries", len(m.Libraries), func(i int) { w.WriteString(quote(formatNode(m.Libraries[i]))) })
	w.lines("unused", len(m.Unused), func(i int) { w.quoted(m.Unused[i]) })
}

func (w *writer) require(r Require) {
	w.inline("source", r.Source, "range", r.Range, "version", r.Version)
}

func (w *writer) image(i Image) { w.inline("service", i.Service, "ref", i.Ref, "digest", i.Digest) }

// inline writes an inline table of the fields that are not empty.
func (w *writer) inline(fields ...string) {
	separator := "{ "
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			w.WriteString(separator)
			w.WriteString(fields[i])
			w.WriteString(" = ")
			w.quoted(fields[i+1])
			separator = ", "
		}
	}
	w.WriteString(" }")
}

// sorted is a copy of the lock in the order of the file.
func (l *Lock) sorted() *Lock {
	c := l.sortedTables()
	c.Modules = slices.Clone(c.Modules)
	for i := range c.Modules {
		c.Modules[i] = c.Modules[i].sorted()
	}
	return c
}

// sortedTables is sorted without what lies within modules, which are to be read only.
func (l *Lock) sortedTables() *Lock {
	c := *l
	c.Root = sortedBy(l.Root, func(a, b Root) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name)) })
	c.Replace = sortedBy(l.Replace, func(a, b Replacement) int { return cmp.Or(cmp.Compare(a.Old, b.Old), cmp.Compare(a.New, b.New)) })
	c.Build = slices.Compact(sortedBy(l.Build, cmp.Compare[string]))
	c.Exclude = map[string][]string{}
	for source, versions := range l.Exclude {
		c.Exclude[source] = slices.Compact(sortedBy(versions, compareVersions))
	}
	c.Modules = readSorted(l.Modules, func(a, b Module) int {
		if by := cmp.Compare(a.Source, b.Source); by != 0 {
			return by // most often, and versions take longer to compare
		}
		return cmp.Or(compareVersions(a.Version, b.Version), cmp.Compare(a.Replaces, b.Replaces))
	})
	c.Libraries = sortedBy(l.Libraries, func(a, b resolve.Library) int {
		if by := cmp.Compare(a.Name, b.Name); by != 0 {
			return by
		}
		return cmp.Or(compareVersions("v"+a.Version, "v"+b.Version), cmp.Compare(a.Version, b.Version))
	})
	c.Toolchain = sortedBy(l.Toolchain, func(a, b Tool) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Platform, b.Platform), cmp.Compare(a.Version, b.Version))
	})
	c.Natives = sortedBy(l.Natives, func(a, b Native) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), compareVersions("v"+a.Version, "v"+b.Version), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Platform, b.Platform))
	})
	return &c
}

// sorted is a copy of the module in the order of the file. Lists that are in order already are shared.
func (m Module) sorted() Module {
	m.Requires = readSorted(m.Requires, func(a, b Require) int {
		if by := cmp.Compare(a.Source, b.Source); by != 0 {
			return by
		}
		return cmp.Or(compareVersions(a.Version, b.Version), cmp.Compare(a.Range, b.Range))
	})
	m.Permissions = readSorted(m.Permissions, cmp.Compare[string])
	m.Unused = readSorted(m.Unused, cmp.Compare[string])
	m.Images = readSorted(m.Images, func(a, b Image) int { return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Ref, b.Ref)) })
	m.Libraries = sortedBy(m.Libraries, func(a, b resolve.Node) int { return compareNodes(a.ID, b.ID) })
	for j := range m.Libraries {
		n := &m.Libraries[j]
		n.Edges = sortedBy(n.Edges, func(a, b resolve.Edge) int { return cmp.Compare(a.Name, b.Name) })
	}
	return m
}

// readSorted is for lists that are read only: itself where it is sorted already, as most are.
func readSorted[T any](list []T, compare func(a, b T) int) []T {
	if slices.IsSortedFunc(list, compare) {
		return list
	}
	return sortedBy(list, compare)
}

func sortedBy[T any](list []T, compare func(a, b T) int) []T {
	c := slices.Clone(list)
	slices.SortStableFunc(c, compare)
	return c
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// compareVersions orders by precedence; texts that are no versions, or differ only in build metadata, by their bytes.
func compareVersions(a, b string) int { return cmp.Or(semver.Compare(a, b), cmp.Compare(a, b)) }

// compareNodes puts the provider itself first.
func compareNodes(a, b string) int {
	if (a == ".") != (b == ".") {
		if a == "." {
			return -1
		}
		return 1
	}
	return cmp.Compare(a, b)
}
