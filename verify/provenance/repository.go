package provenance

import (
	"encoding/json"
	"strings"
)

// Repository is the repository that a package.json claims, as it is written there; "" for none.
func Repository(packageJSON []byte) string {
	var file struct {
		Repository json.RawMessage `json:"repository"`
	}
	var text string
	var table struct {
		URL string `json:"url"`
	}
	switch {
	case json.Unmarshal(packageJSON, &file) != nil || len(file.Repository) == 0:
	case json.Unmarshal(file.Repository, &text) == nil:
	case json.Unmarshal(file.Repository, &table) == nil:
		text = table.URL
	}
	return strings.TrimSpace(text)
}

// hosts are those with shorthands in package.json (https://docs.npmjs.com/cli/configuring-npm/package-json#repository).
var hosts = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}

// canonical is HOST/PATH of a repository in any of the spellings that package.json allows, in small letters: the hosts that builds run on do
// not tell them apart. It is "" for what is no repository.
func canonical(repository string) string {
	s := strings.ToLower(strings.TrimPrefix(repository, "git+"))
	s, _, _ = strings.Cut(s, "#")
	scheme, rest, ok := strings.Cut(s, "://")
	switch {
	case ok && (scheme == "https" || scheme == "http" || scheme == "ssh" || scheme == "git"):
	case ok:
		return ""
	default:
		if host, path, ok := strings.Cut(s, ":"); ok && hosts[host] != "" {
			rest = hosts[host] + "/" + path
		} else if ok { // USER@HOST:PATH
			rest = host + "/" + path
		} else {
			rest = hosts["github"] + "/" + s
		}
	}
	host, path, _ := strings.Cut(rest, "/")
	host = host[strings.LastIndex(host, "@")+1:]
	parts := strings.Split(strings.Trim(path, "/"), "/")
	if host == hosts["github"] && len(parts) > 2 { // a folder's page
		parts = parts[:2]
	}
	path = strings.Join(parts, "/")
	for strings.HasSuffix(path, ".git") {
		path = strings.TrimSuffix(path, ".git")
	}
	if len(parts) < 2 || path == "" || strings.HasSuffix(path, "/") {
		return ""
	}
	return host + "/" + path
}
