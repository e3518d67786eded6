package lockfile

import (
	"cmp"
	"reflect"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/resolve"
)

// Op is what happened to a locked thing between two locks.
type Op string

// The operations.
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
	Kind string `json:"kind"`           // "provider", "service", "library", "tool" or "native"
	Name string `json:"name"`           // a module's source, a library's or a tool's name
	Old  string `json:"old,omitempty"`  // version before; "" for a folder and where there was none
	New  string `json:"new,omitempty"`  // version after; likewise
	What string `json:"what,omitempty"` // for Changed: the fields that differ, as in "sum, artifact"

	// Permissions are how what a provider declares differs; of one that is added, all that it declares. Nil where it says nothing new.
	Permissions *permission.Diff `json:"permissions,omitempty"`
}

// String is the change on one line.
func (c Change) String() string {
	text := string(c.Op) + " " + c.Kind + " " + c.Name
	switch c.Op {
	case Added:
		return strings.TrimSuffix(text+" "+c.New, " ")
	case Removed:
		return strings.TrimSuffix(text+" "+c.Old, " ")
	case Changed:
		if c.New != "" {
			text += " " + c.New
		}
		return text + " (" + c.What + ")"
	}
	return text + " " + cmp.Or(c.Old, "(folder)") + " → " + cmp.Or(c.New, "(folder)")
}

// thing is what Diff compares of a module, library or tool.
type thing struct {
	kind, name, version string
	permissions         []string
	fields              func() [][2]string // name and content
}

// Diff lists what differs from old to new: modules, then libraries, tools and native builds, each sorted by name. Either may be nil.
func Diff(old, new *Lock) []Change {
	old, new = differing(cmp.Or(old, &Lock{}).sorted(), cmp.Or(new, &Lock{}).sorted())
	var out []Change
	for _, list := range []func(*Lock) []thing{modules, libraries, tools, natives} {
		before, after := list(old), list(new)
		for len(before) > 0 || len(after) > 0 {
			name := firstName(before, after)
			var o, n []thing
			o, before = cutName(before, name)
			n, after = cutName(after, name)
			out = append(out, diffVersions(o, n)...)
		}
	}
	return out
}

// firstName is the first name in two lists that are sorted by name.
func firstName(a, b []thing) string {
	if len(a) == 0 || len(b) > 0 && b[0].name < a[0].name {
		return b[0].name
	}
	return a[0].name
}

// cutName cuts off the things of that name that a list begins with.
func cutName(list []thing, name string) (of, rest []thing) {
	n := 0
	for n < len(list) && list[n].name == name {
		n++
	}
	return list[:n:n], list[n:]
}

// differing leaves out the modules that both locks, sorted copies, hold alike: of a thousand modules few differ.
func differing(old, new *Lock) (*Lock, *Lock) {
	had := map[[2]string]*Module{}
	for i := range old.Modules {
		m := &old.Modules[i]
		had[[2]string{m.Source, m.Version}] = m
	}
	same := map[[2]string]bool{}
	for i := range new.Modules {
		m := &new.Modules[i]
		key := [2]string{m.Source, m.Version}
		if before := had[key]; before != nil && reflect.DeepEqual(before, m) {
			same[key] = true
		}
	}
	known := func(m Module) bool { return same[[2]string{m.Source, m.Version}] }
	old.Modules, new.Modules = slices.DeleteFunc(old.Modules, known), slices.DeleteFunc(new.Modules, known)
	return old, new
}

// diffVersions compares the versions of one name. The same version is compared in content; of the rest the ones on the
// same compatibility line belong together, then any two: going to another major version is an upgrade, too.
func diffVersions(old, new []thing) []Change {
	var out []Change
	pair := func(same func(o, n thing) bool) {
		for i := 0; i < len(old); i++ {
			j := slices.IndexFunc(new, func(n thing) bool { return same(old[i], n) })
			if j < 0 {
				continue
			}
			if c, differs := compareThings(old[i], new[j]); differs {
				out = append(out, c)
			}
			old, new = slices.Delete(slices.Clone(old), i, i+1), slices.Delete(slices.Clone(new), j, j+1)
			i--
		}
	}
	pair(func(o, n thing) bool { return o.version == n.version })
	pair(func(o, n thing) bool { return resolve.Line(o.semver()) == resolve.Line(n.semver()) })
	pair(func(o, n thing) bool { return true })
	for _, o := range old {
		out = append(out, Change{Op: Removed, Kind: o.kind, Name: o.name, Old: o.version})
	}
	for _, n := range new {
		out = append(out, Change{Op: Added, Kind: n.kind, Name: n.name, New: n.version, Permissions: declares(n.permissions)})
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		return compareVersions("v"+strings.TrimPrefix(cmp.Or(a.New, a.Old), "v"), "v"+strings.TrimPrefix(cmp.Or(b.New, b.Old), "v"))
	})
	return out
}

