package project

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// MergeLocks merges two versions of conduit.lock that have come apart since base, which may be empty: requirements,
// replacements and exclusions three ways, versions by keeping those of both sides, and what follows from that by
// resolving again. The result is what Lock would write for the merged conduit.toml; it says so by an error of kind Lock
// where two sides changed the same thing in different ways, and by another error where resolving needs what a project
// opened offline cannot have.
func (p *Project) MergeLocks(ctx context.Context, base, ours, theirs []byte) ([]byte, error) {
	var locks [3]*lockfile.Lock
	for i, data := range [][]byte{base, ours, theirs} {
		if len(bytes.TrimSpace(data)) == 0 {
			locks[i] = &lockfile.Lock{}
			continue
		}
		lock, err := lockfile.ParseLock(data)
		if err != nil {
			return nil, err
		}
		locks[i] = lock
	}
	m, err := mergeRequirements(locks[0], locks[1], locks[2])
	if err != nil {
		return nil, err
	}
	dropLeft(locks[0], locks[1], locks[2])
	takeImages(locks[0], locks[1], locks[2])
	previous := lockfile.Merge(locks[1], locks[2])
	problem, err := p.problem(m, previous, nil)
	if err != nil {
		return nil, err
	}
	graph, err := resolve.Solve(ctx, problem)
	if err != nil {
		return nil, err
	}
	lock, err := p.fill(ctx, m, previous, graph, func(*lockfile.Module) reuseLevel { return reuseLocked }, stays)
	if err != nil {
		return nil, err
	}
	return lock.Format(), nil
}

// dropLeft takes out of each side the modules that the other side left since base, so that a union does not bring them
// back: the side that moved a module decides.
func dropLeft(base, ours, theirs *lockfile.Lock) {
	has := func(l *lockfile.Lock, m lockfile.Module) bool {
		return slices.ContainsFunc(l.Modules, func(x lockfile.Module) bool { return x.Source == m.Source && x.Version == m.Version })
	}
	before := [2]*lockfile.Lock{{Modules: ours.Modules}, {Modules: theirs.Modules}}
	left := func(other *lockfile.Lock) func(lockfile.Module) bool {
		return func(m lockfile.Module) bool { return has(base, m) && !has(other, m) }
	}
	ours.Modules = slices.DeleteFunc(slices.Clone(ours.Modules), left(before[1]))
	theirs.Modules = slices.DeleteFunc(slices.Clone(theirs.Modules), left(before[0]))
}

// takeImages gives ours the images that only theirs has moved since base: which of two digests is newer, they do not say.
func takeImages(base, ours, theirs *lockfile.Lock) {
	for i := range ours.Modules {
		m := &ours.Modules[i]
		was, other := lockedImages(base, m), lockedImages(theirs, m)
		if was == nil || other == nil {
			continue
		}
		m.Images = slices.Clone(m.Images)
		for j, image := range m.Images {
			before, known := imageOf(was, image.Service, image.Ref)
			if now, too := imageOf(other, image.Service, image.Ref); known && too && before == image && now.Digest != "" {
				m.Images[j] = now
			}
		}
	}
}

