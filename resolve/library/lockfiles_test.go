package library

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// The same tree as authorLocks writes, as other package managers write it. INTEGRITY(NAME@VERSION) stands for the registry's.
var otherLocks = []struct{ name, file, text string }{
	{"pnpm 5", "pnpm-lock.yaml", `lockfileVersion: 5.4

specifiers:
  axios: ^1.6.0
  form-data: ^4.0.0
  old-uuid: npm:uuid@^9.0.0

dependencies:
  axios: 1.6.0_x@1.0.0
  form-data: 4.0.0
  old-uuid: /uuid/9.0.0

devDependencies:
  typescript: 5.0.0

packages:

  /axios/1.6.0_x@1.0.0:
    resolution: {integrity: INTEGRITY(axios@1.6.0)}
    dependencies:
      follow-redirects: 1.15.0
      form-data: 4.0.0
    dev: false

  /follow-redirects/1.15.0:
    resolution: {integrity: INTEGRITY(follow-redirects@1.15.0)}

  /form-data/4.0.0:
    resolution: {integrity: INTEGRITY(form-data@4.0.0)}
    engines: {node: '>= 6'}
    dependencies:
      mime-types: 2.1.35

  /mime-types/2.1.35:
    resolution: {integrity: INTEGRITY(mime-types@2.1.35)}

  /typescript/5.0.0:
    resolution: {integrity: INTEGRITY(typescript@5.0.0)}
    dev: true

  /uuid/9.0.0:
    resolution: {integrity: INTEGRITY(uuid@9.0.0)}
`},
	{"pnpm 6", "pnpm-lock.yaml", `lockfileVersion: '6.0'

settings:
  autoInstallPeers: true

dependencies:
  axios:
    specifier: ^1.6.0
    version: 1.6.0(@s/peer@1.0.0)
  form-data:
    specifier: ^4.0.0
    version: 4.0.0
  old-uuid:
    specifier: npm:uuid@^9.0.0
    version: /uuid@9.0.0

packages:

  /axios@1.6.0(@s/peer@1.0.0):
    resolution: {integrity: INTEGRITY(axios@1.6.0)}
    dependencies:
      follow-redirects: 1.15.0
      form-data: 4.0.0

  /follow-redirects@1.15.0:
    resolution: {integrity: INTEGRITY(follow-redirects@1.15.0)}

  /form-data@4.0.0:
    resolution: {integrity: INTEGRITY(form-data@4.0.0)}
    dependencies:
      mime-types: 2.1.35

  /mime-types@2.1.35:
    resolution: {integrity: INTEGRITY(mime-types@2.1.35)}

  /uuid@9.0.0:
    resolution: {integrity: INTEGRITY(uuid@9.0.0)}
`},
	{"pnpm 9", "pnpm-lock.yaml", `lockfileVersion: '9.0'

importers:

  .:
    dependencies:
      axios:
        specifier: ^1.6.0
        version: 1.6.0(@s/peer@1.0.0)
      form-data:
        specifier: ^4.0.0
        version: 4.0.0
      old-uuid:
        specifier: npm:uuid@^9.0.0
        version: uuid@9.0.0

  packages/other:
    dependencies:
      axios:
        specifier: ^1.7.0
        version: 1.7.0

packages:

  axios@1.6.0:
    resolution: {integrity: INTEGRITY(axios@1.6.0)}

  axios@1.7.0:
    resolution: {integrity: INTEGRITY(axios@1.7.0)}

  follow-redirects@1.15.0:
    resolution: {integrity: INTEGRITY(follow-redirects@1.15.0)}

  form-data@4.0.0:
    resolution: {integrity: INTEGRITY(form-data@4.0.0)}

  mime-types@2.1.35:
    resolution: {integrity: INTEGRITY(mime-types@2.1.35)}

  uuid@9.0.0:
    resolution: {integrity: INTEGRITY(uuid@9.0.0)}

snapshots:

  axios@1.6.0(@s/peer@1.0.0):
    dependencies:
      follow-redirects: 1.15.0
      form-data: 4.0.0

  axios@1.7.0:
    dependencies:
      follow-redirects: 1.15.0
      form-data: 4.0.0

  follow-redirects@1.15.0: {}

  form-data@4.0.0:
    dependencies:
      mime-types: 2.1.35

  mime-types@2.1.35: {}

  uuid@9.0.0: {}
`},
	{"bun", "bun.lock", `{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "p", // as bun writes it
      "dependencies": {
        "axios": "^1.6.0",
        "form-data": "^4.0.0",
        "old-uuid": "npm:uuid@^9.0.0",
      },
    },
  },
  /* all of them */
  "packages": {
    "axios": ["axios@1.6.0", "", { "dependencies": { "follow-redirects": "^1.15.0", "form-data": "^4.0.0" } }, "INTEGRITY(axios@1.6.0)"],

    "follow-redirects": ["follow-redirects@1.15.0", "", {}, "INTEGRITY(follow-redirects@1.15.0)"],

    "form-data": ["form-data@4.0.0", "https://example.com/a//b,]", { "dependencies": { "mime-types": "^2.1.12" } }, "INTEGRITY(form-data@4.0.0)"],

    "mime-types": ["mime-types@2.1.36", "", {}, "INTEGRITY(mime-types@2.1.36)"],

    "old-uuid": ["uuid@9.0.0", "", {}, "INTEGRITY(uuid@9.0.0)"],

    "other": ["other@workspace:packages/other"],

    "form-data/mime-types": ["mime-types@2.1.35", "", {}, "INTEGRITY(mime-types@2.1.35)"],
  }
}
`},
}

