package project

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/advisory"
	"github.com/MediaConduit/conduit/resolve/library"
)

// AuditOptions say how to audit.
type AuditOptions struct {
	Level    string // the lowest severity to report, one of [advisory.Levels]; "" for the lowest
	Database string // a folder of OSV files to read in place of asking the registry
}

// Audit is what is known to be wrong with the libraries of the lock.
type Audit struct {
	Libraries int        `json:"libraries"` // looked at
	Findings  []Weakness `json:"findings"`  // at or above the level; the worst first
	Below     int        `json:"below"`     // findings below the level
}

// Weakness is a library of the lock that an advisory is about.
type Weakness struct {
	Library  string  `json:"library"` // NAME@VERSION
	Advisory string  `json:"advisory"`
	URL      string  `json:"url"`
	Title    string  `json:"title"`
	Severity string  `json:"severity"`
	Range    string  `json:"range"` // the versions that the advisory is about
	Uses     []Usage `json:"uses"`  // one for each provider that has the library
	Next     string  `json:"next"`  // what mends it
}

// Usage is how a library came to a provider.
type Usage struct {
	Provider string      `json:"provider"`
	Chain    []GraphEdge `json:"chain"` // from conduit.toml to the provider
	Path     []string    `json:"path"`  // from the provider's own dependency to the library, NAME@VERSION each
}

// Audit asks the npm registry, or a folder of OSV files, what is known to be wrong with the libraries of the lock. What comes
// from repositories and addresses is looked up by its name and version, too. Neither file is changed.
func (p *Project) Audit(ctx context.Context, opts AuditOptions) (Audit, error) {
	level := cmp.Or(opts.Level, advisory.Levels[0])
	if !slices.Contains(advisory.Levels, level) {
		return Audit{}, &report.Error{Kind: report.Usage, What: fmt.Sprintf("--level %s means nothing", level), Next: "use one of " + strings.Join(advisory.Levels, ", ")}
	}
	m, lock, err := p.current(ctx)
	if err != nil {
		return Audit{}, err
	}
	out := Audit{Libraries: len(lock.Libraries), Findings: []Weakness{}}
	list, err := p.advisories(ctx, lock, opts.Database)
	if err != nil {
		return Audit{}, err
	}
	graph := graphOf(lock)
	fix := &mending{project: p, ctx: ctx, manifest: m, lock: lock, list: list, trees: map[string]map[string]bool{}}
	for _, l := range lock.Libraries {
		for i := range list {
			a := &list[i]
			if a.Library != l.Name || !a.Affects(l.Version) {
				continue
			}
			if !a.Reaches(level) {
				out.Below++
				continue
			}
			f := Weakness{Library: l.Name + "@" + l.Version, Advisory: a.ID, URL: a.URL, Title: a.Title, Severity: a.Severity, Range: a.Range}
			var users []*lockfile.Module
			for i := range lock.Modules {
				mod := &lock.Modules[i]
				for _, path := range libraryPaths(mod.Libraries, l.Name, l.Version) {
					f.Uses = append(f.Uses, Usage{Provider: nameOf(lock, mod), Chain: graph.chain(subject(mod)), Path: path})
					users = append(users, mod)
				}
			}
			f.Next = fix.next(l.Name, l.Version, users)
			out.Findings = append(out.Findings, f)
		}
	}
	slices.SortStableFunc(out.Findings, func(a, b Weakness) int {
		return cmp.Or(cmp.Compare(rank(b.Severity), rank(a.Severity)), strings.Compare(a.Library, b.Library), strings.Compare(a.Advisory, b.Advisory))
	})
	return out, ctx.Err()
}

// rank orders severities; an unknown one is looked at first.
func rank(severity string) int {
	if severity == "unknown" {
		return len(advisory.Levels)
	}
	return slices.Index(advisory.Levels, severity)
}

func (p *Project) advisories(ctx context.Context, lock *lockfile.Lock, database string) ([]advisory.Advisory, error) {
	versions, names := map[string][]string{}, map[string]bool{}
	for _, l := range lock.Libraries {
		names[l.Name] = true
		versions[l.Name] = append(versions[l.Name], l.Version)
	}
	if database != "" {
		return advisory.ReadDatabase(ctx, database, names)
	}
	if len(versions) == 0 {
		return nil, nil
	}
	return p.npm.Advisories(ctx, versions)
}

// mending finds out what mends findings.
type mending struct {
	project  *Project
	ctx      context.Context
	manifest *lockfile.Manifest
	lock     *lockfile.Lock
	list     []advisory.Advisory
	trees    map[string]map[string]bool // provider to the "name@version" that choosing anew would give; nil where that cannot be told
}

// next is the command that takes users to a version without advisories, if their ranges allow one as of now; else the
// replacement that does.
func (x *mending) next(name, version string, users []*lockfile.Module) string {
	var commands []string
	for _, mod := range users {
		tree := x.anew(mod)
		mends := tree != nil
		for id := range tree {
			if has, at := lockfile.SplitSource(id); has == name && x.bad(name, at) {
				mends = false
			}
		}
		if !mends {
			return x.replacement(name, version)
		}
		if command := "conduit update " + nameOf(x.lock, mod) + " --libraries"; !slices.Contains(commands, command) {
			commands = append(commands, command)
		}
	}
	return strings.Join(commands, "\n")
}

func (x *mending) bad(name, version string) bool {
	return slices.ContainsFunc(x.list, func(a advisory.Advisory) bool { return a.Library == name && a.Affects(version) })
}

// anew is what "conduit update --libraries" would choose for a provider. nil where that cannot be found out, without a network for one.
func (x *mending) anew(mod *lockfile.Module) map[string]bool {
	if tree, ok := x.trees[subject(mod)]; ok {
		return tree
	}
	x.trees[subject(mod)] = nil
	quiet := report.To(x.ctx, nil)
	_, about, err := x.project.provider(quiet, mod, nil)
	if err != nil {
		return nil
	}
	tree, err := library.Resolve(quiet, governedPackages{x.project.libraries, x.project}, library.Request{
		Subject: subject(mod), Dependencies: about.Libraries, Optional: about.Optional, Peers: about.Peers, Overrides: about.Overrides,
		Replace: libraryReplacements(x.manifest.Replace), Build: x.manifest.Policy.Build,
	})
	if err != nil {
		return nil
	}
	out := map[string]bool{}
	for _, l := range tree.Libraries {
		out[l.Name+"@"+l.Version] = true
	}
	x.trees[subject(mod)] = out
	return out
}

// replacement is the [replace] of a library by the lowest release above version that no advisory is about.
func (x *mending) replacement(name, version string) string {
	doc, err := governedPackages{x.project.libraries, x.project}.Packument(x.ctx, name, false)
	if err != nil {
		return "choose a version that the advisory is not about, in " + lockfile.ManifestName + ":\n[replace]\n\"npm:" + name + "\" = \"VERSION\"\nthen type: conduit lock"
	}
	for _, v := range doc.Versions() {
		if library.Compare(v, version) > 0 && semver.Prerelease("v"+v) == "" && !x.bad(name, v) {
			return fmt.Sprintf("put into %s:\n[replace]\n\"npm:%s\" = \"%s\"\nthen type: conduit lock", lockfile.ManifestName, name, v)
		}
	}
	return "no published version is free of it: do without what requires it (conduit why " + name + "@" + version + ")"
}
