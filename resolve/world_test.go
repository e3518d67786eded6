package resolve_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// world is an Origin described by text. A line without indentation publishes a package, the indented lines after it say
// what it requires, or something else about it:
//
//	github:a/p v1.0.0 v1.1.0        a provider with the same content in two versions
//	  service github:a/s@^1.2
//	  provider npm:@x/q
//	  sdk ^0.1.0
//	  capability text-to-image
//	  deprecated use q
//	service github:a/s v1.2.0       a service
//	service github:a/u main 0123456789abcdef0123456789abcdef01234567
//	                                an untagged service: a branch and its commit; the first branch is the default
//	./mine                          a folder
//	broken github:a/x v1.0.0        a package that cannot be fetched: the network is down
//	moved github:a/y v1.0.0         a package whose tag was moved
type world struct {
	t     *testing.T
	dir   string
	mu    sync.Mutex
	calls []string
	pkgs  map[resolve.Source]*published
}

type published struct {
	releases resolve.Releases
	commits  map[string]string // branch to commit
	latest   string            // dist-tag
	content  map[string]*content
}

type content struct {
	kind       string
	needs      []string // "service github:a/s@^1.2"
	sdk        string
	capability string
	broken     bool
	moved      bool
}

func newWorld(t *testing.T, text string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), pkgs: map[resolve.Source]*published{}}
	w.publish(text)
	return w
}

func (w *world) publish(text string) {
	w.t.Helper()
	var current *content
	var pub *published
	var versions []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			rest := strings.Join(words[1:], " ")
			switch words[0] {
			case "sdk":
				current.sdk = rest
			case "capability":
				current.capability = rest
			case "deprecated":
				for _, v := range versions {
					pub.releases.Deprecated[v] = rest
				}
			case "latest":
				pub.latest = words[1]
			default:
				current.needs = append(current.needs, words[0]+" "+rest)
			}
			continue
		}
		current = &content{kind: "provider"}
		for ; !strings.ContainsAny(words[0], ":./"); words = words[1:] {
			switch words[0] {
			case "service":
				current.kind = "service"
			case "broken":
				current.broken = true
			case "moved":
				current.moved = true
			default:
				w.t.Fatalf("%q: what is %q?", line, words[0])
			}
		}
		src, _, err := resolve.ParseSource(words[0])
		if err != nil {
			w.t.Fatal(err)
		}
		if pub = w.pkgs[src]; pub == nil {
			pub = &published{commits: map[string]string{}, content: map[string]*content{}, releases: resolve.Releases{Deprecated: map[string]string{}}}
			w.pkgs[src] = pub
		}
		versions = nil
		for i := 1; i < len(words); i++ {
			if semver.Canonical(words[i]) == words[i] {
				versions = append(versions, words[i])
				continue
			}
			if !slices.Contains(pub.releases.Branches, words[i]) {
				pub.releases.Branches = append(pub.releases.Branches, words[i])
			}
			pub.commits[words[i]] = words[i+1]
			versions = append(versions, pseudo(words[i+1]))
			i++
		}
		if len(words) == 1 {
			versions = []string{""}
		}
		for _, v := range versions {
			pub.content[v] = current
			if v != "" && !module.IsPseudoVersion(v) {
				pub.releases.Versions = append(pub.releases.Versions, v)
			}
		}
		semver.Sort(pub.releases.Versions)
	}
}

// pseudo dates a commit by its first digits, so that worlds can order commits.
func pseudo(commit string) string {
	day := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(commit[0]) * time.Hour)
	return module.PseudoVersion("v0", "", day, commit[:12])
}

func (w *world) call(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, fmt.Sprintf(format, args...))
}

func (w *world) find(src resolve.Source) (*published, error) {
	if p := w.pkgs[src]; p != nil {
		return p, nil
	}
	return nil, &report.Error{What: "no such source", Where: src.String(), Next: "check the spelling"}
}

func (w *world) Releases(_ context.Context, src resolve.Source) (resolve.Releases, error) {
	w.call("releases %s", src)
	p, err := w.find(src)
	if err != nil {
		return resolve.Releases{}, err
	}
	return p.releases, nil
}

func (w *world) Find(_ context.Context, src resolve.Source, name string) (resolve.Revision, error) {
	w.call("find %s %s", src, name)
	p, err := w.find(src)
	if err != nil {
		return resolve.Revision{}, err
	}
	if name == "HEAD" && src.Kind == resolve.NPM && p.latest != "" {
		return resolve.Revision{Version: p.latest}, nil
	}
	if name == "HEAD" && len(p.releases.Branches) > 0 {
		name = p.releases.Branches[0]
	}
	for _, branch := range slices.Sorted(maps.Keys(p.commits)) {
		if commit := p.commits[branch]; branch == name || len(name) >= 7 && strings.HasPrefix(commit, name) {
			return resolve.Revision{Version: pseudo(commit), Commit: commit}, nil
		}
	}
	return resolve.Revision{}, &report.Error{What: "no " + name, Err: resolve.ErrNoSuchRevision}
}

func (w *world) Fetch(_ context.Context, src resolve.Source, rev resolve.Revision) (resolve.Tree, error) {
	w.call("fetch %s %s", src, rev.Version)
	p, err := w.find(src)
	if err != nil {
		return resolve.Tree{}, err
	}
	c := p.content[rev.Version]
	switch {
	case c == nil:
		return resolve.Tree{}, &report.Error{What: "no version " + rev.Version + " of " + src.String()}
	case c.broken:
		return resolve.Tree{}, &report.Error{Kind: report.Network, What: "cannot reach the host of " + src.String(), Next: "check the network"}
	case c.moved:
		return resolve.Tree{}, &report.Error{Kind: report.Integrity, What: "the tag " + rev.Version + " of " + src.String() + " was moved"}
	}
	dir := filepath.Join(w.dir, strings.NewReplacer("/", "_", ":", "_", "@", "_").Replace(src.String()+rev.Version))
	if err := os.MkdirAll(dir, 0o777); err != nil {
		w.t.Error(err)
	}
	text := "id: x\n"
	var requires string
	for _, need := range c.needs {
		kind, source, _ := strings.Cut(need, " ")
		requires += fmt.Sprintf("  - {source: %q, kind: %s}\n", source, kind)
	}
	if requires != "" {
		text += "requires:\n" + requires
	}
	if c.kind == "provider" {
		text += fmt.Sprintf("type: remote\ncapabilities: [%s]\n", cmp.Or(c.capability, "text-to-text"))
		if c.sdk != "" {
			write(w.t, filepath.Join(dir, "package.json"), fmt.Sprintf(`{"dependencies": {"@mediaconduit/mediaconduit": %q}}`, c.sdk))
		}
	}
	write(w.t, filepath.Join(dir, "MediaConduit."+c.kind+".yml"), text)
	rev.Commit = strings.Repeat("c", 40)
	for _, commit := range p.commits {
		if pseudo(commit) == rev.Version {
			rev.Commit = commit
		}
	}
	if src.Kind == resolve.File || src.Kind == resolve.NPM {
		rev.Commit = ""
	}
	return resolve.Tree{Revision: rev, Path: dir, Sum: "h1:" + src.String() + rev.Version}, nil
}

// write may run for one package in several solvers at once.
func write(t *testing.T, name, text string) {
	tmp, err := os.CreateTemp(filepath.Dir(name), "tmp")
	if err == nil {
		_, err = tmp.WriteString(text)
		tmp.Close()
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		t.Error(err)
	}
}
