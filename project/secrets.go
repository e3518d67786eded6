package project

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/exec/plugin"
	"github.com/MediaConduit/conduit/exec/secret"
	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
)

// leastVariable is how many bytes the value of a variable needs to be kept out of logs. Variables also hold switches and
// words such as "1" and "debug", which a log cannot do without.
const leastVariable = 8

// secrets returns a provider's config with its references followed, and all values that must not be shown.
func (p *Project) secrets(ctx context.Context, m *lockfile.Manifest, name string, set lockfile.Entry) (map[string]any, []plugin.Secret, error) {
	resolver := secret.Resolver{Dir: p.dir, Lookup: os.LookupEnv, Where: func(key string) string { return p.placeOfConfig(m, name, key) }}
	config, found, err := resolver.Resolve(ctx, "provider "+name, set.Config)
	if err != nil {
		return nil, nil, err
	}
	var out []plugin.Secret
	for _, f := range found {
		out = append(out, plugin.Secret{Name: f.Key, Value: f.Value})
	}
	for _, variable := range set.Pass {
		if value := os.Getenv(variable); len(value) >= leastVariable {
			out = append(out, plugin.Secret{Name: variable, Value: value})
		}
	}
	return config, out, nil
}

// placeOfConfig is where conduit.toml has a setting, or the innermost table around it whose line is known.
func (p *Project) placeOfConfig(m *lockfile.Manifest, name, key string) string {
	for _, top := range []string{"profile." + p.profile + ".", ""} {
		entry := top + "providers." + name
		for path := entry + ".config." + key; len(path) >= len(entry); path = path[:strings.LastIndexByte(path, '.')] {
			if line := m.Line[path]; line > 0 {
				return fmt.Sprintf("%s:%d", lockfile.ManifestName, line)
			}
		}
	}
	for _, e := range m.Providers {
		if e.Name == name && e.Line > 0 {
			return fmt.Sprintf("%s:%d", lockfile.ManifestName, e.Line)
		}
	}
	return lockfile.ManifestName
}

// variableName is what a message may call a variable of the environment: REPLICATE_API_TOKEN.
var variableName = lazyregexp.New(`\b[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\b`)

// withheld completes a provider's error that names a variable which it did not get: one that is set here but was not
// handed on, or one that is to be handed on and is not set.
func withheld(err error, name string, set lockfile.Entry) error {
	var e *report.Error
	if !errors.As(err, &e) || e.Kind != report.Provider {
		return err
	}
	for _, word := range variableName.FindAllString(err.Error(), -1) {
		value, here := os.LookupEnv(word)
		out := *e
		switch declared := slices.Contains(set.Pass, word); {
		case declared && value == "":
			out.Next = fmt.Sprintf("%s is not set: export %s=…", word, word)
			return &out
		case here && !declared:
			out.Next = fmt.Sprintf("%s is set here, but a provider sees only the variables that its package declares or %s hands on:\n%s = { source = \"…\", env = %s }", word, lockfile.ManifestName, name, tomlList(append(slices.Clone(set.Pass), word)))
			return &out
		}
	}
	return err
}
