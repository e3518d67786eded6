package library

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// bundle is what a package's own tarball brings along.
type bundle struct {
	holds map[string]bool // the dependencies of the package that are in it
	needs map[string]need // what packages in it need and do not find there
}

type need struct {
	kind edgeKind
	text string
}

// bundled looks into the tarball of a package that says that it bundles dependencies. What it names and does not hold is an
// ordinary dependency, as for npm; and so is what a bundled package needs and does not find in the tarball.
func (b *builder) bundled(m *Manifest) (bundle, error) {
	if len(m.Bundled) == 0 || m == b.root.manifest {
		return bundle{}, nil
	}
	if onlyFor(m.CPU, "wasm32") { // fallbacks for browsers, of several megabytes: no machine of ours installs them
		out := bundle{holds: map[string]bool{}}
		for _, name := range m.Bundled {
			out.holds[name] = true
		}
		return out, nil
	}
	files, err := b.load.reg.Open(b.load.ctx, resolve.Library{Name: m.Name, Version: m.Version, Integrity: m.Integrity, Source: m.Source})
	if err != nil {
		return bundle{}, err
	}
	out := bundle{holds: map[string]bool{}, needs: map[string]need{}}
	manifests := map[string][]byte{} // by folder
	for _, name := range files.Names() {
		if dir, ok := strings.CutSuffix(name, "/package.json"); ok && strings.HasPrefix(dir, folder) {
			manifests[dir], _ = files.File(name)
		}
	}
	for _, name := range m.Bundled {
		out.holds[name] = manifests[folder+name] != nil
	}
	seen := map[string]bool{}
	queue := slices.DeleteFunc(slices.Clone(m.Bundled), func(name string) bool { return !out.holds[name] })
	for i, name := range queue {
		queue[i] = folder + name
	}
	for ; len(queue) > 0; queue = queue[1:] {
		dir := queue[0]
		if seen[dir] {
			continue
		}
		seen[dir] = true
		inner, err := ParseManifest(path.Base(dir), manifests[dir], "https", "", strings.Repeat("0", 12))
		if err != nil {
			return bundle{}, &report.Error{Kind: report.KindOf(err), What: fmt.Sprintf("what %s@%s bundles cannot be read", m.Name, m.Version), Err: err,
				Next: fmt.Sprintf("choose another version with [replace] \"npm:%s\" = \"VERSION\" in conduit.toml", m.Name)}
		}
		want := func(deps map[string]string, kind edgeKind) {
			for _, name := range slices.Sorted(maps.Keys(deps)) {
				if found := innerLookup(manifests, dir, name); found != "" {
					queue = append(queue, found)
				} else if _, ok := out.needs[name]; !ok && kind != peerOptional {
					out.needs[name] = need{kind, deps[name]}
				}
			}
		}
		want(inner.Dependencies, required)
		want(inner.Optional, optional)
		want(inner.Peers, peerOptional)
	}
	return out, nil
}

func onlyFor(list []string, value string) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return s != value })
}

// innerLookup finds a name from a folder inside the tarball, as Node does, "" where it is not there.
func innerLookup(manifests map[string][]byte, dir, name string) string {
	for at := dir; ; at = parentLocation(at) {
		found := folder + name
		if at != "" {
			found = at + "/" + found
		}
		if manifests[found] != nil {
			return found
		}
		if at == "" {
			return ""
		}
	}
}
