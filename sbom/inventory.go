package sbom

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// Options are what a lock does not say.
type Options struct {
	Name     string            // of the project
	Version  string            // of conduit
	Made     time.Time         // zero where nothing says when
	Licences map[string]string // by SOURCE@VERSION of a module, and by NAME@VERSION of a library: as package.json states them
}

// Of is the bill of materials of a lock: all that it names, for all platforms.
func Of(lock *lockfile.Lock, o Options) Document {
	c := collector{lock: lock, licences: o.Licences, doc: Document{Version: o.Version, Made: o.Made}, at: map[string]int{}}
	c.doc.Project = Component{ID: "project:" + o.Name, Kind: Project, Name: o.Name}
	for i := range lock.Libraries {
		c.library(&lock.Libraries[i])
	}
	for i := range lock.Modules {
		c.module(&lock.Modules[i])
	}
	for _, r := range lock.Root {
		if m, ok := lock.Module(r.Source, r.Version); ok {
			c.doc.Project.DependsOn = append(c.doc.Project.DependsOn, subject(m))
		}
	}
	for _, t := range lock.Toolchain {
		c.tool(t)
	}
	for _, n := range lock.Natives {
		if i, ok := c.at[libraryID(n.Name+"@"+n.Version)]; ok {
			c.doc.Parts[i].Facts = append(c.doc.Parts[i].Facts, Fact{"native:" + n.Platform, n.Output})
		}
	}
	for i := range c.doc.Parts {
		tidy(&c.doc.Parts[i])
	}
	tidy(&c.doc.Project)
	slices.SortFunc(c.doc.Parts, func(a, b Component) int { return strings.Compare(a.ID, b.ID) })
	return c.doc
}

// tidy drops facts without a value and sorts what has no order of its own.
func tidy(p *Component) {
	p.Facts = slices.DeleteFunc(p.Facts, func(f Fact) bool { return f.Value == "" })
	slices.SortFunc(p.Facts, func(a, b Fact) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
	})
	slices.Sort(p.DependsOn)
	p.DependsOn = slices.Compact(p.DependsOn)
}

// collector makes the parts of a document.
type collector struct {
	lock     *lockfile.Lock
	licences map[string]string
	doc      Document
	at       map[string]int // in doc.Parts, by ID
}

// add has a part in the document, unless it is there already.
func (c *collector) add(p Component) {
	if _, ok := c.at[p.ID]; !ok {
		c.at[p.ID] = len(c.doc.Parts)
		c.doc.Parts = append(c.doc.Parts, p)
	}
}

func subject(m *lockfile.Module) string {
	if m.Version == "" {
		return m.Source
	}
	return m.Source + "@" + m.Version
}

// libraryID tells a library from a provider that is the same package.
func libraryID(id string) string { return "library:" + id }

func (c *collector) module(m *lockfile.Module) {
	kind := Provider
	if m.Kind == lockfile.KindService {
		kind = Service
	}
	p := Component{ID: subject(m), Kind: kind, Name: m.Source, Version: strings.TrimPrefix(m.Version, "v"), Licence: c.licences[subject(m)],
		Hashes: hashes(m.Integrity), Commit: m.Commit,
		Facts: []Fact{{"kind", m.Kind}, {"sum", m.Sum}, {"commit", m.Commit}, {"artifact", m.Artifact}, {"builder", m.Builder}, {"replaces", m.Replaces}, {"published", m.Time}}}
	if src, _, err := resolve.ParseSource(m.Source); err == nil {
		p.Name = path.Base(src.Path)
		if src.Kind == resolve.NPM {
			p.Name = src.Path
		}
		if src.Dir != "" {
			p.Name += "/" + src.Dir
		}
		p.locate(src, m.Version, m.Commit)
	}
	if at, err := time.Parse(time.RFC3339, m.Time); err == nil && at.After(c.doc.Newest) {
		c.doc.Newest = at.UTC()
	}
	for _, r := range m.Requires {
		if to, ok := c.lock.Module(r.Source, r.Version); ok {
			p.DependsOn = append(p.DependsOn, subject(to))
		}
	}
	// Of several installations of one library, which a tree may have with different edges, a document knows one: it has the
	// edges of all.
	for _, n := range m.Libraries {
		of := &p
		if n.ID != "." {
			i, ok := c.at[libraryID(resolve.LibraryID(n.ID))]
			if !ok {
				continue
			}
			of = &c.doc.Parts[i]
		}
		for _, e := range n.Edges {
			of.DependsOn = append(of.DependsOn, libraryID(resolve.LibraryID(e.ID)))
		}
	}
	p.DependsOn = append(p.DependsOn, c.images(m)...)
	c.add(p)
}

func (c *collector) library(l *resolve.Library) {
	id := l.Name + "@" + l.Version
	p := Component{ID: libraryID(id), Kind: Library, Name: l.Name, Version: l.Version, Hashes: hashes(l.Integrity), Licence: c.licences[id],
		Facts: []Fact{{"os", strings.Join(l.OS, " ")}, {"cpu", strings.Join(l.CPU, " ")}, {"libc", strings.Join(l.Libc, " ")}, {"source", l.Source}}}
	p.find(l)
	c.add(p)
}

// tool adds a runtime of one platform. What holds it is a package of tens of megabytes that most machines do not have: its
// licence is not looked for.
func (c *collector) tool(t lockfile.Tool) {
	if t.Integrity == "" {
		return // not published for the platform
	}
	p := Component{ID: "runtime:" + t.Package + "@" + t.Version, Kind: Runtime, Name: t.Package, Version: t.Version, PURL: npm(t.Package, t.Version),
		Hashes: hashes(t.Integrity), Facts: []Fact{{"tool", t.Name}, {"platform", t.Platform}}}
	c.add(p)
	c.doc.Project.DependsOn = append(c.doc.Project.DependsOn, p.ID)
}

// images adds what a service's containers are made of, and returns what the service depends on of that. What is built depends on
// the images that it is built on.
func (c *collector) images(m *lockfile.Module) []string {
	var direct []string
	built := map[string]*Component{}
	for _, i := range m.Images {
		if i.Ref == "" {
			built[i.Service] = &Component{ID: "build:" + subject(m) + "/" + i.Service, Kind: Image, Name: i.Service, Facts: []Fact{{"context", i.Digest}}}
		}
	}
	for _, i := range m.Images {
		if i.Ref == "" {
			continue
		}
		p := Component{ID: "image:" + i.Ref, Kind: Image, Name: i.Ref, Version: i.Digest, PURL: oci(i.Ref, i.Digest)}
		if algorithm, sum, ok := strings.Cut(i.Digest, ":"); ok {
			p.ID += "@" + i.Digest
			p.Hashes = []Hash{{algorithm, sum}}
		} else {
			p.Facts = []Fact{{"floats", "true"}}
		}
		c.add(p)
		if b := built[i.Service]; b != nil {
			b.DependsOn = append(b.DependsOn, p.ID)
		} else {
			direct = append(direct, p.ID)
		}
	}
	for _, b := range built {
		c.add(*b)
		direct = append(direct, b.ID)
	}
	return direct
}

// hashes is an integrity string as a digest; none for "".
func hashes(integrity string) []Hash {
	i, err := verify.ParseIntegrity(integrity)
	if err != nil {
		return nil
	}
	return []Hash{{i.Algorithm, i.Hex()}}
}
