package project

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/manifest/permission"
	"github.com/MediaConduit/conduit/report"
)

// Who says what a provider may reach, from the weakest word to the strongest, besides profiles.
const (
	byDefault = "default"
	byPackage = "provider.yml"
)

// Granted is what a provider may reach of one kind.
type Granted struct {
	Key     string   `json:"key"`           // "net", "env", "read", "write" or "run"
	Any     bool     `json:"any,omitempty"` // no limit
	Allowed []string `json:"allowed"`       // besides what every provider may
	From    string   `json:"from"`          // who says so: "default", "provider.yml", "conduit.toml" or "profile NAME"
}

// grants are what a provider may reach, a kind each, in the order of permission.Keys. Of each kind the last word counts: a profile's,
// that of conduit.toml, what the package declared when it was locked.
func (p *Project) grants(m *lockfile.Manifest, module *lockfile.Module, name string) ([]Granted, error) {
	declared, err := permission.ParseLines(module.Permissions)
	if err != nil {
		return nil, err // the lock was checked when it was read
	}
	words := []struct {
		from string
		set  permission.Set
	}{{byPackage, declared}}
	if e := entry(m, lockfile.KindProvider, name); e != nil {
		words = append(words, struct {
			from string
			set  permission.Set
		}{lockfile.ManifestName, e.Permitted()})
	}
	for _, e := range m.Profiles[p.profile].Providers {
		if e.Name == name {
			words = append(words, struct {
				from string
				set  permission.Set
			}{"profile " + p.profile, e.Permitted()})
		}
	}
	out := make([]Granted, len(permission.Keys))
	for i, key := range permission.Keys {
		var list []string
		out[i] = Granted{Key: key, From: byDefault}
		for _, word := range words {
			if said := *word.set.List(key); said != nil {
				list, out[i].From = said, word.from
			}
		}
		if out[i].Any = !permission.Limited(key, list); !out[i].Any {
			out[i].Allowed = append([]string{}, list...)
		}
	}
	return out, nil
}

// providerSettings are the settings of a provider, with the variables that it is given under Pass, and what it may reach.
func (p *Project) providerSettings(m *lockfile.Manifest, lock *lockfile.Lock, name string) (lockfile.Entry, []Granted, error) {
	set, err := p.settings(m, lockfile.KindProvider, name)
	if err != nil {
		return set, nil, err
	}
	module, ok := lock.Provider(name)
	if !ok {
		return set, nil, noProvider(name, lock)
	}
	granted, err := p.grants(m, module, name)
	if err != nil {
		return set, nil, err
	}
	set.Pass = granted[slices.Index(permission.Keys, permission.Env)].Allowed
	return set, granted, nil
}

// declaredBy are the permissions of a module that the lock held before, as its package states them where that is here: locks of
// before there were any do not name them.
func (p *Project) declaredBy(ctx context.Context, m, before *lockfile.Module, about *manifest.Provider) ([]string, error) {
	if about == nil {
		dir, err := p.locate(ctx, m)
		if isNotSynced(err) {
			return before.Permissions, nil
		}
		if err != nil {
			return nil, err
		}
		if about, err = readProvider(report.To(ctx, nil), m, dir); err != nil {
			return nil, err
		}
	}
	return about.Permissions.Lines(), nil
}

// checkDeclared compares the permissions that the lock names with those that the package states. The lock's are what was reviewed, and what
// counts when the provider is started.
func checkDeclared(m *lockfile.Module, about *manifest.Provider) error {
	stated := about.Permissions.Lines()
	if slices.Equal(stated, m.Permissions) {
		return nil
	}
	return &report.Error{Kind: report.Lock, What: lockfile.Name + " has other permissions of " + subject(m) + " than its " + about.File + " states", Where: lockfile.Name,
		Why:  "the lock says: " + cmp.Or(strings.Join(m.Permissions, ", "), "none") + "\nthe package states: " + cmp.Or(strings.Join(stated, ", "), "none"),
		Next: "restore " + lockfile.Name + " from version control if it was edited; else type: conduit lock"}
}

