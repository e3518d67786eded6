package library

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// kept are the members of a version that the resolver reads. dist, scripts and the rest need work and are handled apart.
var kept = map[string]bool{
	"name": true, "dependencies": true, "optionalDependencies": true, "peerDependencies": true, "peerDependenciesMeta": true,
	"bundleDependencies": true, "bundledDependencies": true, "os": true, "cpu": true, "libc": true, "deprecated": true,
	"hasInstallScript": true, "engines": true, "_hasShrinkwrap": true,
}

var keptDist = map[string]bool{"integrity": true, "shasum": true, "tarball": true}

// Reduce strips a package document, as a registry serves it, to what [ParsePackument] reads: a few percent of it. The
// result is a package document too.
func Reduce(data []byte) ([]byte, error) {
	if !json.Valid(data) {
		return nil, errJSON
	}
	out := make([]byte, 0, len(data)/8+64)
	out = append(out, '{')
	comma := commas(&out)
	err := eachMember(data, func(key string, value []byte) error {
		switch key {
		case "name", "dist-tags", "time":
			comma(key)
			out = append(out, value...)
		case "versions":
			comma(key)
			out = append(out, '{')
			inner := commas(&out)
			err := eachMember(value, func(version string, m []byte) error {
				inner(version)
				return reduceVersion(&out, m)
			})
			out = append(out, '}')
			return err
		}
		return nil
	})
	return append(out, '}'), err
}

// commas returns a function that appends a member's key, and the comma before it where one is due.
func commas(out *[]byte) func(key string) {
	first := true
	return func(key string) {
		if !first {
			*out = append(*out, ',')
		}
		first = false
		*out = append(appendQuoted(*out, key), ':')
	}
}

func reduceVersion(out *[]byte, m []byte) error {
	if len(m) == 0 || m[0] != '{' {
		*out = append(*out, "{}"...)
		return nil
	}
	*out = append(*out, '{')
	comma := commas(out)
	stated, scripts := false, false
	err := eachMember(m, func(key string, value []byte) error {
		switch {
		case kept[key]:
			stated = stated || key == "hasInstallScript"
			comma(key)
			*out = append(*out, value...)
		case key == "scripts":
			s := stringMap(value)
			scripts = scripts || s["preinstall"] != "" || s["install"] != "" || s["postinstall"] != ""
		case key == "gypfile":
			scripts = scripts || truthy(value)
		case key == "dist" && value[0] == '{':
			comma(key)
			*out = append(*out, '{')
			inner := commas(out)
			err := eachMember(value, func(key string, value []byte) error {
				switch {
				case keptDist[key]:
					inner(key)
					*out = append(*out, value...)
				case key == "attestations" && value[0] == '{': // that there are some
					inner(key)
					*out = append(*out, "{}"...)
				}
				return nil
			})
			*out = append(*out, '}')
			return err
		}
		return nil
	})
	if scripts && !stated { // full documents state the scripts, abbreviated ones only that there are some
		comma("hasInstallScript")
		*out = append(*out, "true"...)
	}
	*out = append(*out, '}')
	return err
}

// ParsePackument reads the package document of name. One that is about another package is refused: a registry or proxy
// that mixes up packages must not be believed. data must not be changed afterwards.
func ParsePackument(name string, data []byte) (*Packument, error) {
	if !json.Valid(data) {
		return nil, badDocument(name, "not valid JSON")
	}
	return ParseReduced(name, data)
}

func badDocument(name, why string) error {
	return &report.Error{Kind: report.Network, What: "the registry's document of " + name + " cannot be read", Why: why, Next: "check the registry in .npmrc; if it is a mirror, try without it"}
}

