package project

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/build"
	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/build/native"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/cache/tarball"
	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// outputsHere are the digests of the native builds that the lock holds for this platform, by "name@version".
func outputsHere(lock *lockfile.Lock) map[string]string {
	out := map[string]string{}
	for _, n := range lock.Natives {
		if n.Platform == layout.Here().String() {
			out[n.Name+"@"+n.Version] = n.Output
		}
	}
	return out
}

// lockNatives fills in what the install scripts make that conduit.toml allows: on this platform they are run where the
// previous lock does not say; what it says of other platforms stands as long as the library does.
func (p *Project) lockNatives(ctx context.Context, m *lockfile.Manifest, previous, lock *lockfile.Lock) error {
	if len(lock.Build) == 0 {
		return nil
	}
	if previous != nil && previous.Torn == nil {
		for _, n := range previous.Natives {
			was, _ := previous.Library(n.Name, n.Version)
			is, ok := lock.Library(n.Name, n.Version)
			if ok && was != nil && is.Integrity == was.Integrity && slices.Contains(lock.Build, n.Name+"@"+n.Version) {
				lock.Natives = append(lock.Natives, n)
			}
		}
	}
	outside, unknown := map[string]bool{}, false
	for i := range lock.Modules {
		module := &lock.Modules[i]
		artifact, ok := p.builder.Find(module.Artifact)
		if module.Kind != lockfile.KindProvider || !ok {
			unknown = unknown || module.Kind == lockfile.KindProvider
			continue
		}
		for _, node := range nativeNodes(lock, module, artifact) {
			outside[resolve.LibraryID(node)] = true
			if err := p.lockNative(ctx, m, lock, module, node); err != nil {
				return err
			}
		}
	}
	for _, id := range lock.Build {
		at := strings.LastIndex(id, "@")
		_, locked := lock.Library(id[:at], id[at+1:])
		switch {
		case !locked:
			report.Warn(ctx, id, lockfile.ManifestName, "[policy] build names it, but no provider uses it")
		case !outside[id] && !unknown:
			report.Warn(ctx, id, lockfile.ManifestName, "[policy] build names it, but it is inside of a bundle, so that its install script is not run; external = [\""+id+"\"] at the provider that uses it keeps it outside")
		}
	}
	return nil
}

// nativeNodes are the libraries beside a provider's bundle whose scripts are allowed, those that others use first.
func nativeNodes(lock *lockfile.Lock, m *lockfile.Module, artifact build.Artifact) []string {
	edges := map[string][]resolve.Edge{}
	for _, n := range m.Libraries {
		edges[n.ID] = n.Edges
	}
	var out []string
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		if seen[id] {
			return
		}
		seen[id] = true
		for _, e := range edges[id] {
			visit(e.ID)
		}
		name, version := resolve.Node{ID: id}.Library()
		if lib, ok := lock.Library(name, version); ok && layout.Here().Runs(*lib) && slices.Contains(lock.Build, name+"@"+version) {
			out = append(out, id)
		}
	}
	for _, e := range artifact.Externals {
		visit(e.ID)
	}
	return out
}

// lockNative has the lock hold the native build of a library for this platform, if it has one.
func (p *Project) lockNative(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, module *lockfile.Module, id string) error {
	node, err := p.nativeNode(ctx, m, lock)
	if err != nil {
		return err
	}
	name, version := resolve.Node{ID: id}.Library()
	platform := layout.Here().String()
	if before, ok := lock.Native(name, version, platform); ok && before.ABI == node.ABI {
		return nil
	}
	lock.Natives = slices.DeleteFunc(lock.Natives, func(n lockfile.Native) bool {
		return n.Name == name && n.Version == version && n.Platform == platform
	})
	digest, made, err := p.makeNative(ctx, lock, module, id, m, node)
	if err != nil {
		return err
	}
	if !made {
		report.Warn(ctx, name+"@"+version, lockfile.ManifestName, "[policy] build names it, but it has no install script")
		return nil
	}
	lock.Natives = append(lock.Natives, lockfile.Native{Name: name, Version: version, Platform: platform, ABI: node.ABI, Output: digest})
	return nil
}

// makeNative runs the install scripts of the library at a node of a provider's tree, or finds what they made in the cache.
func (p *Project) makeNative(ctx context.Context, lock *lockfile.Lock, module *lockfile.Module, id string, m *lockfile.Manifest, node native.Node) (digest string, made bool, err error) {
	name, version := resolve.Node{ID: id}.Library()
	lib, ok := lock.Library(name, version)
	if !ok {
		return "", false, notSynced(name + "@" + version)
	}
	in := p.layoutInput(lock, module, m)
	in.Roots = []resolve.Edge{{Name: name, ID: id}}
	in.Outputs = outputsHere(lock)
	delete(in.Outputs, name+"@"+version)
	plan, err := layout.New(in)
	if err != nil {
		return "", false, err
	}
	return native.Make(ctx, p.cache, native.Step{Library: *lib, Plan: plan, Node: node})
}