// semver is the version with the leading v that libraries and tools lack.
func (t thing) semver() string {
	if t.version == "" || strings.HasPrefix(t.version, "v") {
		return t.version
	}
	return "v" + t.version
}

func compareThings(o, n thing) (Change, bool) {
	c := Change{Op: Changed, Kind: n.kind, Name: n.name, Old: o.version, New: n.version}
	if d := ComparePermissions(o.permissions, n.permissions); !d.Empty() {
		c.Permissions = &d
	}
	switch d := compareVersions(o.semver(), n.semver()); {
	case d < 0:
		c.Op = Upgraded
		return c, true
	case d > 0:
		c.Op = Downgraded
		return c, true
	}
	var what []string
	before := o.fields()
	for i, f := range n.fields() {
		if before[i] != f {
			what = append(what, f[0])
		}
	}
	c.What = strings.Join(what, ", ")
	return c, len(what) > 0
}

// ComparePermissions compares the permissions of two modules.
func ComparePermissions(old, new []string) permission.Diff {
	before, _ := permission.ParseLines(old) // the lock was checked when it was read
	after, _ := permission.ParseLines(new)
	return permission.Compare(before, after)
}

// declares are all permissions of a module that declares any.
func declares(lines []string) *permission.Diff {
	if len(lines) == 0 {
		return nil
	}
	all, _ := permission.ParseLines(lines)
	return &permission.Diff{Added: all.Effective()}
}

// content is for fields that are at hand.
func content(fields ...[2]string) func() [][2]string {
	return func() [][2]string { return fields }
}

func modules(l *Lock) []thing {
	out := make([]thing, 0, len(l.Modules))
	for i := range l.Modules {
		m := &l.Modules[i]
		out = append(out, thing{m.Kind, m.Source, m.Version, m.Permissions, func() [][2]string { return moduleFields(m) }})
	}
	return out
}

func moduleFields(m *Module) [][2]string {
	var requires, images, tree writer
	for _, r := range m.Requires {
		requires.require(r)
	}
	for _, i := range m.Images {
		images.image(i)
	}
	for _, n := range m.Libraries {
		tree.WriteString(formatNode(n) + "\n")
	}
	local := ""
	if m.Local {
		local = "true"
	}
	outside := strings.Join(m.External, " ")
	if m.Unbundled {
		outside = "all"
	}
	return [][2]string{
		{"kind", m.Kind}, {"commit", m.Commit}, {"integrity", m.Integrity}, {"sum", m.Sum}, {"signer", m.Signer}, {"time", m.Time},
		{"replaces", m.Replaces}, {"local", local}, {"requires", requires.String()}, {"images", images.String()},
		{"libraries", tree.String()}, {"permissions", strings.Join(m.Permissions, "\n")}, {"artifact", m.Artifact}, {"builder", m.Builder},
		{"external", outside}, {"unused", strings.Join(m.Unused, " ")},
	}
}

func libraries(l *Lock) []thing {
	var out []thing
	for _, lib := range l.Libraries {
		out = append(out, thing{"library", lib.Name, lib.Version, nil, content(
			[2]string{"integrity", lib.Integrity}, [2]string{"source", lib.Source}, [2]string{"os", strings.Join(lib.OS, " ")},
			[2]string{"cpu", strings.Join(lib.CPU, " ")}, [2]string{"libc", strings.Join(lib.Libc, " ")})})
	}
	return out
}

// tools are compared as a whole: all platforms have the same version, but in a lock that was merged.
func tools(l *Lock) []thing {
	type version struct{ name, version string }
	at := map[version]int{}
	var out []thing
	var fields [][][2]string
	for _, t := range l.Toolchain {
		id := version{t.Name, t.Version}
		i, known := at[id]
		if !known {
			i, at[id] = len(out), len(out)
			fields = append(fields, [][2]string{{"platforms"}, {"package"}, {"integrity"}})
			out = append(out, thing{"tool", t.Name, t.Version, nil, content(fields[i]...)})
		}
		for j, field := range []string{t.Platform, t.Package, t.Integrity} {
			fields[i][j][1] += field + "\n"
		}
	}
	return out
}
