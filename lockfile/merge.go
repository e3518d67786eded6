package lockfile

import (
	"slices"

	"github.com/MediaConduit/conduit/resolve"
)

// Merge is the union of two locks, as the starting point for locking again after a merge of branches: of one source and
// compatibility line the higher version stays. Where the same version differs in content a's stays. Requirements that
// named a version which lost name the one which won.
func Merge(a, b *Lock) *Lock {
	if a == nil || b == nil {
		l := a
		if l == nil {
			l = b
		}
		if l == nil {
			l = &Lock{}
		}
		return l.sorted()
	}
	m := &Lock{Node: a.Node, Torn: a.Torn}
	if m.Torn == nil {
		m.Torn = b.Torn
	}
	if m.Node == "" {
		m.Node = b.Node
	}
	m.Replace = union(a.Replace, b.Replace, func(r Replacement) string { return r.Old }, nil)
	m.Exclude = map[string][]string{}
	for _, l := range []*Lock{a, b} {
		for source, versions := range l.Exclude {
			m.Exclude[source] = append(m.Exclude[source], versions...)
		}
	}
	m.Modules = union(a.Modules, b.Modules, func(m Module) string { return line(m.Source, m.Version) },
		func(x, y Module) bool { return compareVersions(x.Version, y.Version) > 0 })
	fillImages(m.Modules, b.Modules)
	m.Libraries = union(a.Libraries, b.Libraries, func(l resolve.Library) string { return l.Name + "@" + l.Version }, nil)
	m.Toolchain = union(a.Toolchain, b.Toolchain, func(t Tool) string { return t.Name + " " + t.Platform },
		func(x, y Tool) bool { return compareVersions("v"+x.Version, "v"+y.Version) > 0 })
	m.Build = append(slices.Clone(a.Build), b.Build...)
	m.Natives = union(a.Natives, b.Natives, func(n Native) string { return n.Name + "@" + n.Version + " " + n.Platform }, nil)
	m.Root = union(a.Root, b.Root, func(r Root) string { return r.Kind + " " + r.Name },
		func(x, y Root) bool { return x.Source == y.Source && compareVersions(x.Version, y.Version) > 0 })

	won := map[string]string{}
	for _, mod := range m.Modules {
		won[line(mod.Source, mod.Version)] = mod.Version
		if mod.Replaces != "" {
			won[line(mod.Replaces, mod.Version)] = mod.Version
		}
	}
	for i := range m.Root {
		if v, ok := won[line(m.Root[i].Source, m.Root[i].Version)]; ok {
			m.Root[i].Version = v
		}
	}
	m = m.sorted() // copies the requirements, which a and b still own
	for i := range m.Modules {
		requires := m.Modules[i].Requires
		for j := range requires {
			if v, ok := won[line(requires[j].Source, requires[j].Version)]; ok {
				requires[j].Version = v
			}
		}
	}
	return m.sorted()
}

// fillImages gives images that float the digest that the other lock has for the same version.
func fillImages(modules, from []Module) {
	other := map[[2]string][]Image{}
	for _, m := range from {
		other[[2]string{m.Source, m.Version}] = m.Images
	}
	for i := range modules {
		m := &modules[i]
		if !slices.ContainsFunc(m.Images, func(i Image) bool { return i.Digest == "" }) {
			continue
		}
		m.Images = slices.Clone(m.Images)
		for j := range m.Images {
			for _, o := range other[[2]string{m.Source, m.Version}] {
				if m.Images[j].Digest == "" && o.Service == m.Images[j].Service && o.Ref == m.Images[j].Ref {
					m.Images[j].Digest = o.Digest
				}
			}
		}
	}
}

// line identifies a module whatever its version is: source and compatibility line.
func line(source, version string) string { return source + " " + resolve.Line(version) }

// union is a, then what of b has another key; of equal keys b's element takes the place of a's where better(b, a).
func union[T any](a, b []T, key func(T) string, better func(x, y T) bool) []T {
	out := slices.Clone(a)
	at := map[string]int{}
	for i, x := range out {
		at[key(x)] = i
	}
	for _, y := range b {
		i, known := at[key(y)]
		switch {
		case !known:
			at[key(y)] = len(out)
			out = append(out, y)
		case better != nil && better(y, out[i]):
			out[i] = y
		}
	}
	return out
}
