package lockfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// Difference is a reason why a lock does not belong to a manifest.
type Difference struct {
	Key   string // the place in conduit.toml: "providers.cowsay", "replace.npm:form-data", "toolchain.node"
	Where string // "conduit.toml:7"; the file alone for an entry that is gone
	Why   string // "provider cowsay asks for ^2, the lock was made for ^1"
}

// Stale lists what in the manifest differs from what the lock was made for; nothing means that the lock is current.
// Only what decides versions counts: requirements, replacements, exclusions and the toolchain; settings such as env and
// port do not. Spellings of one source (https://github.com/o/r, github:o/r) and aliases for it are no difference.
func (l *Lock) Stale(m *Manifest) []Difference {
	var out []Difference
	add := func(line int, file, key, format string, args ...any) {
		out = append(out, Difference{Key: key, Where: at(file, line, 0), Why: fmt.Sprintf(format, args...)})
	}
	requirements, err := m.Requirements()
	if err != nil {
		add(0, ManifestName, "", "%v", err)
		return out
	}
	wanted := map[string]bool{}
	for _, r := range requirements {
		key := r.Kind + "s." + r.Name
		wanted[key] = true
		root, ok := l.RootOf(r.Kind, r.Name)
		source := r.Source.String()
		switch {
		case !ok:
			add(r.Line, ManifestName, key, "%s %s is not in the lock", r.Kind, r.Name)
		case root.Source != source:
			add(r.Line, ManifestName, key, "%s %s comes from %s, the lock was made for %s", r.Kind, r.Name, source, root.Source)
		case root.Range != r.Range:
			add(r.Line, ManifestName, key, "%s %s asks for %s, the lock was made for %s", r.Kind, r.Name, anyVersion(r.Range), anyVersion(root.Range))
		}
	}
	for _, root := range l.Root {
		if key := root.Kind + "s." + root.Name; !wanted[key] {
			add(0, ManifestName, key, "%s %s is locked, but no longer required", root.Kind, root.Name)
		}
	}
	l.staleBundling(m, add)
	l.staleReplace(m, add)
	for _, source := range sortedKeys(keysOf(m.Exclude, l.Exclude)) {
		is, was := versions(m.Exclude[source]), versions(l.Exclude[source])
		if !slices.Equal(is, was) {
			key := "exclude." + source
			add(m.Line[key], ManifestName, key, "the exclusions of %s are [%s], the lock was made for [%s]", source, strings.Join(is, ", "), strings.Join(was, ", "))
		}
	}
	if is := m.Policy.BuildOf(); !slices.Equal(is, l.Build) {
		add(m.Line["policy.build"], ManifestName, "policy.build", "the install scripts of [%s] may run, the lock was made for [%s]", strings.Join(is, ", "), strings.Join(l.Build, ", "))
	}
	if m.Node != l.Node {
		add(m.Line["toolchain.node"], ManifestName, "toolchain.node", "the toolchain asks for node %s, the lock was made for %s", anyVersion(m.Node), anyVersion(l.Node))
	} else if m.Node != "" && len(l.Tools("node")) == 0 {
		add(m.Line["toolchain.node"], ManifestName, "toolchain.node", "the toolchain asks for node %s, the lock holds none", anyVersion(m.Node))
	}
	return out
}

// staleBundling compares what stays outside of bundles. Where two entries have the same module, it has one artifact, and
// what each of them keeps outside is outside.
func (l *Lock) staleBundling(m *Manifest, add func(line int, file, key, format string, args ...any)) {
	wanted, key := map[*Module]Bundling{}, map[*Module]string{}
	for _, e := range m.Providers {
		if of, ok := l.Provider(e.Name); ok {
			wanted[of] = wanted[of].Union(e.Bundling)
			if key[of] == "" || e.Unbundled || len(e.External) > 0 {
				key[of] = "providers." + e.Name
			}
		}
	}
	for i := range l.Modules {
		mod := &l.Modules[i]
		if is := wanted[mod]; mod.Kind == KindProvider && !is.Equal(mod.Bundling) {
			add(m.Line[key[mod]], ManifestName, key[mod], "%s is to be built with %s, the lock was made with %s", versioned(mod.Source, mod.Version), is, mod.Bundling)
		}
	}
}

func (l *Lock) staleReplace(m *Manifest, add func(line int, file, key, format string, args ...any)) {
	was := map[string]Replacement{}
	for _, r := range l.Replace {
		was[r.Old] = r
	}
	for _, r := range m.Replace {
		file := ManifestName
		if r.Local {
			file = LocalName
		}
		w, ok := was[r.Old]
		delete(was, r.Old)
		switch {
		case !ok:
			add(r.Line, file, "replace."+r.Old, "the replacement of %s is not in the lock", r.Old)
		case w.New != r.New:
			add(r.Line, file, "replace."+r.Old, "%s is replaced by %s, the lock was made for %s", r.Old, r.New, w.New)
		case w.Local != r.Local:
			add(r.Line, file, "replace."+r.Old, "the replacement of %s has moved between %s and %s", r.Old, ManifestName, LocalName)
		}
	}
	for _, old := range sortedKeys(was) {
		file := ManifestName
		if was[old].Local {
			file = LocalName
		}
		add(0, file, "replace."+old, "the lock was made with %s replaced by %s, which no longer stands there", old, was[old].New)
	}
}

// StaleError is the error of kind [report.Lock] for a command that may not lock by itself; nil for no differences.
func StaleError(diffs []Difference) error {
	if len(diffs) == 0 {
		return nil
	}
	lines := make([]string, len(diffs))
	for i, d := range diffs {
		if lines[i] = d.Why; len(diffs) > 1 {
			lines[i] = d.Where + ": " + d.Why
		}
	}
	return &report.Error{Kind: report.Lock, Where: diffs[0].Where, What: Name + " was not made for this " + ManifestName,
		Why: strings.Join(lines, "\n"), Next: remedy}
}

func anyVersion(rng string) string {
	if rng == "" {
		return "any version"
	}
	return rng
}

func versions(list []string) []string { return slices.Compact(sortedBy(list, compareVersions)) }

func keysOf(a, b map[string][]string) map[string]bool {
	out := map[string]bool{}
	for k := range a {
		out[k] = true
	}
	for k := range b {
		out[k] = true
	}
	return out
}
