package project

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
)

// Dropped is an entry that Tidy took out of conduit.toml.
type Dropped struct {
	Table string `json:"table"` // "services", "replace" or "exclude"
	Key   string `json:"key"`
	Why   string `json:"why"`
}

// Tidy takes out of conduit.toml what has no effect, and locks again, so that the lock holds nothing that nobody needs:
// services that some package requires anyway and that have no settings, replacements of what nobody requires, exclusions
// of such. What stays keeps its locked version.
func (p *Project) Tidy(ctx context.Context) ([]Dropped, []lockfile.Change, error) {
	var dropped []Dropped
	changes, err := p.edit(ctx, nil, func(m *lockfile.Manifest, previous *lockfile.Lock, e *lockfile.Editor) error {
		problem, err := p.problem(m, previous, nil)
		if err != nil {
			return err
		}
		graph, err := resolve.Solve(ctx, problem)
		if err != nil {
			return err
		}
		// Replaced libraries are known by the library trees only.
		lock, err := p.solve(ctx, m, previous, nil)
		if err != nil {
			return err
		}
		dropped = append(p.needlessServices(m, graph), needlessReplacements(m, graph, lock)...)
		dropped = append(dropped, needlessExclusions(m, graph)...)
		for _, d := range dropped {
			switch d.Table {
			case "services":
				e.RemoveService(d.Key)
			case "replace":
				e.RemoveReplace(d.Key)
			case "exclude":
				e.RemoveExclude(d.Key)
			}
		}
		return nil
	})
	return dropped, changes, err
}

// needlessServices finds entries that say no more than a package's own requirement says. A lower bound, a setting or a
// name of its own is more.
func (p *Project) needlessServices(m *lockfile.Manifest, graph *resolve.Graph) (out []Dropped) {
	for _, root := range graph.Root {
		if root.Kind != resolve.KindService {
			continue
		}
		e := entry(m, lockfile.KindService, root.Name)
		if e == nil || len(e.Env) > 0 || e.Port != 0 || e.Driver != "" || inProfile(m, root.Name) ||
			strings.TrimSuffix(root.Name, "-service") != defaultName(root.Source) {
			continue
		}
		for _, mod := range graph.Modules {
			i := slices.IndexFunc(mod.Requires, func(l resolve.Link) bool {
				return l.Target == root.Target && l.Version == root.Version && (root.Range.Any() || root.Range.String() == l.Range.String())
			})
			if i >= 0 {
				out = append(out, Dropped{"services", root.Name, mod.ID() + " requires it anyway, and it has no settings"})
				break
			}
		}
	}
	return out
}

func inProfile(m *lockfile.Manifest, name string) bool {
	for _, profile := range m.Profiles {
		if slices.ContainsFunc(profile.Services, func(e lockfile.Entry) bool { return e.Name == name }) {
			return true
		}
	}
	return false
}

// required is every source that the graph requires, before replacement.
func required(graph *resolve.Graph) map[resolve.Source]bool {
	out := map[resolve.Source]bool{}
	for _, l := range graph.Root {
		out[l.Source.Fold()] = true
	}
	for _, m := range graph.Modules {
		for _, l := range m.Requires {
			out[l.Source.Fold()] = true
		}
	}
	return out
}

func needlessReplacements(m *lockfile.Manifest, graph *resolve.Graph, lock *lockfile.Lock) (out []Dropped) {
	used := required(graph)
	next := map[resolve.Source]resolve.Source{}
	for _, r := range m.Replace {
		if isLibrary(r) {
			continue
		}
		if replacement, err := moduleReplacement(r); err == nil {
			next[replacement.Old.Fold()] = replacement.New.Fold()
		}
	}
	for src := range required(graph) { // replacements follow each other
		for at, ok := next[src]; ok && !used[at]; at, ok = next[at] {
			used[at] = true
		}
	}
	for _, r := range m.Replace {
		if r.Local {
			continue // conduit.local.toml is not ours to edit
		}
		if isLibrary(r) {
			name := strings.TrimPrefix(r.Old, "npm:")
			if !slices.ContainsFunc(lock.Libraries, func(l resolve.Library) bool { return l.Name == name }) {
				out = append(out, Dropped{"replace", r.Old, "no provider uses the library"})
			}
			continue
		}
		if replacement, err := moduleReplacement(r); err == nil && !used[replacement.Old.Fold()] {
			out = append(out, Dropped{"replace", r.Old, "nothing requires it"})
		}
	}
	return out
}

// needlessExclusions are those of sources that nothing requires and nothing is replaced by. An excluded version that
// nobody asks for today is kept: somebody may tomorrow.
func needlessExclusions(m *lockfile.Manifest, graph *resolve.Graph) (out []Dropped) {
	used := required(graph)
	for _, mod := range graph.Modules {
		used[mod.Source.Fold()] = true
	}
	for text, versions := range m.Exclude {
		if src, _, err := resolve.ParseSource(text); err == nil && !used[src.Fold()] {
			out = append(out, Dropped{"exclude", text, fmt.Sprintf("nothing requires it (%s)", strings.Join(versions, ", "))})
		}
	}
	slices.SortFunc(out, func(a, b Dropped) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// withLocal is the replacements of an edited conduit.toml with those of conduit.local.toml, which edits do not concern.
func withLocal(edited, before []lockfile.Replacement) []lockfile.Replacement {
	var out []lockfile.Replacement
	for _, r := range before {
		if r.Local {
			out = append(out, r)
		}
	}
	local := len(out)
	for _, r := range edited {
		if !slices.ContainsFunc(out[:local], func(l lockfile.Replacement) bool { return l.Old == r.Old }) {
			out = append(out, r)
		}
	}
	return out
}
