package library

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/report"
)

// lockFiles are the names of npm's lock files; npm prefers them in this order.
var lockFiles = []string{"npm-shrinkwrap.json", "package-lock.json"}

// lockEntry is one installation that a lock file describes. The address it was fetched from is not read: it may be
// private to its author.
type lockEntry struct {
	Name      string `json:"name"` // only where it differs from the folder's
	Version   string `json:"version"`
	Integrity string `json:"integrity"`
	Link      bool   `json:"link"`
	InBundle  bool   `json:"inBundle"`
}

// authorLock is npm's lock file, any of its versions: installations by location ("node_modules/a/node_modules/b").
type authorLock struct {
	file    string
	entries map[string]lockEntry
}

// readAuthorLock reads the lock file in dir, nil if there is none.
func readAuthorLock(dir string) (*authorLock, error) {
	if dir == "" {
		return nil, nil
	}
	for _, name := range lockFiles {
		file := filepath.Join(dir, name)
		data, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var l *authorLock
		if err == nil {
			l, err = parseAuthorLock(name, data)
		}
		if err != nil {
			return nil, &report.Error{What: "the author's lock file cannot be read", Where: file, Err: err, Next: "ask the author to write it anew with 'npm install --package-lock-only', or choose another version of the provider"}
		}
		return l, nil
	}
	return nil, nil
}

func parseAuthorLock(file string, data []byte) (*authorLock, error) {
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
		location := under + "node_modules/" + name
		l.entries[location] = e
		l.flatten(location+"/", d.Dependencies)
	}
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
		if e, ok := r.lock.entries[location]; ok && !e.Link && !e.InBundle && Valid(e.Version) {
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
	return lockedVersion{name, Clean(e.Version), e.Integrity}
}

// all lists the places of all installations.
func (l *authorLock) all() []lockRef {
	var out []lockRef
	for location, e := range l.entries {
		if strings.Contains(location, folder) && !e.Link && !e.InBundle && Valid(e.Version) {
			out = append(out, authorRef{l, location})
		}
	}
	return out
}
