package lockfile

import (
	"errors"
	"fmt"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// Requirement is an entry of conduit.toml as resolution needs it: aliases followed.
type Requirement struct {
	Name   string // the key
	Kind   string // KindProvider or KindService
	Source resolve.Source
	Range  string // as written; for an alias without one, the alias's own
	Line   int    // in conduit.toml
}

// Requirements lists what the manifest requires, providers first, in the order of the file. [Lock.Root] must hold these
// sources and ranges for [Lock.Stale] to find them unchanged. A manifest that was parsed gives no error.
func (m *Manifest) Requirements() ([]Requirement, error) {
	var out []Requirement
	for _, list := range []struct {
		kind    string
		entries []Entry
	}{{KindProvider, m.Providers}, {KindService, m.Services}} {
		for _, e := range list.entries {
			source, rng, err := resolve.FollowAlias(e.Source, m.Aliases)
			if err != nil {
				return nil, placed(err, at(ManifestName, e.Line, 0))
			}
			if e.Range != "" {
				rng = e.Range
			}
			out = append(out, Requirement{Name: e.Name, Kind: list.kind, Source: source, Range: rng, Line: e.Line})
		}
	}
	return out, nil
}

// placed says where in a file the malformed identifier of err stands.
func placed(err error, where string) error {
	var e *report.Error
	if !errors.As(err, &e) {
		return err
	}
	copied := *e
	copied.Where = where
	copied.Kind = report.Failure // a mistake in the file, as any other there, and not on the command line
	return &copied
}

// sources checks every identifier in the manifest, so that a malformed one is reported with its line.
func (d *decoder) sources(m *Manifest) error {
	check := func(text string, path ...string) error {
		if _, _, err := resolve.FollowAlias(text, m.Aliases); err != nil {
			return placed(err, at(d.name, d.doc.lineOf(path...), 0))
		}
		return nil
	}
	for _, name := range d.doc.children("aliases") {
		if err := check(m.Aliases[name], "aliases", name); err != nil {
			return err
		}
	}
	for _, e := range m.Providers {
		if err := check(e.Source, "providers", e.Name); err != nil {
			return err
		}
	}
	for _, e := range m.Services {
		if err := check(e.Source, "services", e.Name); err != nil {
			return err
		}
	}
	for _, source := range d.doc.children("exclude") {
		if err := check(source, "exclude", source); err != nil {
			return err
		}
	}
	return d.replaced(m.Replace)
}

// replaced checks the left sides of [replace], which name a source without a version.
func (d *decoder) replaced(list []Replacement) error {
	for _, r := range list {
		_, query, err := resolve.ParseSource(r.Old)
		if err != nil {
			return placed(err, at(d.name, r.Line, 0))
		}
		if query != "" {
			return d.fail(fmt.Sprintf("a replacement counts for all versions of a source, so %q must not name one", r.Old),
				"write "+quote(strings.TrimSuffix(r.Old, "@"+query)), "replace", r.Old)
		}
	}
	return nil
}

// SplitSource parts "github:o/r@^1.2" into source and range as [resolve.ParseSource] does, but keeps the spelling. The "@"
// of an npm scope parts nothing, and folders have no versions, so an "@" in their names belongs to the name.
func SplitSource(s string) (source, rng string) {
	s = strings.TrimSpace(s)
	if isFolder(s) {
		return s, ""
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '@' && s[i-1] != '/' && s[i-1] != ':' {
			return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+1:])
		}
	}
	return s, ""
}

func isFolder(s string) bool {
	for _, p := range []string{"file:", "./", "../", "/", `.\`, `..\`} {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return s == "." || s == ".."
}
