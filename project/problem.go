package project

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/sdk"
)

// problem states what conduit.toml asks for in the resolver's terms. previous may be nil. Modules in free ("SOURCE
// LINE") may move, whatever the previous lock holds of them.
func (p *Project) problem(m *lockfile.Manifest, previous *lockfile.Lock, free map[string]bool) (resolve.Problem, error) {
	out := resolve.Problem{Exclude: m.Exclude, Aliases: m.Aliases, Origin: p.origin, SDK: sdk.Version}
	requirements, err := m.Requirements()
	if err != nil {
		return resolve.Problem{}, err
	}
	var errs []error
	for _, r := range requirements {
		where := fmt.Sprintf("%s:%d", lockfile.ManifestName, r.Line)
		rng, err := resolve.ParseRange(r.Range)
		if err != nil {
			errs = append(errs, at(where, err))
			continue
		}
		req := resolve.Requirement{Name: r.Name, Kind: r.Kind, Source: r.Source, Range: rng, Where: resolve.At(lockfile.ManifestName, r.Line)}
		if previous != nil {
			if root, ok := previous.RootOf(r.Kind, r.Name); ok && root.Source == r.Source.String() && root.Range == r.Range {
				req.Locked = root.Version
			}
		}
		out.Root = append(out.Root, req)
	}
	for _, r := range m.Replace {
		if isLibrary(r) {
			continue
		}
		replacement, err := moduleReplacement(r)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out.Replace = append(out.Replace, replacement)
	}
	if err := errors.Join(errs...); err != nil {
		return resolve.Problem{}, first(errs, err)
	}
	if previous != nil {
		locked, err := lockedModules(previous)
		if err != nil {
			return resolve.Problem{}, err
		}
		for _, l := range locked {
			switch {
			case free[l.Source.String()+" "+resolve.Line(l.Version)]:
			case previous.Torn == nil:
				out.Locked = append(out.Locked, l)
			case l.Version != "":
				out.Floors = append(out.Floors, resolve.Floor{Source: l.Source, Version: l.Version})
			}
		}
	}
	return out, nil
}

// isLibrary tells a replacement of an npm library ("npm:form-data" = "4.0.4") from one of a module, whose new side is a
// source.
func isLibrary(r lockfile.Replacement) bool {
	if !strings.HasPrefix(r.Old, "npm:") {
		return false
	}
	_, _, err := resolve.ParseSource(r.New)
	return err != nil
}

// libraryReplacements maps the names of replaced libraries to their versions.
func libraryReplacements(replace []lockfile.Replacement) map[string]string {
	out := map[string]string{}
	for _, r := range replace {
		if isLibrary(r) {
			out[strings.TrimPrefix(r.Old, "npm:")] = r.New
		}
	}
	return out
}

func moduleReplacement(r lockfile.Replacement) (resolve.Replace, error) {
	file := lockfile.ManifestName
	if r.Local {
		file = lockfile.LocalName
	}
	where := fmt.Sprintf("%s:%d", file, r.Line)
	old, oldQuery, err := resolve.ParseSource(r.Old)
	if err == nil && oldQuery != "" {
		err = &report.Error{Kind: report.Usage, What: "a replacement is for all versions of " + old.String(), Next: "leave out @" + oldQuery}
	}
	if err != nil {
		return resolve.Replace{}, at(where, err)
	}
	replacement, query, err := resolve.ParseSource(r.New)
	if err != nil {
		return resolve.Replace{}, at(where, err)
	}
	out := resolve.Replace{Old: old, New: replacement, Local: r.Local, Where: where}
	if query != "" {
		if out.Range, err = resolve.ParseRange(query); err != nil {
			return resolve.Replace{}, at(where, err)
		}
	}
	return out, nil
}

// lockedModules is the previous lock in the resolver's terms.
func lockedModules(lock *lockfile.Lock) ([]resolve.Locked, error) {
	var out []resolve.Locked
	for i := range lock.Modules {
		m := &lock.Modules[i]
		src, _, err := resolve.ParseSource(m.Source)
		if err != nil {
			return nil, at(lockfile.Name, err)
		}
		l := resolve.Locked{Source: src, Version: m.Version, Kind: m.Kind, Commit: m.Commit, Integrity: m.Integrity, Sum: m.Sum}
		if m.Time != "" {
			if l.Time, err = time.Parse(time.RFC3339, m.Time); err != nil {
				return nil, &report.Error{Kind: report.Lock, What: "malformed time of " + subject(m), Where: lockfile.Name, Err: err,
					Next: "restore conduit.lock from version control, or delete it and type: conduit lock"}
			}
		}
		for _, r := range m.Requires {
			l.Requires = append(l.Requires, resolve.LockedNeed{Source: r.Source, Range: r.Range, Version: r.Version})
		}
		out = append(out, l)
	}
	return out, nil
}

// at gives an error the place that it belongs to, unless it knows a better one.
func at(where string, err error) error {
	var e *report.Error
	if errors.As(err, &e) && e.Where == "" {
		placed := *e
		placed.Where = where
		return &placed
	}
	return err
}

// first is the only error of errs as it is, or all of them under one heading with the kind of the first.
func first(errs []error, joined error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return &report.Error{Kind: report.KindOf(errs[0]), What: fmt.Sprintf("%d errors", len(errs)), Why: joined.Error(), Err: joined}
}
