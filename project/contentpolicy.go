package project

import (
	"context"
	"errors"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify/policy"
)

// forbiddenContent is what the policy refuses of a lock for what packages have in them. Only the libraries that which is true of are
// looked at.
func (p *Project) forbiddenContent(ctx context.Context, lock *lockfile.Lock, which func(resolve.Library) bool) ([]Forbidden, error) {
	rules := p.ruled().sources
	if !rules.JudgesContent() {
		return nil, nil
	}
	var libraries []resolve.Library
	for _, l := range lock.Libraries {
		if which(l) {
			libraries = append(libraries, l)
		}
	}
	found, err := p.contentsOf(report.To(ctx, nil), lock.Modules, libraries)
	if err != nil {
		return nil, err
	}
	var out []Forbidden
	judge := func(id, kind, source string, also ...string) {
		c, ok := found.known[id]
		var refused *policy.Refusal
		if ok {
			refused = rules.CheckContent(policy.Package{Source: source, Also: also, Licence: c.Licence, Size: c.Size, Unpacked: c.Unpacked})
		} else {
			refused = rules.Unjudged(source)
		}
		if refused != nil {
			out = append(out, forbid(id, kind, refused))
		}
	}
	for i := range lock.Modules {
		m := &lock.Modules[i]
		judge(subject(m), m.Kind, m.Source)
	}
	for _, l := range libraries {
		source, name := "npm:"+l.Name, "npm:"+l.Name
		if l.Source != "" {
			source = addressed(l.Source)
		}
		judge(l.Name+"@"+l.Version, "library", source, name)
	}
	return out, nil
}

// permitContent refuses, with an error of kind Policy that names all of it, what packages have in them and the policy does not allow.
func (p *Project) permitContent(ctx context.Context, lock *lockfile.Lock, which func(resolve.Library) bool) error {
	found, err := p.forbiddenContent(ctx, lock, which)
	if err != nil || len(found) == 0 {
		return err
	}
	errs := make([]error, len(found))
	for i, f := range found {
		errs[i] = f.refusal.Error(f.ID)
	}
	return first(errs, errors.Join(errs...))
}

// everywhere is true of every library.
func everywhere(resolve.Library) bool { return true }
