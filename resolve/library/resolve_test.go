package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

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
