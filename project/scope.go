package project

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// nameOf is how a project calls a locked module: the key in conduit.toml, else a name made from its source.
func nameOf(lock *lockfile.Lock, m *lockfile.Module) string {
	for _, r := range lock.Root {
		if have, ok := lock.Module(r.Source, r.Version); ok && have == m {
			return r.Name
		}
	}
	for _, in := range instances(lock) {
		if in.module == m {
			return in.name
		}
	}
	return strings.TrimSuffix(serviceName(lock, m), "-service")
}

// called lists the locked modules that a word of the command line means: a name in conduit.toml or of a service, or a
// source with or without its version.
func called(m *lockfile.Manifest, lock *lockfile.Lock, word string) []*lockfile.Module {
	var out []*lockfile.Module
	for i := range lock.Modules {
		if nameOf(lock, &lock.Modules[i]) == word {
			out = append(out, &lock.Modules[i])
		}
	}
	src, version, err := resolve.FollowAlias(word, m.Aliases)
	if len(out) > 0 || err != nil {
		return out
	}
	for i := range lock.Modules {
		mod := &lock.Modules[i]
		if version != "" && mod.Version != version {
			continue
		}
		if sameSource(mod.Source, src) || mod.Replaces != "" && sameSource(mod.Replaces, src) {
			out = append(out, mod)
		}
	}
	return out
}

func sameSource(text string, src resolve.Source) bool {
	have, _, err := resolve.ParseSource(text)
	return err == nil && have.Fold() == src.Fold()
}

// scope is the modules that the words mean; nil, which stands for all, for no words.
func (p *Project) scope(m *lockfile.Manifest, lock *lockfile.Lock, words []string) (map[*lockfile.Module]bool, error) {
	if len(words) == 0 {
		return nil, nil
	}
	out := map[*lockfile.Module]bool{}
	for _, word := range words {
		found := called(m, lock, word)
		if len(found) == 0 {
			return nil, p.unknown(lock, word)
		}
		for _, mod := range found {
			out[mod] = true
		}
	}
	return out, nil
}

// unknown is the error for a word that means nothing in the lock.
func (p *Project) unknown(lock *lockfile.Lock, word string) error {
	names := map[string]bool{}
	for i := range lock.Modules {
		names[nameOf(lock, &lock.Modules[i])] = true
	}
	next := "conduit get SOURCE    adds a provider"
	if len(names) > 0 {
		next = "name one of: " + strings.Join(slices.Sorted(maps.Keys(names)), ", ")
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("nothing in %s is called %q", lockfile.Name, word), Next: next}
}