// checkPermissions is checkDeclared for all providers whose packages are here.
func (p *Project) checkPermissions(ctx context.Context, lock *lockfile.Lock) error {
	for i := range lock.Modules {
		m := &lock.Modules[i]
		if m.Kind != lockfile.KindProvider {
			continue
		}
		dir, err := p.locate(ctx, m)
		if isNotSynced(err) {
			continue
		}
		if err != nil {
			return err
		}
		about, err := readProvider(report.To(ctx, nil), m, dir)
		if err != nil {
			return err
		}
		if err := checkDeclared(m, about); err != nil {
			return err
		}
	}
	return nil
}

// widened refuses versions that declare more than the ones before, unless a person has accepted that. What conduit.toml says of a kind
// counts whatever packages declare, so that more of that kind is no more.
func widened(m *lockfile.Manifest, previous, lock *lockfile.Lock, accepted bool) error {
	if previous == nil || accepted {
		return nil
	}
	declares := func(m lockfile.Module) bool { return len(m.Permissions) > 0 }
	if !slices.ContainsFunc(previous.Modules, declares) && !slices.ContainsFunc(lock.Modules, declares) {
		return nil
	}
	earlier := bySource(previous)
	var errs []error
	for i := range lock.Modules {
		now := &lock.Modules[i]
		before := earlier.predecessor(now)
		if before == nil || now.Kind != lockfile.KindProvider || now.Version == "" { // a folder is its user's own
			continue
		}
		d := lockfile.ComparePermissions(before.Permissions, now.Permissions)
		settled := settledKinds(m, lock, now)
		wider := slices.DeleteFunc(slices.Clone(d.Wider), func(line string) bool { return settled[permission.KeyOf(line)] })
		if len(wider) == 0 {
			continue
		}
		var why []string
		for _, line := range d.Removed {
			why = append(why, "- "+line)
		}
		for _, line := range d.Added {
			why = append(why, "+ "+line)
		}
		than := "it did when it was locked"
		if before.Version != now.Version {
			than = before.Version + " did"
		}
		errs = append(errs, &report.Error{Kind: report.Policy, What: subject(now) + " declares that it needs more than " + than + "; nothing was written", Where: lockfile.Name,
			Why:  strings.Join(why, "\n"),
			Next: "if that is right, type the same command with --accept (instead of sync: conduit lock --accept)\n" + holdTo(lock, before, now, wider)})
	}
	if len(errs) == 0 {
		return nil
	}
	return first(errs, errors.Join(errs...))
}

// holdTo is what to write into conduit.toml for a provider to reach no more than before.
func holdTo(lock *lockfile.Lock, before, now *lockfile.Module, wider []string) string {
	name := nameOf(lock, now)
	old, _ := permission.ParseLines(before.Permissions) // the lock was checked when it was read
	var env, tables []string
	for _, key := range permission.Keys {
		if !slices.ContainsFunc(wider, func(line string) bool { return permission.KeyOf(line) == key }) {
			continue
		}
		if text := key + " = " + tomlList(*old.List(key)); key == permission.Env {
			env = append(env, text)
		} else {
			tables = append(tables, text)
		}
	}
	if len(tables) > 0 {
		env = append(env, "permissions = { "+strings.Join(tables, ", ")+" }")
	}
	return "or hold it to what it had: add to " + name + " under [providers] in " + lockfile.ManifestName + ": " + strings.Join(env, "    ")
}

func tomlList(list []string) string {
	quoted := make([]string, len(list))
	for i, text := range list {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// settledKinds are the kinds that all of a module's entries in conduit.toml say something of.
func settledKinds(m *lockfile.Manifest, lock *lockfile.Lock, module *lockfile.Module) map[string]bool {
	out, entries := map[string]bool{}, 0
	for i := range m.Providers {
		e := &m.Providers[i]
		if of, ok := lock.Provider(e.Name); !ok || of.Source != module.Source || of.Version != module.Version {
			continue
		}
		said := e.Permitted()
		for _, key := range permission.Keys {
			if stated := *said.List(key) != nil; entries == 0 {
				out[key] = stated
			} else {
				out[key] = out[key] && stated
			}
		}
		entries++
	}
	return out
}
