package library

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/resolve"
)

// Address is where a library is that does not come from the npm registry: a tarball, or a git repository. Both are read
// over https alone. It is comparable.
type Address struct {
	URL       string         // of a tarball, without a fragment; "" for a repository
	Git       resolve.Source // the repository
	Ref       string         // a branch, a tag or a commit; "" for the default branch; "semver:RANGE" for the highest version tag in a range
	Integrity string         // what a tarball must have, "" where nothing says so yet
}

// String is the address as conduit.lock writes it: the tarball's URL, or SOURCE@REF.
func (a Address) String() string {
	switch {
	case a.URL != "":
		return a.URL
	case a.Ref == "":
		return a.Git.String()
	}
	return a.Git.String() + "@" + a.Ref
}

// Pinned reports whether a names a commit in full, so that nobody has to be asked what it stands for.
func (a Address) Pinned() bool { return fullCommit.MatchString(a.Ref) }

// Semver is the range that a's version tag must be in; ok is false where a names something else.
func (a Address) Semver() (text string, ok bool) { return strings.CutPrefix(a.Ref, "semver:") }

// ParseAddress reads an address as [Address.String] writes it, of a repository with the commit.
func ParseAddress(text string) (Address, error) { return ParseLocked(resolve.Library{Source: text}) }

// ParseLocked reads the Source of a locked library.
func ParseLocked(lib resolve.Library) (Address, error) {
	if strings.HasPrefix(lib.Source, "https://") {
		return Address{URL: lib.Source, Integrity: lib.Integrity}, nil
	}
	src, commit, err := resolve.ParseSource(lib.Source)
	if err == nil && (src.Kind != resolve.GitHub && src.Kind != resolve.Git || !fullCommit.MatchString(commit)) {
		err = fmt.Errorf("%q is neither the address of a tarball nor a commit of a repository", lib.Source)
	}
	return Address{Git: src, Ref: commit, Integrity: lib.Integrity}, err
}

var (
	fullCommit = lazyregexp.New(`^[0-9a-f]{40}$`)
	shorthand  = lazyregexp.New(`^[^@/:\s.~][^/:@\s]*/[^/:@\s#]+(#.*)?$`) // OWNER/REPO
)

// hosts are npm's names of git hosts.
var hosts = map[string]string{"github": "github:", "gitlab": "git:gitlab.com/", "bitbucket": "git:bitbucket.org/", "gist": "git:gist.github.com/"}

// gitHosts serve a repository at OWNER/REPO; a longer path is a file of theirs.
var gitHosts = map[string]bool{"github.com": true, "www.github.com": true, "gitlab.com": true, "bitbucket.org": true}

// The reasons for which a dependency from elsewhere is refused.
const (
	whyHTTP      = "http can be changed on its way: only https is allowed"
	whySSH       = "git repositories are read over https only, without anybody's keys"
	whyFolder    = "it names a folder on its author's machine"
	whyWorkspace = "it names a part of its author's workspace"
	whyPath      = "a folder of a git repository is not a package by npm's rules that everybody can pack alike"
	whySecret    = "it holds credentials, and conduit.lock is shared"
)

// parseAddress reads what names no package of the registry. foreign is false for all that does; why says what is the matter
// with a text that is refused.
func parseAddress(text string) (a Address, foreign bool, why string) {
	scheme, rest, hasScheme := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	switch {
	case strings.HasPrefix(text, ".") || strings.HasPrefix(text, "/") || strings.HasPrefix(text, "~/"):
		return a, true, whyFolder
	case shorthand.MatchString(text):
		return repository("github:", text)
	case !hasScheme || strings.ContainsAny(scheme, " <>=^~*|/"):
		if strings.Contains(text, "/") {
			return a, true, "it names neither a package nor a repository"
		}
		return a, false, ""
	case hosts[scheme] != "":
		return repository(hosts[scheme], rest)
	}
	switch scheme {
	case "https":
		return webAddress(text)
	case "git+https":
		return repository("git:", strings.TrimPrefix(rest, "//"))
	case "http", "git+http":
		return a, true, whyHTTP
	case "file", "link", "portal", "git+file":
		return a, true, whyFolder
	case "workspace", "catalog", "patch":
		return a, true, whyWorkspace
	}
	return a, true, whySSH // git, ssh, git+ssh, git@HOST
}

// webAddress tells a tarball from a repository, as npm does: by the host.
func webAddress(text string) (a Address, foreign bool, why string) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return a, true, "it is no address"
	case u.User != nil:
		return a, true, whySecret
	case gitHosts[strings.ToLower(u.Host)] && strings.Count(strings.Trim(u.Path, "/"), "/") == 1:
		return repository("git:", strings.TrimPrefix(text, "https://"))
	}
	u.Fragment, u.RawFragment = "", ""
	return Address{URL: u.String()}, true, ""
}

// repository reads a repository behind its host, and the ref behind "#".
func repository(host, text string) (a Address, foreign bool, why string) {
	path, ref, _ := strings.Cut(text, "#")
	path = strings.Trim(path, "/")
	if before, _, ok := strings.Cut(path, "/"); ok && strings.Contains(before, "@") {
		return a, true, whySecret
	}
	if strings.Contains(ref, "path:") {
		return a, true, whyPath
	}
	for _, known := range []string{"github.com/", "www.github.com/"} {
		if under, ok := cutPrefixFold(path, known); ok && host == "git:" {
			host, path = "github:", under
		}
	}
	src, query, err := resolve.ParseSource(host + strings.TrimSuffix(path, ".git"))
	if err != nil || query != "" || src.Dir != "" {
		return a, true, "it names no repository"
	}
	return Address{Git: src, Ref: ref}, true, ""
}

// A version that does not come from the registry bears a mark, so that it is never taken for the registry's one:
// "1.2.3-from.git.35e56fa0c4b1" with the digits of the commit, "1.2.3-from.https.0f9a…" with those of the sha512.

var marked = lazyregexp.New(`^(.*?)[-.]from\.(git|https)\.[0-9a-f]{12}$`)

// mark adds the mark to the version that the package states.
func mark(version, kind, digits string) string {
	separator := "-"
	if strings.Contains(version, "-") {
		separator = "."
	}
	return version + separator + "from." + kind + "." + digits[:12]
}

// stated is the version that the package itself states.
func stated(version string) string {
	if m := marked.FindStringSubmatch(version); m != nil {
		return m[1]
	}
	return version
}

// admits reports whether what came from source, with this version, is what a means. A branch or a tag is satisfied by every
// commit: what it named when the commit was chosen cannot be known later.
func (a Address) admits(source, version string) bool {
	if a.URL != "" {
		return a.URL == source
	}
	src, commit, err := resolve.ParseSource(source)
	if err != nil || src.Fold() != a.Git.Fold() {
		return false
	}
	if rng, ok := a.Semver(); ok {
		return rangeAllows(rng, stated(version))
	}
	return !a.Pinned() || a.Ref == commit
}