// nativeOutput is the folder with what the scripts of a library made, as it is locked for this platform. With a manifest
// they are run if the cache lacks it.
func (p *Project) nativeOutput(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock, module *lockfile.Module, id string) (string, error) {
	name, version := resolve.Node{ID: id}.Library()
	platform := layout.Here().String()
	locked, _ := lock.Native(name, version, platform)
	key := cache.Key{Kind: cache.Artifact, ID: locked.Output}
	if dir, _, ok := p.cache.Lookup(key); ok {
		return dir, nil
	}
	if m == nil {
		return "", notSynced("the native build of " + name + "@" + version)
	}
	node, err := p.nativeNode(ctx, m, lock)
	if err != nil {
		return "", err
	}
	if node.ABI != locked.ABI {
		return "", &report.Error{Kind: report.Lock, What: "the native build of " + name + "@" + version + " is locked for another Node.js", Where: lockfile.Name,
			Why:  "it was made for ABI " + locked.ABI + ", Node.js " + node.Version + " here has ABI " + node.ABI,
			Next: "conduit lock    makes it for this one; node under [toolchain] in " + lockfile.ManifestName + " keeps it the same everywhere"}
	}
	digest, made, err := p.makeNative(ctx, lock, module, id, m, node)
	if err != nil {
		return "", err
	}
	dir, _, ok := p.cache.Lookup(key)
	if made && ok {
		return dir, nil
	}
	e := verify.Mismatch("the native build of "+name+"@"+version+" for "+platform, "output digest", locked.Output, digest)
	e.Where = lockfile.Name
	e.Next = "compilers rarely make the same bytes: sync with the cache of the machine that locked (CONDUIT_CACHE), or take " + platform +
		" of this library out of " + lockfile.Name + " and lock here: conduit lock"
	return "", e
}

// nativeNode is the Node.js that install scripts run under: the one that providers do.
func (p *Project) nativeNode(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (native.Node, error) {
	if err := p.installNode(ctx, m, lock); err != nil {
		return native.Node{}, err
	}
	node, err := p.node(ctx, m, lock)
	if err != nil {
		return native.Node{}, err
	}
	headers := ""
	if m.Node != "" {
		if headers, err = p.nodeHeaders(ctx, m, lock); err != nil {
			return native.Node{}, err
		}
	}
	return native.FindNode(ctx, node.Path, headers)
}

// nodeHeaders unpacks the headers of the locked Node.js, which only compilers need.
func (p *Project) nodeHeaders(ctx context.Context, m *lockfile.Manifest, lock *lockfile.Lock) (string, error) {
	t, err := p.nodeHere(ctx, m, lock)
	if err != nil {
		return "", err
	}
	key := nodeKey(t)
	key.ID += "-headers"
	dir, _, err := p.cache.Tree(ctx, key, func(ctx context.Context, dir string) (cache.Record, error) {
		want, err := verify.ParseIntegrity(t.Integrity)
		if err != nil {
			return cache.Record{}, err
		}
		file, err := p.npm.Tarball(ctx, t.Package, t.Version, t.Integrity)
		if err != nil {
			return cache.Record{}, err
		}
		return cache.Record{}, tarball.Scan(t.Package+"@"+t.Version, file, want, tarball.Limits{}, func(name string, content io.Reader) error {
			if !strings.HasPrefix(name, "include/") {
				return nil
			}
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
				return err
			}
			return writeNodeFile(path, content)
		})
	})
	return dir, err
}

// warnNatives warns of the platforms for which a library that is built by its install scripts has no output.
func warnNatives(ctx context.Context, lock *lockfile.Lock) {
	for _, id := range lock.Build {
		var have, lack []string
		at := strings.LastIndex(id, "@")
		lib, ok := lock.Library(id[:at], id[at+1:])
		for _, n := range lock.Natives {
			if n.Name+"@"+n.Version == id {
				have = append(have, n.Platform)
			}
		}
		for _, on := range platforms {
			as := on.os + "-" + on.cpu
			if ok && on.runs(lib) && !slices.ContainsFunc(have, func(p string) bool { return p == as || strings.HasPrefix(p, as+"-") }) {
				lack = append(lack, on.name)
			}
		}
		if len(have) > 0 && len(lack) > 0 {
			report.Warn(ctx, id, lockfile.Name, "its native build is locked for "+strings.Join(have, ", ")+" only, not for "+strings.Join(lack, ", ")+": conduit lock there adds it")
		}
	}
}
