package github

import (
	"maps"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/MediaConduit/conduit/resolve"
)

// refs are the branches and tags of a repository, as they are kept in the cache too. Refs of other kinds (pull requests)
// are not.
type refs struct {
	Head     string            `json:"head,omitempty"`   // the default branch, "" if HEAD names none
	Commit   string            `json:"commit,omitempty"` // what HEAD is; "" for an empty repository
	Branches map[string]string `json:"branches"`         // to commits
	Tags     map[string]tag    `json:"tags"`

	// Pseudo is what a mirror says of commits without a version tag: by module's directory, then by commit.
	Pseudo map[string]map[string]string `json:"pseudo,omitempty"`
}

// tag is a tag with what it names in the end.
type tag struct {
	Commit string `json:"commit"`
	Object string `json:"object,omitempty"` // the tag object of an annotated tag: the hash that the server advertises
}

const (
	branchPrefix = "refs/heads/"
	tagPrefix    = "refs/tags/"
)

func newRefs(adv *packp.AdvRefs) *refs {
	r := &refs{Branches: map[string]string{}, Tags: map[string]tag{}}
	if adv.Head != nil {
		r.Commit = adv.Head.String()
	}
	for _, link := range adv.Capabilities.Get(capability.SymRef) {
		if branch, ok := strings.CutPrefix(link, "HEAD:"+branchPrefix); ok {
			r.Head = branch
		}
	}
	for name, hash := range adv.References {
		if branch, ok := strings.CutPrefix(name, branchPrefix); ok {
			r.Branches[branch] = hash.String()
		} else if name, ok := strings.CutPrefix(name, tagPrefix); ok {
			t := tag{Commit: hash.String()}
			if peeled, annotated := adv.Peeled[tagPrefix+name]; annotated {
				t = tag{Commit: peeled.String(), Object: hash.String()}
			}
			r.Tags[name] = t
		}
	}
	return r
}

// named finds a tag, a branch or HEAD; a tag that is no version of the module in dir may be written without "DIR/".
func (r *refs) named(dir, name string) (commit string, ok bool) {
	if name == "HEAD" {
		return r.Commit, r.Commit != ""
	}
	if t, ok := r.Tags[strings.TrimPrefix(name, tagPrefix)]; ok {
		return t.Commit, true
	}
	if t, ok := r.Tags[dir+"/"+name]; ok && dir != "" {
		return t.Commit, true
	}
	commit, ok = r.Branches[strings.TrimPrefix(name, branchPrefix)]
	return commit, ok
}

// versions maps the versions of the module in dir to their tags. Tags with a "v" win over tags without.
func (r *refs) versions(dir string) map[string]string {
	versions := map[string]string{}
	for name := range r.Tags {
		v, ok := tagVersion(dir, name)
		if !ok {
			continue
		}
		if strings.HasSuffix(name, v) || versions[v] == "" {
			versions[v] = name
		}
	}
	return versions
}

// tagVersion is the version that a tag gives to the module in dir. Only full semantic versions without build metadata
// are versions, and pseudo-versions are none: those belong to commits without a tag.
func tagVersion(dir, name string) (version string, ok bool) {
	if dir != "" {
		if name, ok = strings.CutPrefix(name, dir+"/"); !ok {
			return "", false
		}
	}
	version = "v" + strings.TrimPrefix(name, "v")
	return version, semver.Canonical(version) == version && !module.IsPseudoVersion(version)
}

// releases is what the module in dir has published.
func (r *refs) releases(dir string) resolve.Releases {
	versions := r.versions(dir)
	out := resolve.Releases{Versions: slices.SortedFunc(maps.Keys(versions), semver.Compare)}
	for name := range r.Tags {
		if _, isVersion := tagVersion(dir, name); !isVersion {
			out.Tags = append(out.Tags, name)
		}
	}
	slices.Sort(out.Tags)
	out.Branches = slices.SortedFunc(maps.Keys(r.Branches), func(a, b string) int {
		if (a == r.Head) != (b == r.Head) {
			if a == r.Head {
				return -1
			}
			return 1
		}
		return strings.Compare(a, b)
	})
	return out
}

// versionAt is the highest version that is tagged on the commit itself; "" if there is none.
func (r *refs) versionAt(dir, commit string) string {
	return r.highest(dir, func(c string) bool { return c == commit })
}

// highest is the highest version whose commit is accepted.
func (r *refs) highest(dir string, accept func(commit string) bool) string {
	best := ""
	for v, name := range r.versions(dir) {
		if accept(r.Tags[name].Commit) && (best == "" || semver.Compare(v, best) > 0) {
			best = v
		}
	}
	return best
}

// tips lists the commits that branches and tags name.
func (r *refs) tips() map[string]bool {
	tips := map[string]bool{}
	if r.Commit != "" {
		tips[r.Commit] = true
	}
	for _, commit := range r.Branches {
		tips[commit] = true
	}
	for _, t := range r.Tags {
		tips[t.Commit] = true
	}
	for _, commits := range r.Pseudo {
		for commit := range commits {
			tips[commit] = true
		}
	}
	return tips
}

// wants lists the hashes that the server itself advertises for commit: some servers give nothing else.
func (r *refs) want(commit string) (hash string, advertised bool) {
	for _, c := range r.Branches {
		if c == commit {
			return commit, true
		}
	}
	for _, t := range r.Tags {
		if t.Commit == commit {
			if t.Object != "" {
				return t.Object, true
			}
			return commit, true
		}
	}
	return commit, commit == r.Commit
}
