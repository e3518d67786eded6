package service

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/MediaConduit/conduit/exec/image"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify"
)

// pinBuilds checks that the builds of p read what the lock says, and makes them build on the locked images: where there are
// any, the builder gets a copy of the context whose Dockerfile names them by digest, or as they are called in the engine where
// they were loaded into it (local, by reference with digest). clean removes the copies.
func pinBuilds(spec Spec, p *types.Project, local map[string]string) (clean func(), err error) {
	var copies []string
	clean = func() {
		for _, dir := range copies {
			_ = os.RemoveAll(dir) // in the system's folder for what may be lost
		}
	}
	for _, name := range p.ServiceNames() {
		s := p.Services[name]
		b, ok := buildOf(p, s)
		if !ok {
			continue
		}
		if err := b.check(spec, spec.digest(name, "")); err != nil {
			return clean, err
		}
		text, changed, err := b.pin(spec, name, local)
		if err != nil {
			return clean, err
		}
		build := *s.Build
		build.AdditionalContexts = pinContexts(spec, name, build.AdditionalContexts, local)
		if changed {
			dir, err := os.MkdirTemp("", "conduit-build-")
			if err != nil {
				return clean, unreadable(spec, os.TempDir(), err)
			}
			copies = append(copies, dir)
			if build.Dockerfile, err = b.context.Stage(dir, text); err != nil {
				return clean, unreadable(spec, dir, err)
			}
			build.Context, build.DockerfileInline = dir, ""
		}
		s.Build = &build
		p.Services[name] = s
	}
	return clean, nil
}

// check compares the files that a build reads with the locked digest, if there is one.
func (b buildSource) check(spec Spec, locked string) error {
	if locked == "" {
		return nil
	}
	sum, err := b.context.Sum()
	if err != nil {
		return unreadable(spec, b.context.Dir, err)
	}
	if spec.trusted() && buildPrefix+sum != locked {
		return &report.Error{Kind: report.Lock, What: "the folder that service " + spec.Name + " is built from has changed since conduit.lock was made", Where: b.context.Dir,
			Why: "its sum is " + buildPrefix + sum + ", the lock says " + locked, Next: "conduit lock    to take the change in"}
	}
	if buildPrefix+sum == locked {
		return nil
	}
	e := verify.Mismatch("what service "+spec.Name+" is built from", "sum", locked, buildPrefix+sum)
	e.Next = "the package is the locked one, so that conduit.lock was edited: restore it from version control\nor type: conduit update " + spec.Name
	return e
}

// pin is the Dockerfile that the builder gets, and whether it differs from the package's. The classic builder knows no
// Dockerfile within a compose file, so that one is written out in any case.
func (b buildSource) pin(spec Spec, service string, local map[string]string) (text []byte, changed bool, err error) {
	if text, err = b.context.Text(); err != nil {
		return nil, false, unreadable(spec, b.context.Dockerfile, err)
	}
	names := map[string]string{}
	for _, i := range spec.Images {
		if i.Service == service && image.IsDigest(i.Digest) {
			pinned := image.Pin(i.Ref, i.Digest)
			names[i.Ref] = cmp.Or(local[pinned], pinned)
		}
	}
	if len(names) == 0 {
		return text, b.context.Inline != "", nil
	}
	parsed, err := image.ParseDockerfile(text, b.about)
	if err != nil {
		return nil, false, b.mistaken(spec, err)
	}
	return parsed.Pin(names), true, nil
}

// pinContexts names the images among additional contexts by their digests.
func pinContexts(spec Spec, service string, contexts types.Mapping, local map[string]string) types.Mapping {
	out := types.Mapping{}
	for name, at := range contexts {
		if ref, ok := strings.CutPrefix(at, dockerImage); ok {
			pinned := image.Pin(ref, spec.digest(service, ref))
			at = dockerImage + cmp.Or(local[pinned], pinned)
		}
		out[name] = at
	}
	return out
}

// unlocked is the error for an engine that did not get what the lock names, as the engine's text tells; nil for any other
// failure.
func unlocked(spec Spec, text, what string) error {
	says := func(signs ...string) bool {
		for _, sign := range signs {
			if strings.Contains(text, sign) {
				return true
			}
		}
		return false
	}
	locked := false
	for _, i := range spec.Images {
		locked = locked || image.IsDigest(i.Digest)
	}
	switch {
	case !locked:
		return nil
	case says("manifest verification failed", "unexpected commit digest", "filesystem layer verification failed", "content digest mismatch"):
		return &report.Error{Kind: report.Integrity, What: what + " is not what was locked", Where: spec.place(), Why: text,
			Next: "the registry, or something before it, sends other bytes than it did: find out who changed them before you trust them\nconduit update " + spec.Name + "    locks what the registry has now"}
	case says("manifest unknown", "not found: manifest", "manifest for ", "failed to resolve reference", ": not found"):
		return &report.Error{Kind: report.Network, What: fmt.Sprintf("the registry no longer has %s for service %s", what, spec.Name), Where: spec.place(), Why: text,
			Next: "conduit update " + spec.Name + "    locks what its tag names now; an engine that still has the image can push it again"}
	}
	return nil
}
