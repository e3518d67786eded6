package library

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// pnpmLock is pnpm's lock file: a graph, not folders. Its packages are keyed by name, version and the peers that they were
// installed with.
type pnpmLock struct {
	file     string
	packages map[string]pnpmPackage
	top      map[string]string // the root's dependencies: import name to key
}

type pnpmPackage struct {
	name, version, integrity string
	source                   string // of a git repository's commit
	url                      string // of a tarball elsewhere
	deps                     map[string]string
}

// pnpmRoot is what one package of a workspace depends on. In version 5 a dependency is its version alone.
type pnpmRoot struct {
	Dependencies map[string]pnpmVersion `yaml:"dependencies"`
	Optional     map[string]pnpmVersion `yaml:"optionalDependencies"`
}

type pnpmVersion string

// UnmarshalYAML reads a version as the versions of the format write it.
func (v *pnpmVersion) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.MappingNode {
		var full struct {
			Version string `yaml:"version"`
		}
		err := n.Decode(&full)
		*v = pnpmVersion(full.Version)
		return err
	}
	return n.Decode((*string)(v))
}

type pnpmEntry struct {
	Name       string `yaml:"name"` // where it does not come from the registry
	Version    string `yaml:"version"`
	Resolution struct {
		Integrity string `yaml:"integrity"`
		Tarball   string `yaml:"tarball"`
		Repo      string `yaml:"repo"`
		Commit    string `yaml:"commit"`
	} `yaml:"resolution"`
	Dependencies map[string]string `yaml:"dependencies"`
	Optional     map[string]string `yaml:"optionalDependencies"`
}

// parsePNPMLock reads pnpm-lock.yaml of the versions 5, 6 and 9 (5.3 to 9.0: there are no 7 and 8).
func parsePNPMLock(file string, data []byte) (foreignLock, error) {
	var raw struct {
		Version   string `yaml:"lockfileVersion"`
		pnpmRoot  `yaml:",inline"`
		Importers map[string]pnpmRoot  `yaml:"importers"`
		Packages  map[string]pnpmEntry `yaml:"packages"`
		Snapshots map[string]pnpmEntry `yaml:"snapshots"`
	}
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	major, err := strconv.ParseFloat(raw.Version, 64)
	if err != nil || major < 5 || major >= 10 {
		return nil, fmt.Errorf("lockfileVersion %q is none of those that conduit reads: 5, 6 and 9", raw.Version)
	}
	l := &pnpmLock{file: file, packages: map[string]pnpmPackage{}, top: map[string]string{}}
	all := raw.Packages
	if major >= 9 { // what depends on what stands apart from what it is
		all = raw.Snapshots
	}
	for key, e := range all {
		about := e
		if major >= 9 {
			base, _, _ := strings.Cut(key, "(")
			about = raw.Packages[base]
		}
		l.packages[key] = pnpmNamed(key, about, int(major))
	}
	for key, e := range all {
		p := l.packages[key]
		p.deps = map[string]string{}
		for _, deps := range []map[string]string{e.Dependencies, e.Optional} {
			for name, version := range deps {
				p.deps[name] = l.key(name, version, int(major))
			}
		}
		l.packages[key] = p
	}
	root := raw.pnpmRoot
	if own, ok := raw.Importers["."]; ok {
		root = own
	}
	for _, deps := range []map[string]pnpmVersion{root.Dependencies, root.Optional} {
		for name, version := range deps {
			l.top[name] = l.key(name, string(version), int(major))
		}
	}
	return l, nil
}

// key is where the package stands that a dependency means: by its own name and this version, or, for an alias and what is
// not from the registry, by what is written in place of a version.
func (l *pnpmLock) key(name, version string, major int) string {
	own := name + "@" + version
	switch {
	case major < 6:
		own = "/" + name + "/" + version
	case major < 9:
		own = "/" + own
	}
	if _, ok := l.packages[own]; ok {
		return own
	}
	return version
}

// pnpmNamed takes a package's name and version from its key: "a@1.0.0(peer@2.0.0)", "/a@1.0.0" or "/a/1.0.0_peer@2.0.0".
func pnpmNamed(key string, e pnpmEntry, major int) pnpmPackage {
	p := pnpmPackage{integrity: e.Resolution.Integrity, url: e.Resolution.Tarball}
	id, _, _ := strings.Cut(strings.TrimPrefix(key, "/"), "(")
	at := strings.Index(id[min(1, len(id)):], "@") + 1
	if major < 6 {
		at = strings.LastIndex(id, "/")
		if slash := strings.Index(id, "_"); slash > 0 && at > slash { // the peers' names may have a slash
			at = strings.LastIndex(id[:slash], "/")
		}
	}
	if at > 0 {
		p.name = id[:at]
		p.version, _, _ = strings.Cut(id[at+1:], "_")
	}
	if e.Name != "" {
		p.name = e.Name
	}
	if !Valid(p.version) {
		p.version = e.Version
	}
	const archive = "https://codeload.github.com/" // pnpm fetches a repository there as OWNER/REPO/tar.gz/COMMIT
	if rest, ok := strings.CutPrefix(p.url, archive); ok {
		if repo, commit, ok := strings.Cut(rest, "/tar.gz/"); ok {
			p.source = lockedCommit("github:" + repo + "#" + commit)
		}
	}
	if e.Resolution.Commit != "" {
		repo := e.Resolution.Repo
		if strings.HasPrefix(repo, "https://") {
			repo = "git+" + repo
		}
		p.source = lockedCommit(repo + "#" + e.Resolution.Commit)
	}
	return p
}

// pnpmRef is a package in pnpm's graph; the root has the key ".".
type pnpmRef struct {
	lock *pnpmLock
	key  string
}

func (l *pnpmLock) root() lockRef { return pnpmRef{l, "."} }

func (r pnpmRef) lookup(name string, _ edgeKind) (lockRef, bool) {
	deps := r.lock.top
	if r.key != "." {
		deps = r.lock.packages[r.key].deps
	}
	p, ok := r.lock.packages[deps[name]]
	return pnpmRef{r.lock, deps[name]}, ok && p.counts()
}

// counts reports whether p is a package that something can mean.
func (p pnpmPackage) counts() bool { return Valid(p.version) || p.source != "" || p.url != "" }

func (r pnpmRef) place() string { return r.key }

func (r pnpmRef) locked() lockedVersion {
	p := r.lock.packages[r.key]
	l := lockedVersion{name: p.name, version: Clean(p.version), integrity: p.integrity, source: p.source, file: r.lock.file}
	if l.source != "" {
		l.integrity = "" // that of a tarball which the host or pnpm has packed
	}
	return l
}

func (r pnpmRef) locatedBy(a *Address) lockedVersion {
	l := r.locked()
	if a != nil && a.URL != "" && a.URL == r.lock.packages[r.key].url {
		l.source, l.integrity = a.URL, r.lock.packages[r.key].integrity
	}
	return l
}

func (l *pnpmLock) all() []lockRef {
	var out []lockRef
	for key, p := range l.packages {
		if p.counts() {
			out = append(out, pnpmRef{l, key})
		}
	}
	return out
}
