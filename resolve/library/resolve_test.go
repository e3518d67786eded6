package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/source/npmtest"
)

// publish adds packages written as "name@version 2024-01-31 {json}" lines; time and manifest may be left out.
func publish(t *testing.T, reg *npmtest.Registry, lines string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		id, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if id == "" {
			continue
		}
		at := strings.LastIndex(id, "@")
		p := npmtest.Package{Name: id[:at], Version: id[at+1:], Files: map[string]string{}}
		if len(rest) >= 10 && rest[0] == '2' {
			var err error
			if p.Time, err = time.Parse(time.DateOnly, rest[:10]); err != nil {
				t.Fatal(err)
			}
			rest = strings.TrimSpace(rest[10:])
		}
		if rest != "" {
			if err := json.Unmarshal([]byte(rest), &p.Manifest); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		if files, ok := p.Manifest["files"].(map[string]any); ok { // what its tarball brings along
			for name, content := range files {
				text, err := json.Marshal(content)
				if err != nil {
					t.Fatal(err)
				}
				p.Files[name] = string(text)
			}
		}
		if d, ok := p.Manifest["deprecated"].(string); ok {
			p.Deprecated = d
		}
		if err := reg.Publish(p); err != nil {
			t.Fatal(err)
		}
	}
}

// draw writes a result as lines "node: name=node name=node", edges that are called like their node shortened.
func draw(r Result) string {
	var b strings.Builder
	for _, n := range r.Nodes {
		b.WriteString(n.ID + ":")
		for _, e := range n.Edges {
			if strings.HasPrefix(e.ID, e.Name+"@") {
				b.WriteString(" " + e.ID)
			} else {
				b.WriteString(" " + e.Name + "=" + e.ID)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

func date(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func lines(ss ...string) string { return strings.Join(ss, "\n") + "\n" }

func TestResolve(t *testing.T) {
	for _, tt := range []struct {
		name     string
		packages string
		req      Request
		want     string
		warnings []string
		scripts  []string
	}{
		{
			name: "as of a time",
			packages: `a@1.0.0 2024-01-01 {"dependencies": {"b": "^1.0.0"}}
				a@1.1.0 2024-03-01
				b@1.0.0 2024-01-01
				b@1.1.0 2024-01-20
				b@1.2.0 2024-03-01`,
			req:  Request{Dependencies: map[string]string{"a": "^1.0.0"}, Time: date("2024-02-01")},
			want: lines(".: a@1.0.0", "a@1.0.0: b@1.1.0", "b@1.1.0:"),
		},
		{
			name:     "as of now",
			packages: "a@1.0.0 2024-01-01\na@1.1.0 2024-03-01\na@2.0.0 2024-03-01",
			req:      Request{Dependencies: map[string]string{"a": "^1.0.0"}},
			want:     lines(".: a@1.1.0", "a@1.1.0:"),
		},
		{
			name:     "nothing was published by then",
			packages: "a@1.0.0 2024-04-01\na@1.1.0 2024-03-01",
			req:      Request{Dependencies: map[string]string{"a": "^1.0.0"}, Time: date("2024-02-01")},
			want:     lines(".: a@1.1.0", "a@1.1.0:"),
			warnings: []string{"a@1.1.0 was published after p, which needs it"},
		},
		{
			name:     "deprecated versions and other Nodes are avoided",
			packages: `a@1.0.0` + "\n" + `a@1.1.0 {"engines": {"node": ">=99"}}` + "\n" + `a@1.2.0 {"deprecated": "broken"}`,
			req:      Request{Dependencies: map[string]string{"a": "^1.0.0"}},
			want:     lines(".: a@1.0.0", "a@1.0.0:"),
		},
		{
			name:     "a deprecated version where nothing else is",
			packages: `a@1.2.0 {"deprecated": "broken", "scripts": {"install": "make"}}`,
			req:      Request{Dependencies: map[string]string{"a": "^1.0.0"}},
			want:     lines(".: a@1.2.0", "a@1.2.0:"),
			warnings: []string{"a@1.2.0 is deprecated: broken", "install scripts are not run: a@1.2.0"},
			scripts:  []string{"a@1.2.0"},
		},
		{
			name:     "two versions and an alias",
			packages: "a@1.0.0\na@2.0.0\n" + `b@1.0.0 {"dependencies": {"a": "^1.0.0"}}`,
			req:      Request{Dependencies: map[string]string{"a": "^2.0.0", "old": "npm:a@^1.0.0", "b": "1"}},
			want:     lines(".: a@2.0.0 b@1.0.0 old=a@1.0.0", "a@1.0.0:", "a@2.0.0:", "b@1.0.0: a@1.0.0"),
		},
		{
			name: "one version with different edges",
			packages: `a@1.0.0 {"dependencies": {"c": "1", "d": "1"}}
				b@1.0.0 {"dependencies": {"c": "1", "d": "2"}}
				c@1.0.0 {"dependencies": {"d": "*"}}
				c@2.0.0
				d@1.0.0
				d@2.0.0`,
			req: Request{Dependencies: map[string]string{"a": "1", "b": "1", "c": "2"}},
			want: lines(".: a@1.0.0 b@1.0.0 c@2.0.0", "a@1.0.0: c@1.0.0 d@1.0.0", "b@1.0.0: c@1.0.0+2 d@2.0.0",
				"c@1.0.0: d@1.0.0", "c@1.0.0+2: d@2.0.0", "c@2.0.0:", "d@1.0.0:", "d@2.0.0:"),
		},
		{
			name: "peers",
			packages: `a@1.0.0 {"peerDependencies": {"r": ">=16", "o": "*", "q": "*"}, "peerDependenciesMeta": {"o": {"optional": true}}}
				r@16.0.0
				r@17.0.0
				r@18.0.0
				o@1.0.0
				q@1.0.0`,
			req:  Request{Dependencies: map[string]string{"a": "1"}, Peers: map[string]string{"r": "^17.0.0"}},
			want: lines(".: a@1.0.0 r@17.0.0", "a@1.0.0: q@1.0.0 r@17.0.0", "q@1.0.0:", "r@17.0.0:"),
		},
		{
			name: "all platforms, and optional ones that do not exist",
			packages: `n@1.0.0 {"optionalDependencies": {"n-linux": "1.0.0", "n-win": "1.0.0", "n-gone": "1.0.0", "n-bad": "1.0.0"}}
				n-linux@1.0.0 {"os": ["linux"], "cpu": ["x64"], "libc": ["glibc"]}
				n-win@1.0.0 {"os": ["win32"]}
				n-bad@1.0.0 {"dependencies": {"nowhere": "1"}}`,
			req:      Request{Dependencies: map[string]string{"n": "1"}},
			want:     lines(".: n@1.0.0", "n-linux@1.0.0:", "n-win@1.0.0:", "n@1.0.0: n-linux@1.0.0 n-win@1.0.0"),
			warnings: []string{"the optional dependency n-bad@1.0.0 is left out", "the optional dependency n-gone@1.0.0 is left out"},
		},
		{
			name: "overrides",
			packages: `a@1.0.0 {"dependencies": {"b": "^1.0.0", "c": "^1.0.0"}}
				b@1.0.0 {"dependencies": {"c": "^1.0.0"}}
				c@1.0.0
				c@1.1.0
				c@2.0.0`,
			req: Request{Dependencies: map[string]string{"a": "1", "c": "1.0.0"}, Overrides: map[string]any{
				"b": map[string]any{"c": "2.0.0"}, "a": map[string]any{".": "1.0.0", "c": "$c"}}},
			want: lines(".: a@1.0.0 c@1.0.0", "a@1.0.0: b@1.0.0 c@1.0.0", "b@1.0.0: c@2.0.0", "c@1.0.0:", "c@2.0.0:"),
		},
		{
			name:     "replace",
			packages: `a@1.0.0 {"dependencies": {"b": "^1.0.0"}}` + "\nb@1.0.0\nb@1.1.0\nb@3.0.0",
			req:      Request{Dependencies: map[string]string{"a": "1"}, Replace: map[string]string{"b": "3.0.0"}},
			want:     lines(".: a@1.0.0", "a@1.0.0: b@3.0.0", "b@3.0.0:"),
		},
		{
			name: "bundled dependencies and the SDK",
			packages: `a@1.0.0 {"dependencies": {"b": "1", "c": "1"}, "bundleDependencies": ["b"], "files": {"node_modules/b/package.json": {}}, "peerDependencies": {"@mediaconduit/mediaconduit": "^0.1.0"}}
				c@1.0.0`,
			req:  Request{Dependencies: map[string]string{"a": "1", "@mediaconduit/mediaconduit": "^0.1.0"}},
			want: lines(".: a@1.0.0", "a@1.0.0: c@1.0.0", "c@1.0.0:"),
		},
		{
			name: "a library with a lock of its own",
			packages: `a@1.0.0 {"_hasShrinkwrap": true, "dependencies": {"b": "1"}}
				b@1.0.0 {"_hasShrinkwrap": true}`,
			req:      Request{Dependencies: map[string]string{"a": "1"}},
			want:     lines(".: a@1.0.0", "a@1.0.0: b@1.0.0", "b@1.0.0:"),
			warnings: []string{"a@1.0.0 publishes an npm-shrinkwrap.json"},
		},
		{
			name:     "a dist-tag",
			packages: "a@1.0.0 2024-01-01\na@2.0.0 2024-03-01",
			req:      Request{Dependencies: map[string]string{"a": "latest"}, Time: date("2024-02-01")},
			want:     lines(".: a@1.0.0", "a@1.0.0:"),
		},
		{
			name:     "a cycle",
			packages: `a@1.0.0 {"dependencies": {"b": "1"}}` + "\n" + `b@1.0.0 {"dependencies": {"a": "1"}}`,
			req:      Request{Dependencies: map[string]string{"a": "1"}},
			want:     lines(".: a@1.0.0", "a@1.0.0: b@1.0.0", "b@1.0.0: a@1.0.0"),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg, client := startRegistry(t)
			publish(t, reg, tt.packages)
			tt.req.Subject = "p"
			got, err := Resolve(t.Context(), client, tt.req)
			if err != nil {
				t.Fatal(err)
			}
			if s := draw(got); s != tt.want {
				t.Errorf("got\n%swant\n%s", s, tt.want)
			}
			if len(got.Warnings) != len(tt.warnings) {
				t.Errorf("warnings %q, want %q", got.Warnings, tt.warnings)
			} else {
				for i, w := range tt.warnings {
					if !strings.Contains(got.Warnings[i], w) {
						t.Errorf("warning %q, want %q", got.Warnings[i], w)
					}
				}
			}
			if !slices.Equal(got.Scripts, tt.scripts) {
				t.Errorf("scripts %q", got.Scripts)
			}
			for _, l := range got.Libraries {
				if l.Name == "n-linux" && !reflect.DeepEqual(l, resolve.Library{Name: "n-linux", Version: "1.0.0", Integrity: l.Integrity, OS: []string{"linux"}, CPU: []string{"x64"}, Libc: []string{"glibc"}}) {
					t.Errorf("%+v", l)
				}
			}
			// The previous tree is kept whatever is published since, and with another time.
			again := tt.req
			again.Locked, again.Time = &got, time.Time{}
			publish(t, reg, "a@1.9.0\nb@1.9.0\nc@1.9.0\nr@17.9.0")
			client.docs = map[string]*Packument{}
			if kept, err := Resolve(t.Context(), client, again); err != nil || draw(kept) != tt.want {
				t.Errorf("the lock does not win: %v\n%s", err, draw(kept))
			}
		})
	}
}

func TestResolveFailures(t *testing.T) {
	for _, tt := range []struct {
		name  string
		req   Request
		words []string
		is    error
	}{
		{"no such package", Request{Dependencies: map[string]string{"zz": "1"}}, []string{"p needs zz@1"}, ErrNoSuchPackage},
		{"no such version", Request{Dependencies: map[string]string{"a": "^9"}}, []string{"p needs a@^9", "no version of a matches ^9", "it has 1.0.0", `[replace] "npm:a" = "VERSION"`}, ErrNoSuchVersion},
		{"deep", Request{Dependencies: map[string]string{"b": "1"}}, []string{"b@1.0.0 needs gone@^1.0.0"}, ErrNoSuchPackage},
		{"git", Request{Dependencies: map[string]string{"g": "github:x/y#main"}}, []string{"p needs g@github:x/y#main", "nothing is at github:x/y@main"}, ErrNoSuchPackage},
		{"git by ssh", Request{Dependencies: map[string]string{"g": "git+ssh://git@example.com/x/y.git"}}, []string{"p depends on g", "over https only", `[replace] "npm:g"`, `"github:OWNER/REPO#TAG"`}, nil},
		{"git by ssh, short", Request{Dependencies: map[string]string{"g": "git@github.com:x/y.git"}}, []string{"over https only"}, nil},
		{"a folder of a repository", Request{Dependencies: map[string]string{"g": "github:x/y#main::path:packages/z"}}, []string{"a folder of a git repository", `[replace] "npm:g"`}, nil},
		{"tarball by http", Request{Dependencies: map[string]string{"g": "http://example.com/g.tgz"}}, []string{"http can be changed on its way", `[replace] "npm:g"`, `"https://HOST/FILE.tgz"`}, nil},
		{"credentials", Request{Dependencies: map[string]string{"g": "https://me:secret@example.com/g.tgz"}}, []string{"holds credentials"}, nil},
		{"folder", Request{Dependencies: map[string]string{"g": "file:../g"}}, []string{"a folder on its author's machine"}, nil},
		{"workspace", Request{Dependencies: map[string]string{"g": "workspace:*"}}, []string{"workspace"}, nil},
		{"replace", Request{Replace: map[string]string{"a": "file:x"}}, []string{"[replace] of npm:a", `"npm:a" = "1.2.3"`}, nil},
		{"override reference", Request{Dependencies: map[string]string{"a": "1"}, Overrides: map[string]any{"b": "$x"}}, []string{"refers to $x", "package.json"}, nil},
		{"override value", Request{Dependencies: map[string]string{"a": "1"}, Overrides: map[string]any{"b": 1.0}}, []string{"neither a string nor an object"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			reg, client := startRegistry(t)
			publish(t, reg, "a@1.0.0\n"+`b@1.0.0 {"dependencies": {"gone": "^1.0.0"}}`)
			tt.req.Subject = "p"
			_, err := Resolve(t.Context(), client, tt.req)
			if err == nil {
				t.Fatal("no error")
			}
			for _, w := range tt.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the message lacks %q:\n%v", w, err)
				}
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v is not in the chain", tt.is)
			}
		})
	}
}

// authorWorld has the shape of a published provider's lock: the SDK brings in much that the provider itself never needs,
// and the addresses are those of a registry on the author's machine.
const authorPackages = `axios@1.6.0 2024-01-01 {"dependencies": {"form-data": "^4.0.0", "follow-redirects": "^1.15.0"}}
axios@1.7.0 2024-05-01 {"dependencies": {"form-data": "^4.0.0", "follow-redirects": "^1.15.0"}}
form-data@4.0.0 2024-01-01 {"dependencies": {"mime-types": "^2.1.12"}}
form-data@4.0.1 2024-05-01 {"dependencies": {"mime-types": "^2.1.12"}}
mime-types@2.1.35 2024-01-01
mime-types@2.1.36 2024-05-01
follow-redirects@1.15.0 2024-01-01
follow-redirects@1.16.0 2024-05-01
puppeteer@1.0.0 {"scripts": {"install": "node x"}}
typescript@5.0.0
uuid@9.0.0 2024-01-01
uuid@9.0.1 2024-05-01
uuid@9.1.0 2024-06-01`

// authorLocks writes one tree in npm's three formats. mime-types is nested below form-data.
func authorLocks(t *testing.T, c *client) map[string]string {
	t.Helper()
	entry := func(name, version string, more map[string]any) map[string]any {
		d, err := c.Packument(t.Context(), name, true)
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.Version(version)
		if err != nil {
			t.Fatal(err)
		}
		e := map[string]any{"version": version, "resolved": "http://localhost:4873/" + name + "/-/" + name + "-" + version + ".tgz", "integrity": m.Integrity}
		maps.Copy(e, more)
		return e
	}
	sdk := map[string]any{"version": "0.1.8", "resolved": "http://localhost:4873/x.tgz", "integrity": "sha512-AAAA", "dependencies": map[string]string{"puppeteer": "^1.0.0"}}
	packages := map[string]any{
		"":                        map[string]any{"name": "p", "dependencies": map[string]string{"axios": "^1.6.0"}},
		"node_modules/axios":      entry("axios", "1.6.0", nil),
		"node_modules/form-data":  entry("form-data", "4.0.0", nil),
		"node_modules/mime-types": entry("mime-types", "2.1.36", map[string]any{"dev": true}),
		"node_modules/form-data/node_modules/mime-types": entry("mime-types", "2.1.35", nil),
		"node_modules/follow-redirects":                  entry("follow-redirects", "1.15.0", nil),
		"node_modules/puppeteer":                         entry("puppeteer", "1.0.0", map[string]any{"hasInstallScript": true}),
		"node_modules/typescript":                        entry("typescript", "5.0.0", map[string]any{"dev": true}),
		"node_modules/old-uuid":                          entry("uuid", "9.0.0", map[string]any{"name": "uuid"}),
		"node_modules/@mediaconduit/mediaconduit":        sdk,
	}
	v1 := map[string]any{
		"axios":            entry("axios", "1.6.0", map[string]any{"requires": map[string]string{"form-data": "^4.0.0"}}),
		"form-data":        entry("form-data", "4.0.0", map[string]any{"dependencies": map[string]any{"mime-types": entry("mime-types", "2.1.35", nil)}}),
		"mime-types":       entry("mime-types", "2.1.36", map[string]any{"dev": true}),
		"follow-redirects": entry("follow-redirects", "1.15.0", nil),
		"puppeteer":        entry("puppeteer", "1.0.0", nil),
		"old-uuid":         entry("uuid", "9.0.0", map[string]any{"version": "npm:uuid@9.0.0"}),
	}
	write := func(v any) string {
		data, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return map[string]string{
		"v1": write(map[string]any{"lockfileVersion": 1, "dependencies": v1}),
		"v2": write(map[string]any{"lockfileVersion": 2, "packages": packages, "dependencies": v1}),
		"v3": write(map[string]any{"lockfileVersion": 3, "packages": packages}),
	}
}

func TestAuthorLock(t *testing.T) {
	reg, client := startRegistry(t)
	publish(t, reg, authorPackages)
	locks := authorLocks(t, client)
	deps := map[string]string{"axios": "^1.6.0", "form-data": "^4.0.0", "old-uuid": "npm:uuid@^9.0.0", "@mediaconduit/mediaconduit": "^0.1.8"}
	want := lines(".: axios@1.6.0 form-data@4.0.0 old-uuid=uuid@9.0.0", "axios@1.6.0: follow-redirects@1.15.0 form-data@4.0.0",
		"follow-redirects@1.15.0:", "form-data@4.0.0: mime-types@2.1.35", "mime-types@2.1.35:", "uuid@9.0.0:")
	resolveIn := func(t *testing.T, file, lock string, change func(*Request)) (Result, error) {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(lock), 0o644); err != nil {
			t.Fatal(err)
		}
		req := Request{Subject: "p", Dependencies: maps.Clone(deps), Dir: dir, Time: date("2024-05-15")}
		if change != nil {
			change(&req)
		}
		return Resolve(t.Context(), client, req)
	}
	for _, file := range []string{"package-lock.json", "npm-shrinkwrap.json"} {
		for version, lock := range locks {
			t.Run(file+" "+version, func(t *testing.T) {
				got, err := resolveIn(t, file, lock, nil)
				if err != nil {
					t.Fatal(err)
				}
				if s := draw(got); s != want {
					t.Errorf("got\n%swant\n%s", s, want)
				}
				if len(got.Warnings) != 0 || len(got.Libraries) != 5 {
					t.Errorf("%d libraries, warnings %q", len(got.Libraries), got.Warnings)
				}
			})
		}
	}
	t.Run("stale", func(t *testing.T) {
		got, err := resolveIn(t, "npm-shrinkwrap.json", locks["v3"], func(r *Request) {
			r.Dependencies["axios"] = "^1.7.0" // the lock has 1.6.0
			r.Dependencies["uuid"] = "^9.0.1"  // the lock has it by another name and too old
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := draw(got); !strings.Contains(s, "axios@1.7.0: follow-redirects@1.15.0 form-data@4.0.0\n") || !strings.Contains(s, " uuid@9.0.1\n") {
			t.Errorf("the stale edges alone are chosen anew, as of the time:\n%s", s)
		}
	})
	t.Run("integrity differs", func(t *testing.T) {
		lock := locks["v3"]
		i := strings.Index(lock, `"node_modules/axios"`)
		i += strings.Index(lock[i:], "sha512-") + len("sha512-")
		lock = lock[:i] + "AAAA" + lock[i+4:]
		_, err := resolveIn(t, "package-lock.json", lock, nil)
		if report.KindOf(err) != report.Integrity {
			t.Fatalf("no integrity error: %v", err)
		}
		for _, w := range []string{"axios@1.6.0", "package-lock.json says sha512-AAAA", "registry says sha512-", `[replace] "npm:axios"`} {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("the message lacks %q:\n%v", w, err)
			}
		}
	})
	t.Run("malformed", func(t *testing.T) {
		_, err := resolveIn(t, "package-lock.json", "<<<<<<< HEAD\n", nil)
		if err == nil || !strings.Contains(err.Error(), "package-lock.json") || !strings.Contains(err.Error(), "npm install --package-lock-only") {
			t.Errorf("%v", err)
		}
	})
	t.Run("unpublished", func(t *testing.T) {
		if err := reg.Unpublish("mime-types", "2.1.35"); err != nil {
			t.Fatal(err)
		}
		client.docs = map[string]*Packument{}
		_, err := resolveIn(t, "package-lock.json", locks["v3"], nil)
		if !errors.Is(err, ErrNoSuchVersion) || !strings.Contains(err.Error(), "form-data@4.0.0 needs mime-types@^2.1.12") || !strings.Contains(err.Error(), "unpublished") || !strings.Contains(err.Error(), `[replace] "npm:mime-types"`) {
			t.Errorf("%v", err)
		}
		for _, version := range []string{"4.0.0", "4.0.1"} {
			if err := reg.Unpublish("form-data", version); err != nil {
				t.Fatal(err)
			}
		}
		client.docs = map[string]*Packument{}
		_, err = Resolve(t.Context(), client, Request{Subject: "p", Dependencies: map[string]string{"axios": "1"}})
		for _, w := range []string{"axios@1.7.0 needs form-data@^4.0.0", "form-data was unpublished", `[replace] "npm:NAME" = "VERSION"`, "conduit get SOURCE@VERSION"} {
			if err == nil || !errors.Is(err, ErrNoSuchVersion) || !strings.Contains(err.Error(), w) {
				t.Errorf("the message lacks %q: %v", w, err)
			}
		}
	})
}

func TestResolveIsAFunctionOfItsInput(t *testing.T) {
	reg, client := startRegistry(t)
	var packages []string
	for i := range 30 {
		for v := range 3 {
			packages = append(packages, fmt.Sprintf(`p%d@1.%d.0 {"dependencies": {"p%d": "~1.%d.0", "p%d": "^1.0.0"}, "peerDependencies": {"p%d": "*"}}`, i, v, (i*7+1)%30, v, (i*3+2)%30, (i*5+3)%30))
		}
	}
	publish(t, reg, strings.Join(packages, "\n"))
	req := Request{Subject: "p", Dependencies: map[string]string{"p0": "*", "p9": "~1.1.0", "p4": "1.0.0"}}
	first, err := Resolve(t.Context(), client, req)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if again, err := Resolve(t.Context(), client, req); err != nil || !reflect.DeepEqual(again, first) {
			t.Fatalf("the second result differs: %v\n%s\n%s", err, draw(again), draw(first))
		}
	}
}

func TestPublishArchive(t *testing.T) {
	reg, client := startRegistry(t)
	err := reg.PublishArchive(txtar.Parse([]byte(`-- @s/a@1.0.0/package.json --
{"dependencies": {"b": "^1"}, "npmtest": {"time": "2024-01-01T00:00:00Z", "tags": ["next"], "deprecated": "no"}}
-- @s/a@1.0.0/index.js --
1
-- b@1.0.0/index.js --
2
`)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := client.Packument(t.Context(), "@s/a", true)
	if err != nil {
		t.Fatal(err)
	}
	m, err := d.Version("1.0.0")
	if err != nil || m.Deprecated != "no" || m.Dependencies["b"] != "^1" || d.DistTags["next"] != "1.0.0" || !d.Time["1.0.0"].Equal(date("2024-01-01")) {
		t.Errorf("%+v %+v %v", d, m, err)
	}
}

func FuzzParsePackument(f *testing.F) {
	f.Add([]byte(`{"name":"a","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"a","dependencies":{"b":"1"},"bundleDependencies":true,"os":"linux","scripts":{"install":"x"},"dist":{"integrity":"sha512-x"}}},"time":{"1.0.0":"2024-01-01T00:00:00Z"}}`))
	f.Add([]byte(`{"name":"a","versions":[1],"time":"x"}`))
	f.Add([]byte(`{"name":"a","versions":{"1.0.0":"x\"}","2.0.0":{"dist":[],"peerDependenciesMeta":{"a":1}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		reduced, err := Reduce(data)
		if err != nil {
			return
		}
		if !json.Valid(reduced) {
			t.Fatalf("reduced to invalid JSON: %s", reduced)
		}
		a, errA := ParsePackument("a", data)
		b, errB := ParsePackument("a", reduced)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%v, reduced %v", errA, errB)
		}
		if errA != nil {
			return
		}
		if !slices.Equal(a.Versions(), b.Versions()) || !maps.Equal(a.DistTags, b.DistTags) {
			t.Fatalf("%v, reduced %v", a, b)
		}
		for _, v := range a.Versions() {
			if m, err := b.Version(v); err == nil && m.Version != v {
				t.Fatalf("%s is %s", v, m.Version)
			}
		}
	})
}

func FuzzParseAuthorLock(f *testing.F) {
	f.Add([]byte(`{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"node_modules/a/node_modules/@s/b":{"version":"2.0.0","name":"c"}}}`), "a")
	f.Add([]byte(`{"dependencies":{"a":{"version":"npm:b@1.0.0","dependencies":{"c":{"version":"1.0.0"}}}}}`), "c")
	f.Add([]byte(`{"dependencies":{"a":{"version":":.0","dependencies":{"c":{"version":"1.0.0"}}}}}`), "a")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		l, err := parseNPMLock("package-lock.json", data)
		if err != nil {
			return
		}
		for _, ref := range append(l.all(), l.root()) {
			for _, kind := range []edgeKind{required, peer} {
				to, ok := ref.lookup(name, kind)
				if !ok || to.locked().version != "" {
					continue
				}
				// Only what came from an address may lack a version.
				if at, ok := to.(authorRef); !ok || at.lock.entries[at.location].Resolved == "" {
					t.Fatalf("%v has no version", to)
				}
			}
		}
	})
}
