package resolve

import "strings"

// SourceKind is where a source lives.
type SourceKind string

// The kinds of sources.
const (
	GitHub SourceKind = "github" // github:OWNER/REPO[//DIR]
	Git    SourceKind = "git"    // git:HOST/PATH[//DIR], any other git host over https
	NPM    SourceKind = "npm"    // npm:NAME
	File   SourceKind = "file"   // file:PATH, relative to the project or absolute
)

// Source is where a module's versions are published. It is comparable: equal sources are the same publisher.
type Source struct {
	Kind SourceKind
	Path string // OWNER/REPO, HOST/PATH, the npm name, or a folder: clean, with slashes, "./x", "../x" or absolute
	Dir  string // the directory in the repository, "" for its root
}

// String is the canonical form, as conduit.lock writes it: "github:OWNER/REPO//DIR", "npm:@scope/name", "file:../x".
func (s Source) String() string {
	if s.Dir != "" {
		return string(s.Kind) + ":" + s.Path + "//" + s.Dir
	}
	return string(s.Kind) + ":" + s.Path
}

// Fold is the same for all spellings of one publisher: GitHub ignores the case of owners and repositories, and most git
// hosts serve a repository with and without ".git". It serves to find two names for one source, not to fetch.
func (s Source) Fold() Source {
	switch s.Kind {
	case GitHub:
		s.Path = strings.ToLower(s.Path)
	case Git:
		s.Path = strings.TrimSuffix(s.Path, ".git")
	}
	return s
}