// ParseReduced is [ParsePackument] for what [Reduce] returned, which is known to be valid: checking it again would take
// half of the time.
func ParseReduced(name string, data []byte) (*Packument, error) {
	p := &Packument{DistTags: map[string]string{}, entries: map[string]*entry{}}
	err := eachMember(data, func(key string, value []byte) error {
		switch key {
		case "name":
			p.Name = stringOf(value)
		case "dist-tags":
			p.DistTags = stringMap(value)
		case "time":
			p.Full = true
			p.Time = map[string]time.Time{}
			for v, s := range stringMap(value) {
				if t, err := time.Parse(time.RFC3339, s); err == nil && v != "created" && v != "modified" {
					p.Time[v] = t.UTC()
				}
			}
		case "versions":
			if value[0] != '{' {
				return nil
			}
			return eachMember(value, func(version string, m []byte) error {
				// Registries strip build parts; one that did not would make two of one version, and confuse node IDs.
				if p.entries[version] == nil && !strings.Contains(version, "+") {
					p.entries[version] = &entry{raw: m}
				}
				return nil
			})
		}
		return nil
	})
	if err != nil {
		return nil, badDocument(name, err.Error())
	}
	if p.Name != name {
		return nil, &report.Error{Kind: report.Integrity, What: "the registry answered with another package", Where: name, Why: "the document is named " + strconv.Quote(p.Name), Next: "check the registry and its mirrors in .npmrc"}
	}
	return p, nil
}

func decodeManifest(name, version string, raw []byte) (*Manifest, error) {
	m := &Manifest{Name: name, Version: version}
	var dist, bundled []byte
	var peersMeta []byte
	err := eachMember(raw, func(key string, v []byte) error {
		switch key {
		case "name":
			if got := stringOf(v); got != name {
				return fmt.Errorf("version %s is of package %q", version, got)
			}
		case "dependencies":
			m.Dependencies = stringMap(v)
		case "optionalDependencies":
			m.Optional = stringMap(v)
		case "peerDependencies":
			m.Peers = stringMap(v)
		case "peerDependenciesMeta":
			peersMeta = v
		case "bundleDependencies", "bundledDependencies":
			if truthy(v) {
				bundled = v
			}
		case "os":
			m.OS = stringList(v)
		case "cpu":
			m.CPU = stringList(v)
		case "libc":
			m.Libc = stringList(v)
		case "engines":
			m.Node = stringMap(v)["node"]
		case "deprecated":
			if truthy(v) {
				if m.Deprecated = stringOf(v); m.Deprecated == "" {
					m.Deprecated = "deprecated"
				}
			}
		case "hasInstallScript":
			m.Scripts = truthy(v)
		case "_hasShrinkwrap":
			m.Shrinkwrap = truthy(v)
		case "dist":
			dist = v
		}
		return nil
	})
	if err != nil {
		return nil, &report.Error{Kind: report.Integrity, What: "the registry's document of " + name + "@" + version + " cannot be read", Err: err, Next: "check the registry and its mirrors in .npmrc"}
	}
	d := stringMap(dist)
	m.Integrity, m.Shasum, m.Tarball = d["integrity"], d["shasum"], d["tarball"]
	m.Attested = bytes.Contains(dist, []byte(`"attestations":{`)) // as [Reduce] writes it
	for n := range m.Optional {                                   // the registry lists these among the dependencies too
		delete(m.Dependencies, n)
	}
	if len(peersMeta) > 0 && peersMeta[0] == '{' {
		m.PeerOptional = map[string]bool{}
		_ = eachMember(peersMeta, func(n string, v []byte) error { // valid: the whole document is
			var meta struct{ Optional any }
			if json.Unmarshal(v, &meta) == nil && meta.Optional == true {
				m.PeerOptional[n] = true
			}
			return nil
		})
	}
	m.Bundled = bundledNames(m, bundled)
	return m, nil
}

func bundledNames(m *Manifest, raw []byte) []string {
	var out []string
	if bytes.Equal(raw, []byte("true")) { // all of them
		for n := range m.Dependencies {
			out = append(out, n)
		}
		for n := range m.Optional {
			out = append(out, n)
		}
	} else {
		out = stringList(raw)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
