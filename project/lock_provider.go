package project

import (
	"context"
	"slices"
	"time"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
)

// solveProvider fills in a provider's libraries and artifact: those of the previous lock where nothing that they depend
// on has changed.
func (p *Project) solveProvider(ctx context.Context, out *lockfile.Module, s *resolve.Selected, m *lockfile.Manifest, previous *lockfile.Lock, level reuseLevel) (library.Result, error) {
	replace := libraryReplacements(m.Replace)
	before, tree := lockedTree(previous, out)
	if level != reuseNothing && before != nil && previous.Torn == nil && before.Sum == out.Sum && before.Bundling.Equal(out.Bundling) && (before.Builder == build.Version() || level == reuseLocked) && sameReplacements(replace, libraryReplacements(previous.Replace)) {
		if _, ok := p.builder.Find(before.Artifact); ok || level == reuseLocked {
			out.Libraries, out.Unused, out.Artifact, out.Builder, out.Service = before.Libraries, before.Unused, before.Artifact, before.Builder, before.Service
			var err error
			out.Permissions, err = p.declaredBy(ctx, out, before, s.Provider)
			return tree, err
		}
	}
	dir, about, err := p.provider(ctx, out, s)
	if err != nil {
		return library.Result{}, err
	}
	p.engines.wish(out, about)
	out.Service, out.Permissions = ownService(about, s.Requires, m.Aliases), about.Permissions.Lines()
	request := library.Request{
		Subject: subject(out), Dependencies: about.Libraries, Optional: about.Optional, Peers: about.Peers, Overrides: about.Overrides,
		Dir: dir, Time: s.Time, Replace: replace, Build: m.Policy.Build,
		Cutoff: p.cutoff(time.Now()),
	}
	switch {
	case level == reuseNothing:
		request.Dir, request.Time = "", time.Time{} // neither the author's lock nor the provider's age counts
	case before != nil:
		request.Locked = &tree
	}
	tree, err = library.Resolve(ctx, governedPackages{p.libraries, p}, request)
	if err != nil {
		return library.Result{}, err
	}
	for _, w := range tree.Warnings {
		report.Warn(ctx, subject(out), "", w)
	}
	out.Libraries = tree.Nodes
	artifact, err := p.build(ctx, out, dir, about, tree.Libraries)
	if err != nil {
		return tree, err
	}
	out.Artifact, out.Builder, out.Unused = artifact.Digest, build.Version(), unused(tree.Nodes, artifact)
	return tree, nil
}

// ownService is, of several services that a provider requires, the one that it is constructed with: the first that its
// manifest names.
func ownService(about *manifest.Provider, requires []resolve.Link, aliases map[string]string) string {
	services := slices.DeleteFunc(slices.Clone(requires), func(l resolve.Link) bool { return l.Kind != resolve.KindService })
	if len(services) < 2 {
		return ""
	}
	for _, need := range about.Services {
		src, _, err := resolve.FollowAlias(need.Source, aliases)
		if err == nil && slices.ContainsFunc(services, func(l resolve.Link) bool { return l.Source == src }) {
			return src.String()
		}
	}
	return ""
}

// lockedTree is what the previous lock holds of the same module, and the library tree that it locked.
func lockedTree(previous *lockfile.Lock, m *lockfile.Module) (*lockfile.Module, library.Result) {
	if previous == nil {
		return nil, library.Result{}
	}
	before, ok := previous.Module(m.Source, m.Version)
	if !ok {
		return nil, library.Result{}
	}
	libraries := librariesOf(previous, before)
	if previous.Torn != nil {
		for i := range libraries {
			libraries[i].Integrity = "" // untorn checks it
		}
	}
	return before, library.Result{Nodes: before.Libraries, Libraries: libraries}
}

// librariesOf are the libraries that a provider's tree consists of.
func librariesOf(lock *lockfile.Lock, m *lockfile.Module) []resolve.Library {
	var out []resolve.Library
	seen := map[string]bool{}
	for _, node := range m.Libraries {
		name, version := node.Library()
		if seen[name+"@"+version] {
			continue
		}
		seen[name+"@"+version] = true
		if l, ok := lock.Library(name, version); ok {
			out = append(out, *l)
		}
	}
	return out
}

func sameReplacements(a, b map[string]string) bool {
	if len(a) != len(b) {
		return false
	}
	for name, version := range a {
		if b[name] != version {
			return false
		}
	}
	return true
}