// integrities puts the registry's integrity in place of INTEGRITY(NAME@VERSION).
func integrities(t *testing.T, c *client, text string) string {
	t.Helper()
	for {
		before, rest, ok := strings.Cut(text, "INTEGRITY(")
		if !ok {
			return text
		}
		id, after, _ := strings.Cut(rest, ")")
		at := strings.LastIndex(id, "@")
		doc, err := c.Packument(t.Context(), id[:at], true)
		if err != nil {
			t.Fatal(err)
		}
		m, err := doc.Version(id[at+1:])
		if err != nil {
			t.Fatal(err)
		}
		text = before + m.Integrity + after
	}
}

func TestLocksOfOtherPackageManagers(t *testing.T) {
	reg, client := startRegistry(t)
	publish(t, reg, authorPackages)
	want := lines(".: axios@1.6.0 form-data@4.0.0 old-uuid=uuid@9.0.0", "axios@1.6.0: follow-redirects@1.15.0 form-data@4.0.0",
		"follow-redirects@1.15.0:", "form-data@4.0.0: mime-types@2.1.35", "mime-types@2.1.35:", "uuid@9.0.0:")
	for _, tt := range otherLocks {
		resolve := func(t *testing.T, text string) (Result, error) {
			dir := t.TempDir()
			write(t, dir, tt.file, text)
			return Resolve(t.Context(), client, Request{Subject: "p", Dir: dir, Time: date("2024-06-15"),
				Dependencies: map[string]string{"axios": "^1.6.0", "form-data": "^4.0.0", "old-uuid": "npm:uuid@^9.0.0"}})
		}
		t.Run(tt.name, func(t *testing.T) {
			got, err := resolve(t, integrities(t, client, tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if s := draw(got); s != want || len(got.Warnings) != 0 {
				t.Errorf("got\n%swant\n%swarnings %q", s, want, got.Warnings)
			}
		})
		t.Run(tt.name+" with another integrity", func(t *testing.T) {
			text := strings.Replace(tt.text, "INTEGRITY(form-data@4.0.0)", "INTEGRITY(form-data@4.0.1)", 1)
			_, err := resolve(t, integrities(t, client, text))
			if report.KindOf(err) != report.Integrity || !strings.Contains(err.Error(), "form-data@4.0.0") || !strings.Contains(err.Error(), tt.file+" says") {
				t.Errorf("%v", err)
			}
		})
		t.Run(tt.name+" malformed", func(t *testing.T) {
			_, err := resolve(t, "lockfileVersion: '4.0'\n\"")
			if err == nil || !strings.Contains(err.Error(), tt.file) || !strings.Contains(err.Error(), "--lockfile-only'") {
				t.Errorf("%v", err)
			}
		})
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Of several lock files the first of npm-shrinkwrap.json, package-lock.json, pnpm-lock.yaml and bun.lock decides.
func TestWhichLockDecides(t *testing.T) {
	reg, client := startRegistry(t)
	publish(t, reg, "a@1.0.0\na@1.1.0\na@1.2.0\na@1.3.0\na@1.4.0")
	npm := func(version string) string {
		return `{"lockfileVersion": 3, "packages": {"node_modules/a": {"version": "` + version + `"}}}`
	}
	dir := t.TempDir()
	resolved := func() (string, []string) {
		t.Helper()
		got, err := Resolve(t.Context(), client, Request{Subject: "p", Dir: dir, Dependencies: map[string]string{"a": "^1.0.0"}})
		if err != nil {
			t.Fatal(err)
		}
		return got.Libraries[0].Version, got.Warnings
	}
	for _, unread := range []string{"yarn.lock", "bun.lockb"} {
		write(t, dir, unread, "\x00")
		version, warnings := resolved()
		if version != "1.4.0" || len(warnings) != 1 || !strings.Contains(warnings[0], unread+" of p is not read") || !strings.Contains(warnings[0], "package-lock.json") {
			t.Errorf("%s: %s %q", unread, version, warnings)
		}
	}
	for _, l := range []struct{ file, text, version string }{
		{"bun.lock", `{"packages": {"a": ["a@1.3.0", "", {}, ""]}}`, "1.3.0"},
		{"pnpm-lock.yaml", "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: ^1.0.0, version: 1.2.0}\npackages:\n  a@1.2.0: {resolution: {}}\nsnapshots:\n  a@1.2.0: {}\n", "1.2.0"},
		{"package-lock.json", npm("1.1.0"), "1.1.0"},
		{"npm-shrinkwrap.json", npm("1.0.0"), "1.0.0"},
	} {
		write(t, dir, l.file, l.text)
		if version, warnings := resolved(); version != l.version || len(warnings) != 0 {
			t.Errorf("%s: %s %q", l.file, version, warnings)
		}
	}
}

func FuzzParseLockFiles(f *testing.F) {
	for _, l := range otherLocks {
		f.Add([]byte(l.text), "mime-types")
	}
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		for _, file := range lockFiles {
			lock, err := file.parse(file.name, data)
			if err != nil {
				continue
			}
			for _, ref := range append(lock.all(), lock.root()) {
				for _, kind := range []edgeKind{required, peer} {
					if to, ok := ref.lookup(name, kind); ok {
						to.locked()
						to.locatedBy(&Address{URL: "https://example.com/x.tgz"})
					}
				}
			}
		}
	})
}
