package source

import (
	"slices"
	"sync"

	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/resolve"
)

// remembered is what the cache keeps of a source.
type remembered struct {
	known      string               // the state in which the releases were remembered, "" where they were not
	releases   resolve.Releases     // known if known is
	identities []string             // of the releases
	packages   []resolve.Remembered // sorted by version
}

// find is the place of a version among the packages.
func (r *remembered) find(version string) (int, bool) {
	return slices.BinarySearchFunc(r.packages, version, func(p resolve.Remembered, v string) int {
		return compareVersions(p.Revision.Version, v)
	})
}

func compareVersions(a, b string) int {
	if a == b {
		return 0 // most often
	}
	return semver.Compare(a, b)
}

// knowledge is what one command knows of a source.
type knowledge struct {
	remembered
	state string // of what the cache holds of the source, "" where nobody relies on it

	mu      sync.Mutex // for what is learned while others ask
	learned *remembered
	changed bool // since it was read or written
}

// current reports whether the releases are those that the cache holds.
func (k *knowledge) current() bool { return k.known != "" && k.known == k.state }

// identity is what is remembered of a release that the cache still holds.
func (k *knowledge) identity(version string) (string, bool) {
	if !k.current() {
		return "", false
	}
	i, ok := slices.BinarySearchFunc(k.releases.Versions, version, compareVersions)
	if !ok || k.releases.Versions[i] != version {
		return "", false
	}
	return k.identities[i], true
}

// learn keeps the releases that the state stands for.
func (k *knowledge) learn(releases resolve.Releases, identities []string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.learned = &remembered{known: k.state, releases: releases, identities: identities}
	k.changed = true
}

// add keeps what a package requires.
func (k *knowledge) add(r resolve.Remembered) {
	i, known := k.find(r.Revision.Version)
	if known {
		k.packages[i] = r
	} else {
		k.packages = slices.Insert(k.packages, i, r)
	}
	k.changed = true
}

// note keeps what was found out of a package.
func (k *knowledge) note(n resolve.Note) {
	if i, ok := k.find(n.Version); ok && k.packages[i].Sum == n.Sum {
		k.packages[i].Notes = n.Lines
		k.changed = true
	}
}

// change is what the cache is to keep from now on; ok is false where that is nothing new.
func (k *knowledge) change() (text string, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.changed {
		return "", false
	}
	k.changed = false
	out := k.remembered
	if l := k.learned; l != nil {
		out.known, out.releases, out.identities = l.known, l.releases, l.identities
	}
	return formatRemembered(out), true
}
