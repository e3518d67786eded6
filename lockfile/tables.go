package lockfile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

var (
	entryName = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9_.-]*$`)
	envName   = lazyregexp.New(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// externalName is an npm package, with or without a version.
var externalName = lazyregexp.New(`^(@[^/@\s]+/)?[^/@\s]+(@[^/@\s]+)?$`)

const (
	exampleSource = "github:OWNER/REPO@^1"
	nameAdvice    = `use letters, digits, "-", "_" and ".", beginning with a letter or digit`
)

// CheckName refuses what cannot be the name of a provider or service in conduit.toml, as a mistake on the command line.
func CheckName(name string) error {
	if entryName.MatchString(name) {
		return nil
	}
	return &report.Error{Kind: report.Usage, What: fmt.Sprintf("%q is no name for a provider or service", name), Next: nameAdvice}
}

func (d *decoder) toolchain(v any) (string, error) {
	t, err := d.table(v, "toolchain")
	if err != nil {
		return "", err
	}
	if err := d.only([]string{"node"}, "toolchain"); err != nil {
		return "", err
	}
	return d.text(t["node"], "^22", "toolchain", "node")
}

func (d *decoder) aliases(v any) (map[string]string, error) {
	t, err := d.table(v, "aliases")
	if err != nil || t == nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range d.doc.children("aliases") {
		if !entryName.MatchString(name) {
			return nil, d.fail(fmt.Sprintf("alias %q is no name", name), "use letters, digits, \"-\", \"_\" and \".\"", "aliases", name)
		}
		if out[name], err = d.text(t[name], exampleSource, "aliases", name); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *decoder) replace(root map[string]any) ([]Replacement, error) {
	t, err := d.table(root["replace"], "replace")
	if err != nil {
		return nil, err
	}
	var out []Replacement
	for _, old := range d.doc.children("replace") {
		to, err := d.text(t[old], "file:../other", "replace", old)
		if err != nil {
			return nil, err
		}
		if old == "" || strings.TrimSpace(to) == "" {
			return nil, d.fail("a replacement names a source on both sides", "write it as\n  \"github:OWNER/REPO\" = \"file:../REPO\"", "replace", old)
		}
		out = append(out, Replacement{Old: old, New: to, Line: d.doc.lineOf("replace", old)})
	}
	return out, nil
}

func (d *decoder) exclude(v any) (map[string][]string, error) {
	t, err := d.table(v, "exclude")
	if err != nil || t == nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, source := range d.doc.children("exclude") {
		if out[source], err = d.texts(t[source], "v1.2.3", "exclude", source); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// texts is a list of text.
func (d *decoder) texts(v any, example string, path ...string) ([]string, error) {
	if v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	wrong := d.fail(join(path)+" must be a list of text", "write it as\n  "+quoteKey(path[len(path)-1])+" = ["+quote(example)+"]", path...)
	if !ok {
		return nil, wrong
	}
	out := make([]string, len(list))
	for i, l := range list {
		if out[i], ok = l.(string); !ok {
			return nil, wrong
		}
	}
	return out, nil
}

func (d *decoder) profiles(v any) (map[string]Profile, error) {
	t, err := d.table(v, "profile")
	if err != nil || t == nil {
		return nil, err
	}
	out := map[string]Profile{}
	for _, name := range d.doc.children("profile") {
		tables, err := d.table(t[name], "profile", name)
		if err != nil {
			return nil, err
		}
		if err := d.only([]string{"providers", "services"}, "profile", name); err != nil {
			return nil, err
		}
		var p Profile
		if p.Providers, err = d.entries(tables["providers"], KindProvider, true, "profile", name, "providers"); err != nil {
			return nil, err
		}
		if p.Services, err = d.entries(tables["services"], KindService, true, "profile", name, "services"); err != nil {
			return nil, err
		}
		out[name] = p
	}
	return out, nil
}

// entries reads a table of providers or services. Those of a profile have settings only.
func (d *decoder) entries(v any, kind string, profile bool, path ...string) ([]Entry, error) {
	t, err := d.table(v, path...)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, name := range d.doc.children(path...) {
		at := append(path[:len(path):len(path)], name)
		if !entryName.MatchString(name) {
			return nil, d.fail(fmt.Sprintf("%q is no name for a %s", name, kind), nameAdvice, at...)
		}
		e, err := d.entry(t[name], kind, profile, at)
		if err != nil {
			return nil, err
		}
		e.Name, e.Line = name, d.doc.lineOf(at...)
		out = append(out, e)
	}
	return out, nil
}

func (d *decoder) entry(v any, kind string, profile bool, path []string) (Entry, error) {
	name := path[len(path)-1]
	if s, ok := v.(string); ok && !profile {
		e := Entry{}
		if e.Source, e.Range = SplitSource(s); e.Source == "" {
			return e, d.fail(fmt.Sprintf("%s %q has no source", kind, name), "write it as\n  "+quoteKey(name)+" = "+quote(exampleSource), path...)
		}
		return e, nil
	}
	t, ok := v.(map[string]any)
	if !ok && profile {
		return Entry{}, d.fail(join(path)+" must be a table of settings", "a profile holds settings: "+strings.Join(entryKeys(kind, true), ", "), path...)
	}
	if !ok {
		return Entry{}, d.fail(join(path)+" must be a source in quotes or a table",
			"write it as\n  "+quoteKey(name)+" = { source = \"github:OWNER/REPO\", version = \"^1\" }", path...)
	}
	if err := d.only(entryKeys(kind, profile), path...); err != nil {
		if !slices.Contains(d.doc.children(path...), "source") || !profile {
			return Entry{}, err
		}
		return Entry{}, d.fail("a profile cannot change the source of a "+kind, "a profile holds settings: "+strings.Join(entryKeys(kind, true), ", "), append(path, "source")...)
	}
	e, err := d.requirement(t, kind, profile, path)
	if err != nil {
		return e, err
	}
	return e, d.settings(&e, t, kind, path)
}

func entryKeys(kind string, profile bool) []string {
	keys := []string{"source", "version"}
	if profile {
		keys = nil
	}
	if kind == KindProvider && !profile { // a profile chooses no artifact
		keys = append(keys, "bundle", "external")
	}
	if kind == KindProvider {
		return append(keys, "config", "env", "memory", "permissions")
	}
	return append(keys, "env", "port", "driver", "idle", "gpu", "memory", "cpu")
}

// requirement reads source and version.
func (d *decoder) requirement(t map[string]any, kind string, profile bool, path []string) (Entry, error) {
	var e Entry
	if profile {
		return e, nil
	}
	name := path[len(path)-1]
	source, err := d.text(t["source"], "github:OWNER/REPO", append(path, "source")...)
	if err != nil {
		return e, err
	}
	version, err := d.text(t["version"], "^1", append(path, "version")...)
	if err != nil {
		return e, err
	}
	e.Source, e.Range = SplitSource(source)
	switch {
	case e.Source == "":
		return e, d.fail(fmt.Sprintf("%s %q has no source", kind, name), "add to it\n  source = \"github:OWNER/REPO\"", path...)
	case e.Range != "" && version != "":
		return e, d.fail(fmt.Sprintf("%s %q has two version ranges", kind, name),
			fmt.Sprintf("keep one: take \"@%s\" out of source, or delete version", e.Range), append(path, "version")...)
	case version != "":
		e.Range = version
	}
	return e, nil
}

// settings reads what a provider or service is run with.
func (d *decoder) settings(e *Entry, t map[string]any, kind string, path []string) error {
	var err error
	if kind == KindProvider {
		if e.Config, err = d.table(t["config"], append(path, "config")...); err != nil {
			return err
		}
		if e.Bundling, err = d.bundling(t, path); err != nil {
			return err
		}
		if e.Pass, err = d.texts(t["env"], "API_TOKEN", append(path, "env")...); err != nil {
			return err
		}
		for _, name := range e.Pass {
			if !envName.MatchString(name) {
				return d.fail(fmt.Sprintf("%q is no name of an environment variable", name), "list names only: env = [\"API_TOKEN\"]; their values come from conduit's own environment", append(path, "env")...)
			}
		}
		if e.Permissions, err = d.permissions(t, path); err != nil {
			return err
		}
		return d.providerMemory(e, t, path)
	}
	env, err := d.table(t["env"], append(path, "env")...)
	if err != nil {
		return err
	}
	for _, name := range d.doc.children(append(path, "env")...) {
		if !envName.MatchString(name) {
			return d.fail(fmt.Sprintf("%q is no name of an environment variable", name), "use letters, digits and \"_\"", append(path, "env", name)...)
		}
		if e.Env == nil {
			e.Env = map[string]string{}
		}
		switch value := env[name].(type) {
		case string:
			e.Env[name] = value
		case int64, float64, bool:
			e.Env[name] = fmt.Sprint(value)
		default:
			return d.fail(join(path)+".env."+name+" must be text", "write it as\n  env = { "+name+" = \"VALUE\" }", append(path, "env", name)...)
		}
	}
	if v, ok := t["port"]; ok {
		port, isInt := v.(int64)
		if !isInt || port < 0 || port > 65535 {
			return d.fail(join(path)+".port must be a port", "write a number from 1 to 65535, or 0 for any free port", append(path, "port")...)
		}
		e.Port = int(port)
	}
	if e.Limits, err = d.limits(t, path); err != nil {
		return err
	}
	idle, err := d.text(t["idle"], "10m", append(path, "idle")...)
	if err != nil {
		return err
	}
	if idle != "" {
		if e.Idle, err = time.ParseDuration(idle); err != nil || e.Idle <= 0 {
			return d.fail(join(path)+".idle must be a duration", "write it as\n  idle = \"10m\"", append(path, "idle")...)
		}
	}
	drivers := []string{"auto", "docker", "process"}
	if e.Driver, err = d.text(t["driver"], "auto", append(path, "driver")...); err != nil {
		return err
	}
	if e.Driver != "" && !slices.Contains(drivers, e.Driver) {
		return d.fail(fmt.Sprintf("unknown driver %q", e.Driver), "write one of "+strings.Join(drivers, ", "), append(path, "driver")...)
	}
	return nil
}
