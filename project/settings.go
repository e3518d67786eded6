package project

import (
	"cmp"
	"maps"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// settings returns the entry of conduit.toml for a provider or service with the chosen profile laid over it. A service
// that only a provider asks for has no entry; its settings are empty.
func (p *Project) settings(m *lockfile.Manifest, kind, name string) (lockfile.Entry, error) {
	base, over := m.Services, []lockfile.Entry(nil)
	if kind == lockfile.KindProvider {
		base = m.Providers
	}
	if p.profile != "" {
		profile, ok := m.Profiles[p.profile]
		if !ok {
			return lockfile.Entry{}, p.noProfile()
		}
		over = profile.Services
		if kind == lockfile.KindProvider {
			over = profile.Providers
		}
	}
	out := lockfile.Entry{Name: name}
	for _, e := range base {
		if e.Name == name {
			out = e
		}
	}
	for _, e := range over {
		if e.Name == name {
			out = overlay(out, e)
		}
	}
	return out, nil
}

// noProfile is the error for a --profile that conduit.toml does not have.
func (p *Project) noProfile() error {
	return &report.Error{Kind: report.Usage, What: "no profile " + p.profile, Where: lockfile.ManifestName,
		Next: "add a table [profile." + p.profile + "], or leave out --profile"}
}

// overlay returns base with what over sets. Maps are merged key by key.
func overlay(base, over lockfile.Entry) lockfile.Entry {
	base.Config = mergeMaps(base.Config, over.Config)
	base.Env = mergeMaps(base.Env, over.Env)
	if over.Pass != nil {
		base.Pass = over.Pass
	}
	if over.Port != 0 {
		base.Port = over.Port
	}
	if over.Idle != 0 {
		base.Idle = over.Idle
	}
	if over.Driver != "" {
		base.Driver = over.Driver
	}
	base.GPU, base.Memory, base.CPU = cmp.Or(over.GPU, base.GPU), cmp.Or(over.Memory, base.Memory), cmp.Or(over.CPU, base.CPU)
	base.Permissions = base.Permissions.Overlay(over.Permissions)
	return base
}

func mergeMaps[V any](base, over map[string]V) map[string]V {
	if len(over) == 0 {
		return base
	}
	out := maps.Clone(base)
	if out == nil {
		out = map[string]V{}
	}
	maps.Copy(out, over)
	return out
}