// mergeRequirements is conduit.toml as far as the three locks were made for it, merged.
func mergeRequirements(base, ours, theirs *lockfile.Lock) (*lockfile.Manifest, error) {
	var disputed []string
	merge := func(what string, of func(*lockfile.Lock) map[string]string) map[string]string {
		merged, keys := threeWay(of(base), of(ours), of(theirs))
		for _, key := range keys {
			disputed = append(disputed, strings.TrimSuffix(what+" "+key, " "))
		}
		return merged
	}
	m := &lockfile.Manifest{Exclude: map[string][]string{}, Line: map[string]int{}}
	for _, kind := range []string{lockfile.KindProvider, lockfile.KindService} {
		entries := merge(kind, func(l *lockfile.Lock) map[string]string {
			out := map[string]string{}
			for _, r := range l.Root {
				if r.Kind == kind {
					out[r.Name] = r.Source + "\n" + r.Range
				}
			}
			return out
		})
		for _, name := range slices.Sorted(maps.Keys(entries)) {
			source, rng, _ := strings.Cut(entries[name], "\n")
			e := lockfile.Entry{Name: name, Source: source, Range: rng}
			if kind == lockfile.KindProvider {
				m.Providers = append(m.Providers, e)
			} else {
				m.Services = append(m.Services, e)
			}
		}
	}
	replace := merge("replacement of", func(l *lockfile.Lock) map[string]string {
		out := map[string]string{}
		for _, r := range l.Replace {
			out[r.Old] = fmt.Sprintf("%s\n%t", r.New, r.Local)
		}
		return out
	})
	for _, old := range slices.Sorted(maps.Keys(replace)) {
		to, local, _ := strings.Cut(replace[old], "\n")
		m.Replace = append(m.Replace, lockfile.Replacement{Old: old, New: to, Local: local == "true"})
	}
	excluded := merge("exclusions of", func(l *lockfile.Lock) map[string]string {
		out := map[string]string{}
		for source, versions := range l.Exclude {
			out[source] = strings.Join(versions, "\n")
		}
		return out
	})
	for source, versions := range excluded {
		m.Exclude[source] = strings.Fields(versions)
	}
	built := merge("policy build", func(l *lockfile.Lock) map[string]string {
		out := map[string]string{}
		for _, id := range l.Build {
			out[id] = ""
		}
		return out
	})
	m.Policy.Build = slices.Sorted(maps.Keys(built))
	m.Node = merge("node", func(l *lockfile.Lock) map[string]string { return map[string]string{"": l.Node} })[""]
	if len(disputed) > 0 {
		return nil, &report.Error{Kind: report.Lock, What: "both branches changed the same requirements", Where: lockfile.Name, Why: strings.Join(disputed, ", "),
			Next: "merge " + lockfile.ManifestName + ", then type: conduit lock"}
	}
	return m, nil
}

// threeWay merges maps: for each key, what only one side changed wins. Keys that the sides changed differently are
// returned in order.
func threeWay(base, ours, theirs map[string]string) (merged map[string]string, disputed []string) {
	merged = map[string]string{}
	keys := map[string]bool{}
	for _, side := range []map[string]string{ours, theirs} {
		for key := range side {
			keys[key] = true
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		b, inBase := base[key]
		o, inOurs := ours[key]
		t, inTheirs := theirs[key]
		value, present := o, inOurs
		switch {
		case o == t && inOurs == inTheirs:
		case o == b && inOurs == inBase:
			value, present = t, inTheirs
		case t == b && inTheirs == inBase:
		default:
			disputed = append(disputed, key)
		}
		if present {
			merged[key] = value
		}
	}
	return merged, disputed
}

// untorn checks what was found again for a lock that a merge had torn: the digest of a version that the file named must be
// one that the file held, or else the version's content has changed since it was locked.
func untorn(previous, lock *lockfile.Lock) error {
	if previous == nil || previous.Torn == nil {
		return nil
	}
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if _, named := previous.Module(m.Source, m.Version); named && m.Version != "" && !previous.Torn[m.Sum] {
			return changedInMerge(subject(m), m.Sum)
		}
	}
	for _, l := range lock.Libraries {
		if _, named := previous.Library(l.Name, l.Version); named && !previous.Torn[l.Integrity] {
			return changedInMerge(l.Name+"@"+l.Version, l.Integrity)
		}
	}
	return nil
}

func changedInMerge(what, digest string) error {
	return &report.Error{Kind: report.Integrity, What: what + " is not what was locked", Where: lockfile.Name,
		Why:  "its source now has " + digest + ", which neither side of the merge names",
		Next: "take one side, as in git checkout --ours " + lockfile.Name + ", then type: conduit lock    and find out what changed"}
}

// lockedImages is what a lock holds of a service whose images may stay, nil if nothing.
func lockedImages(lock *lockfile.Lock, m *lockfile.Module) *lockfile.Module {
	if lock == nil {
		return nil
	}
	before, _ := lock.Module(m.Source, m.Version)
	return before
}
