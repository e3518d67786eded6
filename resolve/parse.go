package resolve

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/MediaConduit/conduit/lazyregexp"
	"github.com/MediaConduit/conduit/report"
)

var hostName = lazyregexp.New(`^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

// ParseSource reads a source in any of its spellings, and the query after it:
//
//	github:OWNER/REPO[//DIR][@QUERY]    https://github.com/OWNER/REPO[.git][/][//DIR][@QUERY]
//	git:HOST/PATH[//DIR][@QUERY]        https://HOST/PATH[//DIR][@QUERY]
//	npm:NAME[@QUERY]                    @SCOPE/NAME[@QUERY]
//	file:PATH  file:///ABS  ./PATH  ../PATH
//
// A folder has no versions, so an "@" in its path is part of the path. A bare name fails with [ErrAlias] in the chain, see
// [FollowAlias]. All other errors are malformed identifiers, of kind Usage.
func ParseSource(s string) (src Source, query string, err error) {
	src, query, err = splitSource(s)
	if err == nil && query != "" {
		_, err = ParseQuery(query)
	}
	if err != nil && !errors.Is(err, ErrAlias) {
		return Source{}, "", err
	}
	return src, query, err
}

// splitSource is ParseSource for callers who parse the query themselves.
func splitSource(s string) (src Source, query string, err error) {
	text := strings.TrimSpace(s)
	if text == "" {
		return Source{}, "", malformed(s, "it is empty", "")
	}
	if strings.ContainsFunc(text, isHidden) {
		return Source{}, "", malformed(s, "it holds characters that cannot be seen", "")
	}
	scheme, rest, found := strings.Cut(text, ":")
	switch {
	case isFolder(text):
		src, err = parseFile(s, text)
		return src, "", err
	case text[0] == '@':
		return parseNPM(s, text)
	case !found:
		return parseBare(s, text)
	}
	switch strings.ToLower(scheme) {
	case "file":
		src, err = parseFileURL(s, rest)
		return src, "", err
	case "npm":
		return parseNPM(s, rest)
	case "github":
		return parseRepository(s, GitHub, strings.TrimPrefix(rest, "//"))
	case "git":
		return parseRepository(s, Git, strings.TrimPrefix(rest, "//"))
	case "https", "git+https":
		return parseURL(s, rest)
	case "http", "git+http":
		return Source{}, "", malformed(s, "conduit fetches over https only", "https:"+rest)
	case "ssh", "git+ssh", "git@github.com":
		return Source{}, "", malformed(s, "conduit fetches over https only; credentials come from git's credential helpers or .netrc", suggestRepository(rest))
	}
	return parseBare(s, text)
}

// isFolder reports whether the text is a path that needs no "file:" before it.
func isFolder(s string) bool {
	return s == "." || s == ".." || strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") || strings.HasPrefix(s, "/") ||
		strings.HasPrefix(s, `.\`) || strings.HasPrefix(s, `..\`) || hasDrive(s)
}

// parseBare reads what has no scheme: an alias, or one of the ways in which people forget the scheme.
func parseBare(s, text string) (Source, string, error) {
	name, query, _ := strings.Cut(text, "@")
	if isWord(name, "", "._-") {
		return Source{}, query, &report.Error{Kind: report.Usage, What: "unknown name " + quote(name),
			Why: "a source without a scheme is an alias, and conduit.toml has none of that name",
			Next: fmt.Sprintf("name the source in full, such as github:OWNER/%s or npm:%s, or put under [aliases] in conduit.toml:\n%s = \"github:OWNER/REPO\"",
				name, name, name),
			Err: ErrAlias}
	}
	return Source{}, "", malformed(s, "it does not say where the package lives", suggestRepository(text))
}

// suggestRepository guesses the source that was meant: "a/b" and "github.com/a/b" are repositories on GitHub.
func suggestRepository(text string) string {
	text, _, _ = strings.Cut(text, "#")
	text = strings.Trim(strings.TrimPrefix(strings.TrimLeft(text, "/"), "git@"), "/")
	text = strings.Replace(text, ":", "/", 1)
	parts := strings.Split(strings.TrimPrefix(strings.TrimPrefix(text, "www."), "github.com/"), "/")
	for _, guess := range []string{"github:" + strings.Join(parts, "/"), "git:" + text} {
		if len(parts) != 2 && strings.HasPrefix(guess, "github:") {
			continue
		}
		if src, query, err := ParseSource(guess); err == nil {
			if query != "" {
				query = "@" + query
			}
			return src.String() + query
		}
	}
	return ""
}

func parseURL(s, rest string) (Source, string, error) {
	rest = strings.TrimPrefix(rest, "//")
	host, rest, _ := strings.Cut(rest, "/")
	if strings.Contains(host, "@") {
		return Source{}, "", usage("a source must not hold credentials", "conduit.toml and conduit.lock are shared",
			"leave out what stands before the @, and put the credentials into git's credential helper or .netrc")
	}
	host = strings.ToLower(host)
	if host != "github.com" && host != "www.github.com" {
		return parseRepository(s, Git, host+"/"+rest)
	}
	if owner, tree, ok := strings.Cut(rest, "/tree/"); ok {
		ref, dir, _ := strings.Cut(strings.Trim(tree, "/"), "/")
		guess := "github:" + strings.Trim(owner, "/")
		if dir != "" {
			guess += "//" + dir
		}
		return Source{}, "", malformed(s, "that is the page of a branch", guess+"@"+ref)
	}
	return parseRepository(s, GitHub, rest)
}

// parseRepository reads "OWNER/REPO" or "HOST/PATH", then "//DIR" and "@QUERY".
func parseRepository(s string, kind SourceKind, text string) (Source, string, error) {
	text, query, err := cutQuery(s, text)
	if err != nil {
		return Source{}, "", err
	}
	if base, fragment, ok := strings.Cut(text, "#"); ok {
		return Source{}, "", malformed(s, "a branch, tag or commit stands after @, not after #", suggestRepository(base)+"@"+fragment)
	}
	repo, dir, hasDir := strings.Cut(text, "//")
	repo = strings.TrimSuffix(repo, "/")
	dir = strings.Trim(dir, "/")
	src := Source{Kind: kind, Path: repo, Dir: dir}
	if hasDir && dir != "" {
		if err := checkSegments(s, dir); err != nil {
			return Source{}, "", err
		}
	}
	host, inHost, _ := strings.Cut(repo, "/")
	if kind == GitHub {
		owner, name := host, strings.TrimSuffix(inHost, ".git")
		if !isRepository(owner, name) {
			return Source{}, "", malformed(s, "a source on GitHub is github:OWNER/REPO, with //DIR for a directory in it", suggestDir(repo))
		}
		src.Path = owner + "/" + name
		return src, query, nil
	}
	host = strings.ToLower(host)
	if !hostName.MatchString(host) || !strings.ContainsAny(host, ".:") && host != "localhost" || strings.Contains(host, "..") {
		return Source{}, "", malformed(s, "a source on another git host is git:HOST/PATH", "")
	}
	if inHost == "" {
		return Source{}, "", malformed(s, "it names a host but no repository", "")
	}
	if err := checkSegments(s, inHost); err != nil {
		return Source{}, "", err
	}
	src.Path = host + "/" + inHost
	if host == "github.com" || host == "www.github.com" {
		// One source must have one name, whichever way it is written.
		src, _, err := parseRepository(s, GitHub, inHost)
		src.Dir = dir
		return src, query, err
	}
	return src, query, nil
}

// isRepository reports whether GitHub could have a repository of that name.
func isRepository(owner, name string) bool {
	return len(owner) <= 100 && len(name) <= 100 && name != "." && name != ".." && isWord(owner, "_", "_-") && isWord(name, "_.", "_.-")
}

// suggestDir guesses that further path elements are a directory: OWNER/REPO/DIR is meant as OWNER/REPO//DIR.
func suggestDir(repo string) string {
	parts := strings.SplitN(repo, "/", 3)
	if len(parts) < 3 || parts[2] == "" || !isRepository(parts[0], parts[1]) || checkSegments("", parts[2]) != nil {
		return ""
	}
	return "github:" + parts[0] + "/" + parts[1] + "//" + parts[2]
}

func checkSegments(s, p string) error {
	for part := range strings.SplitSeq(p, "/") {
		switch {
		case part == "..", part == ".":
			return malformed(s, quote(part)+" cannot stand in the path of a repository", "")
		case !isWord(part, "_.~@+", "_.~@+-"):
			return malformed(s, quote(part)+" cannot be a part of the path", "")
		}
	}
	return nil
}

func parseNPM(s, text string) (Source, string, error) {
	text, query, err := cutQuery(s, text)
	if err != nil {
		return Source{}, "", err
	}
	if !isNPMName(text) || len(text) > 214 {
		return Source{}, "", malformed(s, "a package of npm is npm:NAME or npm:@SCOPE/NAME", "")
	}
	return Source{Kind: NPM, Path: text}, query, nil
}

func parseFileURL(s, rest string) (Source, error) {
	authority, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return parseFile(s, rest)
	}
	host, p, _ := strings.Cut(authority, "/")
	if host != "" && host != "localhost" {
		return Source{}, malformed(s, "a folder on another machine cannot be used", "file:"+authority)
	}
	p, err := url.PathUnescape(p)
	if err != nil {
		return Source{}, malformed(s, "a % in a file URL stands before two hex digits", "")
	}
	if !hasDrive(p) {
		p = "/" + p
	}
	return parseFile(s, p)
}

// parseFile cleans a path, so that one folder has one name however it is written.
func parseFile(s, p string) (Source, error) {
	if p == "" {
		return Source{}, malformed(s, "it names no folder", "")
	}
	p = path.Clean(strings.ReplaceAll(p, `\`, "/"))
	if p != "." && p != ".." && !strings.HasPrefix(p, "../") && !path.IsAbs(p) && !hasDrive(p) {
		p = "./" + p
	}
	if strings.ContainsFunc(p, isHidden) { // which "file:///%A1" hides in its digits
		return Source{}, malformed(s, "it holds characters that cannot be seen", "")
	}
	if strings.TrimSpace(p) != p { // "file:/a " would be read again as "file:/a"
		return Source{}, malformed(s, "a name that ends in white space is lost where it is written down", "file:"+strings.TrimSpace(p)+", and rename the folder to that")
	}
	return Source{Kind: File, Path: p}, nil
}

// cutQuery splits at the first "@" that does not begin a path element, as in "//packages/@scope/x".
func cutQuery(s, text string) (head, query string, err error) {
	for i := 1; i < len(text); i++ {
		if text[i] != '@' || text[i-1] == '/' && strings.Contains(text[i:], "/") {
			continue
		}
		head, query = text[:i], strings.TrimSpace(text[i+1:])
		if query == "" {
			return "", "", malformed(s, "nothing stands after the @", strings.TrimRight(strings.TrimSpace(s), "@ "))
		}
		return head, query, nil
	}
	return text, "", nil
}

func quote(s string) string { return fmt.Sprintf("%q", s) }

// malformed is the error for an identifier that cannot be read; suggestion is the source that was probably meant, if any.
func malformed(s, why, suggestion string) error {
	next := "write github:OWNER/REPO, npm:NAME, git:HOST/PATH or file:PATH, with @QUERY after it where a version is meant"
	if suggestion != "" && !strings.HasPrefix(suggestion, "@") {
		next = "write " + suggestion
	}
	return usage("malformed source "+quote(s), why, next)
}
