package library

import (
	"maps"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]string{
		"a/b":                                         "github:a/b",
		"a/b#v1":                                      "github:a/b@v1",
		"a/b#semver:^1.0":                             "github:a/b@semver:^1.0",
		"a/b.js#feature/x":                            "github:a/b.js@feature/x",
		"github:a/b.git#main":                         "github:a/b@main",
		"gitlab:a/b":                                  "git:gitlab.com/a/b",
		"bitbucket:a/b#1":                             "git:bitbucket.org/a/b@1",
		"git+https://github.com/a/b.git#v1":           "github:a/b@v1",
		"git+https://Git.Example.com/a/b/c.git":       "git:git.example.com/a/b/c",
		"https://github.com/a/b":                      "github:a/b",
		"https://github.com/a/b.git#x":                "github:a/b@x",
		"https://github.com/a/b/archive/v1.tar.gz":    "https://github.com/a/b/archive/v1.tar.gz",
		"https://example.com/x.tgz#sha512=1":          "https://example.com/x.tgz",
		"https://codeload.github.com/a/b/tar.gz/main": "https://codeload.github.com/a/b/tar.gz/main",
		"^1.2.3": "registry", "latest": "registry", "": "registry", "1.x || >=2.5.0": "registry", "1.0.0 - 2.0.0": "registry", "npm:a": "refused: " + whySSH,
		"http://example.com/x.tgz": "refused: " + whyHTTP, "git+http://example.com/a": "refused: " + whyHTTP,
		"git://github.com/a/b": "refused: " + whySSH, "ssh://git@github.com/a/b": "refused: " + whySSH, "git@github.com:a/b": "refused: " + whySSH,
		"git+ssh://git@github.com/a/b": "refused: " + whySSH,
		"file:../x":                    "refused: " + whyFolder, "../x": "refused: " + whyFolder, "./x": "refused: " + whyFolder, "/x": "refused: " + whyFolder, "~/x": "refused: " + whyFolder, "link:x": "refused: " + whyFolder, "portal:x": "refused: " + whyFolder,
		"workspace:*": "refused: " + whyWorkspace, "catalog:": "refused: " + whyWorkspace, "patch:a@1": "refused: " + whyWorkspace,
		"a/b#path:x": "refused: " + whyPath, "https://u:p@example.com/x.tgz": "refused: " + whySecret, "git+https://token@example.com/a": "refused: " + whySecret,
		"github:a": "refused: it names no repository", "github:../b": "refused: it names no repository",
	} {
		a, foreign, why := parseAddress(text)
		got := a.String()
		switch {
		case !foreign:
			got = "registry"
		case why != "":
			got = "refused: " + why
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestMarkedVersions(t *testing.T) {
	for version, want := range map[string]string{"1.2.3": "1.2.3-from.git.0123456789ab", "1.2.3-rc.1": "1.2.3-rc.1.from.git.0123456789ab"} {
		got := mark(version, "git", "0123456789abcdef")
		if got != want || !Valid(got) || stated(got) != version || stated(version) != version {
			t.Errorf("%s: %s, states %s", version, got, stated(got))
		}
	}
}

const (
	ones   = "1111111111111111111111111111111111111111"
	threes = "3333333333333333333333333333333333333333"
)

// Libraries from repositories and addresses, beside those of the registry that depend on them and that they depend on.
func TestLibrariesFromElsewhere(t *testing.T) {
	reg, client := startRegistry(t)
	publish(t, reg, `b@1.0.0
		c@1.0.0 {"dependencies": {"g": "^2.0.0"}}
		g@2.0.1`)
	client.direct = map[string]string{
		"github:x/y@main":       `{"name": "g", "version": "2.1.0", "dependencies": {"b": "^1.0.0"}, "deprecated": "no"}`,
		"github:x/y@" + ones:    `{"name": "g", "version": "2.1.0", "dependencies": {"b": "^1.0.0"}}`,
		"github:x/y":            `{"name": "g", "version": "2.0.9", "dependencies": {"b": "^1.0.0"}}`,
		"https://e.com/t.tgz":   `{"name": "other", "version": "3.0.0-beta", "os": ["linux"], "dependencies": {"h": "github:x/y#main"}}`,
		"https://e.com/bad.tgz": `{"name": "a b"}`,
	}
	req := Request{Subject: "p", Dependencies: map[string]string{"g": "github:x/y#main", "t": "https://e.com/t.tgz", "c": "1"}}
	want := lines(".: c@1.0.0 g@2.1.0-from.git.111111111111 t=other@3.0.0-beta.from.https.222222222222", "b@1.0.0:",
		"c@1.0.0: g@2.1.0-from.git.111111111111", "g@2.1.0-from.git.111111111111: b@1.0.0",
		"other@3.0.0-beta.from.https.222222222222: h=g@2.1.0-from.git.111111111111")
	first, err := Resolve(t.Context(), client, req)
	if err != nil {
		t.Fatal(err)
	}
	if s := draw(first); s != want {
		t.Errorf("got\n%swant\n%s", s, want)
	}
	sources := map[string]string{}
	for _, l := range first.Libraries {
		if l.Integrity == "" {
			t.Errorf("%s is not locked by a hash", l.Name)
		}
		sources[l.Name] = l.Source
	}
	if want := map[string]string{"b": "", "c": "", "g": "github:x/y@" + ones, "other": "https://e.com/t.tgz"}; !maps.Equal(sources, want) {
		t.Errorf("sources %v", sources)
	}

	// Our own lock: commits and digests are those that it holds, whatever the branch has become.
	client.asked = nil
	again := req
	again.Locked = &first
	kept, err := Resolve(t.Context(), client, again)
	if err != nil || draw(kept) != want {
		t.Fatalf("the lock does not win: %v\n%s", err, draw(kept))
	}
	for _, a := range client.asked {
		if a.Integrity == "" || a.URL == "" && a.Ref != ones {
			t.Errorf("asked for %v, which is not what is locked", a)
		}
	}

	// The author's locks know the commit.
	for name, lock := range map[string]struct{ file, text string }{
		"v1": {"package-lock.json", `{"lockfileVersion": 1, "dependencies": {"g": {"version": "git+ssh://git@github.com/x/y.git#` + threes + `", "from": "github:x/y#main"}}}`},
		"v3": {"npm-shrinkwrap.json", `{"lockfileVersion": 3, "packages": {"node_modules/g": {"version": "2.0.9", "resolved": "git+ssh://git@github.com/x/y.git#` + threes + `", "integrity": "sha512-AAAA"}}}`},
		"pnpm": {"pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      g: {specifier: 'github:x/y#main', version: https://codeload.github.com/x/y/tar.gz/" + threes + "}\n" +
			"packages:\n  g@https://codeload.github.com/x/y/tar.gz/" + threes + ": {resolution: {tarball: https://codeload.github.com/x/y/tar.gz/" + threes + "}, version: 2.0.9}\n" +
			"snapshots:\n  g@https://codeload.github.com/x/y/tar.gz/" + threes + ": {}\n"},
		"pnpm by git": {"pnpm-lock.yaml", "lockfileVersion: '6.0'\ndependencies:\n  g: {specifier: 'github:x/y#main', version: github.com/x/y/" + threes + "}\n" +
			"packages:\n  github.com/x/y/" + threes + ": {resolution: {type: git, repo: 'https://github.com/x/y.git', commit: " + threes + "}, name: g, version: 2.0.9}\n"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, lock.file, lock.text)
			req := Request{Subject: "p", Dir: dir, Dependencies: map[string]string{"g": "github:x/y#main"}}
			got, err := Resolve(t.Context(), client, req)
			if err != nil {
				t.Fatal(err)
			}
			if s := draw(got); !strings.HasPrefix(s, ".: g@2.0.9-from.git.333333333333\n") {
				t.Errorf("got\n%s", s)
			}
			req.Dependencies["g"] = "github:other/y#main" // a lock cannot lead to another repository
			if _, err := Resolve(t.Context(), client, req); err == nil || !strings.Contains(err.Error(), "nothing is at github:other/y@main") {
				t.Errorf("%v", err)
			}
		})
	}
	_, err = Resolve(t.Context(), client, Request{Subject: "p", Dependencies: map[string]string{"g": "https://e.com/bad.tgz"}})
	if err == nil || !strings.Contains(err.Error(), `"a b" is no name of a package`) {
		t.Errorf("%v", err)
	}
	got, err := Resolve(t.Context(), client, Request{Subject: "p", Optional: map[string]string{"g": "git+ssh://git@x.com/y"}})
	if err != nil || len(got.Libraries) != 0 || len(got.Warnings) != 1 || !strings.Contains(got.Warnings[0], "the optional dependency g@git+ssh") {
		t.Errorf("%v %q", err, got.Warnings)
	}
	// [replace] overrules an address that is not allowed.
	got, err = Resolve(t.Context(), client, Request{Subject: "p", Dependencies: map[string]string{"g": "file:../g"}, Replace: map[string]string{"g": "2"}})
	if err != nil || !strings.HasPrefix(draw(got), ".: g@2.0.1\n") {
		t.Errorf("%v %s", err, draw(got))
	}
}
