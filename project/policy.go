package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve/library"
	"github.com/MediaConduit/conduit/verify/policy"
	"github.com/MediaConduit/conduit/verify/signature"
)

// rules are what the project's policy and its organisation's say.
type rules struct {
	sources policy.Set
	keys    map[string]func() (*signature.Signers, error) // of the files of a policy.Demand, by [keysName]
	audit   string                                        // the place of the rule that demands an audit log, "" for none
	excess  []policy.Refusal                              // what the project allows itself and its organisation does not
}

// Forbidden is something that the policy refuses.
type Forbidden struct {
	ID     string   `json:"id"`               // SOURCE@VERSION, NAME@VERSION of a library, or the place of a setting
	Kind   string   `json:"kind"`             // "provider", "service", "tool", "library" or "setting"
	Source string   `json:"source,omitempty"` // that the rule is about
	File   string   `json:"file"`             // that the rule stands in
	Line   int      `json:"line,omitempty"`
	Why    string   `json:"why"`
	Chain  []string `json:"chain,omitempty"` // from conduit.toml to it
	Next   string   `json:"next"`

	refusal policy.Refusal
}

// Where is the place of the rule.
func (f Forbidden) Where() string { return f.refusal.Where() }

// organisations reads the policy files outside of the project: the machine's, and the one that CONDUIT_POLICY names.
func organisations() ([]*lockfile.Organisation, error) {
	var out []*lockfile.Organisation
	machine, err := lockfile.ReadOrganisation(machinePolicy())
	switch {
	case err == nil:
		out = append(out, machine)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	file := os.Getenv("CONDUIT_POLICY")
	if file == "" {
		return out, nil
	}
	if !filepath.IsAbs(file) {
		return nil, &report.Error{Kind: report.Policy, What: "CONDUIT_POLICY is no absolute path: " + file, Next: "write the whole path, so that the same file counts in every folder"}
	}
	named, err := lockfile.ReadOrganisation(file)
	if err != nil {
		return nil, err
	}
	return append(out, named), nil
}

// govern makes the manifest's policy and the organisation's the rules of the project.
func (p *Project) govern(m *lockfile.Manifest) error {
	files, err := organisations()
	if err != nil {
		return err
	}
	now := &rules{sources: policy.Set{m.Policy.Sources(lockfile.ManifestName, true)}}
	for _, o := range files {
		now.sources = append(now.sources, o.Policy.Sources(o.File, false))
		now.excess = append(now.excess, o.Excess(m)...)
		if o.Policy.Audit != "" {
			now.audit = where(o.File, o.Line["audit-log"])
		}
		if o.Policy.Images != "" {
			m.Policy.Images = o.Policy.Images
		}
	}
	now.keys = p.keyFiles(now.sources)
	if m.Policy.Audit != "" && now.audit == "" {
		now.audit = where(lockfile.ManifestName, m.Line["policy.audit-log"])
	}
	p.rules.Store(now)
	return nil
}

func where(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}

// audited refuses to go on without the audit log that the policy demands.
func (p *Project) audited(ctx context.Context) error {
	rule := p.ruled().audit
	if rule == "" {
		return nil
	}
	e := &report.Error{Kind: report.Policy, What: "the policy demands an audit log, and there is none", Where: rule}
	recorder := report.RecorderOf(ctx)
	if recorder == nil {
		e.Why, e.Next = "this program keeps none", "use the conduit command, or give the context a recorder"
		return e
	}
	if e.Err = recorder.Require(); e.Err == nil {
		return nil
	}
	e.Next = "name a file that can be written with CONDUIT_AUDIT_LOG, or unset it; conduit env    shows where the log is"
	return e
}

// ruled are the rules, none before a conduit.toml was read.
func (p *Project) ruled() *rules {
	if now := p.rules.Load(); now != nil {
		return now
	}
	return &rules{}
}

// permit refuses, with an error of kind Policy, what the lock holds and the policy does not allow. All of it is named.
func (p *Project) permit(lock *lockfile.Lock) error { return refusals(p.forbidden(lock)) }

// permitLocked is permit for a lock that is complete: who signed what is in it.
func (p *Project) permitLocked(lock *lockfile.Lock) error {
	found, err := p.undersigned(lock)
	if err != nil {
		return err
	}
	return refusals(append(p.forbidden(lock), found...))
}

func refusals(found []Forbidden) error {
	if len(found) == 0 {
		return nil
	}
	errs := make([]error, len(found))
	for i, f := range found {
		errs[i] = f.refusal.Error(f.ID)
	}
	return first(errs, errors.Join(errs...))
}

// plain refuses to ask a host without TLS where the policy says so.
func (p *Project) plain(host string) error {
	if r := p.ruled().sources.CheckPlain(host); r != nil {
		return r.Error(r.Source)
	}
	return nil
}

// permitSettings refuses what conduit.toml allows itself and the organisation does not.
func (p *Project) permitSettings() error { return p.permit(&lockfile.Lock{}) }

// forbidden is what the policy refuses of the lock and of conduit.toml, in the order of the files.
func (p *Project) forbidden(lock *lockfile.Lock) []Forbidden {
	now := p.ruled()
	out := []Forbidden{}
	add := func(id, kind string, r *policy.Refusal) {
		if r != nil {
			out = append(out, forbid(id, kind, r))
		}
	}
	for i := range now.excess {
		r := now.excess[i]
		add(r.Source, "setting", &r)
		out[len(out)-1].Source = ""
	}
	if now.sources.Empty() {
		return out
	}
	for i := range lock.Modules {
		m := &lock.Modules[i]
		add(subject(m), m.Kind, now.sources.Check(m.Source))
	}
	for _, l := range lock.Libraries {
		id, name := l.Name+"@"+l.Version, "npm:"+l.Name
		if l.Source == "" {
			add(id, "library", now.sources.Check(name))
			continue
		}
		add(id, "library", now.sources.Check(addressed(l.Source), name))
	}
	for _, t := range lock.Toolchain {
		if t.Integrity != "" {
			add(t.Package+"@"+t.Version, toolKind, now.sources.Check("npm:"+t.Package))
		}
	}
	return out
}

func forbid(id, kind string, r *policy.Refusal) Forbidden {
	return Forbidden{ID: id, Kind: kind, Source: r.Source, File: r.File, Line: r.Line, Why: r.Why(), Next: r.Next, refusal: *r}
}

// addressed is where a library's address says that it is, without the commit.
func addressed(source string) string {
	if a, err := library.ParseAddress(source); err == nil && a.URL == "" {
		return a.Git.String()
	}
	return source
}

// CheckPolicy lists what in the lock and in conduit.toml the policy refuses, and why it is there. It makes no request, but for
// packages that rules over licences and sizes have to look into and the cache lacks.
func (p *Project) CheckPolicy(ctx context.Context) ([]Forbidden, error) {
	m, lock, err := p.current(ctx)
	if err != nil {
		return nil, err
	}
	unsigned, err := p.undersigned(lock)
	if err != nil {
		return nil, err
	}
	found := append(p.forbidden(lock), unsigned...)
	inside, err := p.forbiddenContent(ctx, lock, everywhere)
	if err != nil {
		return nil, err
	}
	found = append(found, inside...)
	graph := graphOf(lock)
	for i := range found {
		found[i].Chain = p.broughtBy(m, lock, graph, &found[i])
	}
	return found, nil
}

// broughtBy is the shortest chain from conduit.toml to something in the lock.
func (p *Project) broughtBy(m *lockfile.Manifest, lock *lockfile.Lock, graph Graph, f *Forbidden) []string {
	var out []string
	for _, e := range graph.chain(f.ID) {
		out = append(out, e.To)
	}
	if f.Kind != "library" {
		return out
	}
	name, version := lockfile.SplitSource(f.ID)
	for i := range lock.Modules {
		paths := libraryPaths(lock.Modules[i].Libraries, name, version)
		if len(paths) == 0 {
			continue
		}
		for _, e := range graph.chain(subject(&lock.Modules[i])) {
			out = append(out, e.To)
		}
		return append(out, paths[0]...)
	}
	return out
}
