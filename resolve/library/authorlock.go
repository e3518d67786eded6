package library

import (
	"encoding/json"
	"strings"
)

// lockEntry is one installation that a lock file describes. The address it was fetched from may be private to its author:
// it counts only for a dependency that names the same tarball or repository itself, to learn which commit it was.
type lockEntry struct {
	Name      string `json:"name"` // only where it differs from the folder's
	Version   string `json:"version"`
	Integrity string `json:"integrity"`
	Resolved  string `json:"resolved"`
	Link      bool   `json:"link"`
	InBundle  bool   `json:"inBundle"`
}

// authorLock is a lock file that describes folders: installations by location ("node_modules/a/node_modules/b").
type authorLock struct {
	file    string
	entries map[string]lockEntry
}

// parseNPMLock reads package-lock.json and npm-shrinkwrap.json of the versions 1, 2 and 3.
func parseNPMLock(file string, data []byte) (foreignLock, error) {
	var raw struct {
		LockfileVersion int                  `json:"lockfileVersion"`
		Packages        map[string]lockEntry `json:"packages"`
		Dependencies    map[string]v1Entry   `json:"dependencies"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return nil, err
	}
	l := &authorLock{file: file, entries: raw.Packages}
	if len(raw.Packages) == 0 {
		l.entries = map[string]lockEntry{}
		l.flatten("", raw.Dependencies)
	}
	return l, nil
}

// v1Entry is an installation as lock files of version 1 nest it.
type v1Entry struct {
	Version      string             `json:"version"`
	Integrity    string             `json:"integrity"`
	Bundled      bool               `json:"bundled"`
	Dependencies map[string]v1Entry `json:"dependencies"`
}

func (l *authorLock) flatten(under string, deps map[string]v1Entry) {
	for name, d := range deps {
		e := lockEntry{Version: d.Version, Integrity: d.Integrity, InBundle: d.Bundled}
		if alias, ok := strings.CutPrefix(d.Version, "npm:"); ok {
			if at := strings.LastIndex(alias, "@"); at > 0 {
				e.Name, e.Version = alias[:at], alias[at+1:]
			}
		}
		if strings.Contains(d.Version, ":") && e.Name == "" { // an address, in the place of a version
			e.Resolved, e.Version = d.Version, ""
		}
		location := under + "node_modules/" + name
		l.entries[location] = e
		l.flatten(location+"/", d.Dependencies)
	}
}

// counts reports whether e is a package that something can mean.
func (e lockEntry) counts() bool {
	return !e.Link && !e.InBundle && (Valid(e.Version) || e.Version == "" && e.Resolved != "")
}

// authorRef is a place in the author's tree from which names are looked up.
type authorRef struct {
	lock     *authorLock
	location string
}

const folder = "node_modules/"

// lookup finds what name means there, as Node does: in the package's own folder, then upwards. Peers are never inside.
func (r authorRef) lookup(name string, kind edgeKind) (lockRef, bool) {
	at := r.location
	if kind.isPeer() && at != "" {
		at = parentLocation(at)
	}
	for {
		location := folder + name
		if at != "" {
			location = at + "/" + location
		}
		if e, ok := r.lock.entries[location]; ok && e.counts() {
			return authorRef{r.lock, location}, true
		}
		if at == "" {
			return nil, false
		}
		at = parentLocation(at)
	}
}

// parentLocation is where the package stands that holds location in its node_modules, "" for the root.
func parentLocation(location string) string {
	if i := strings.LastIndex(location, "/"+folder); i >= 0 {
		return location[:i]
	}
	return ""
}

func (r authorRef) place() string { return r.location }

func (r authorRef) locked() lockedVersion {
	e := r.lock.entries[r.location]
	name := e.Name
	if name == "" {
		name = r.location[strings.LastIndex(r.location, folder)+len(folder):]
	}
	if source := lockedCommit(e.Resolved); source != "" {
		return lockedVersion{name: name, version: Clean(e.Version), source: source, file: r.lock.file} // npm's integrity is that of a tarball which npm packs itself
	}
	return lockedVersion{name: name, version: Clean(e.Version), integrity: e.Integrity, file: r.lock.file}
}

func (r authorRef) locatedBy(a *Address) lockedVersion {
	l := r.locked()
	if url, _, _ := strings.Cut(r.lock.entries[r.location].Resolved, "#"); a != nil && a.URL != "" && url == a.URL {
		l.source = url
	}
	return l
}

// lockedCommit is the source of a package that a lock file took from a git repository, "" for any other. However the
// author reached the repository, we read it over https.
func lockedCommit(resolved string) string {
	address, commit, _ := strings.Cut(resolved, "#")
	if !fullCommit.MatchString(commit) {
		return ""
	}
	for _, scheme := range []string{"git+ssh://git@", "git+ssh://", "ssh://git@", "git+https://git@", "git://", "git+git://"} {
		if rest, ok := strings.CutPrefix(address, scheme); ok {
			address = "git+https://" + strings.Replace(rest, ":", "/", 1)
			break
		}
	}
	a, _, why := parseAddress(address)
	if why != "" || a.Git.Path == "" {
		return ""
	}
	a.Ref = commit
	return a.String()
}

func (l *authorLock) root() lockRef { return authorRef{l, ""} }

// all lists the places of all installations.
func (l *authorLock) all() []lockRef {
	var out []lockRef
	for location, e := range l.entries {
		if strings.Contains(location, folder) && e.counts() {
			out = append(out, authorRef{l, location})
		}
	}
	return out
}
