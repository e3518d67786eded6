package project

import (
	"context"
	"maps"
	"net/url"
	"slices"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
)

// Declared is what a package's manifest declares that its user may want to know before running it. The lists are sorted.
type Declared struct {
	Capabilities []string `json:"capabilities,omitempty"`
	Requires     []string `json:"requires,omitempty"`    // services and providers, as the manifest writes them
	Environment  []string `json:"environment,omitempty"` // names of variables
	Hosts        []string `json:"hosts,omitempty"`       // hosts of the addresses in it, this machine left out
}

// without is what d declares and old does not.
func (d Declared) without(old Declared) Declared {
	fresh := func(now, before []string) []string {
		return slices.DeleteFunc(slices.Clone(now), func(s string) bool { return slices.Contains(before, s) })
	}
	return Declared{fresh(d.Capabilities, old.Capabilities), fresh(d.Requires, old.Requires), fresh(d.Environment, old.Environment), fresh(d.Hosts, old.Hosts)}
}

// declared reads what a module's manifest declares.
func (p *Project) declared(ctx context.Context, m *lockfile.Module) (Declared, error) {
	dir, err := p.fetch(ctx, m)
	if err != nil {
		return Declared{}, err
	}
	quiet := report.To(ctx, nil) // its warnings are shown where it is resolved
	var out Declared
	var needs []manifest.Need
	var texts []string // in which names of variables and addresses may stand
	if m.Kind == lockfile.KindProvider {
		about, err := manifest.ReadProvider(quiet, dir, subject(m))
		if err != nil {
			return Declared{}, err
		}
		out.Capabilities = about.Capabilities
		needs = append(about.Services, about.Providers...)
		out.Environment = slices.Collect(maps.Keys(about.Service.Environment))
		texts = append(stringsIn(about.Config), about.Service.BaseURL, about.Service.HealthEndpoint)
		texts = slices.AppendSeq(texts, maps.Values(about.Service.Environment))
	} else {
		about, err := manifest.ReadService(quiet, dir, subject(m))
		if err != nil {
			return Declared{}, err
		}
		out.Capabilities = about.Capabilities
		needs = about.Requires
		out.Environment = slices.Collect(maps.Keys(about.Environment))
		texts = slices.Collect(maps.Values(about.Environment))
	}
	for _, n := range needs {
		out.Requires = append(out.Requires, n.Source)
	}
	for _, text := range texts {
		out.Environment = append(out.Environment, variable.FindAllString(text, -1)...)
		for _, address := range webAddress.FindAllString(text, -1) {
			if u, err := url.Parse(address); err == nil && !thisMachine(u.Hostname()) {
				out.Hosts = append(out.Hosts, u.Hostname())
			}
		}
	}
	for _, list := range []*[]string{&out.Capabilities, &out.Requires, &out.Environment, &out.Hosts} {
		*list = slices.Compact(slices.Sorted(slices.Values(*list)))
	}
	return out, nil
}

var (
	// Names of variables are told from other words by their underscores: OPENROUTER_API_KEY.
	variable   = lazyregexp.New(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)
	webAddress = lazyregexp.New(`(https?|wss?)://[^\s"'<>{}]+`)
)

func thisMachine(host string) bool {
	return host == "" || host == "localhost" || host == "127.0.0.1" || host == "::1" || host == "0.0.0.0"
}

// stringsIn lists the keys and strings of a decoded document.
func stringsIn(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			out = append(out, stringsIn(e)...)
		}
	case map[string]any:
		for key, e := range v {
			out = append(append(out, key), stringsIn(e)...)
		}
	}
	return out
}
