package lockfile

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

func TestMerge(t *testing.T) {
	a, b := provider("cowsay", "v1.2.0"), Merge(provider("cowsay", "v1.1.0"), provider("moo", "v0.3.0"))
	aText, bText := a.Format(), b.Format()
	for _, m := range []*Lock{Merge(a, b), Merge(b, a)} {
		if err := m.check(); err != nil {
			t.Fatalf("%v in\n%s", err, m.Format())
		}
		if len(m.Root) != 2 || len(m.Modules) != 4 || m.Root[0].Version != "v1.2.0" {
			t.Errorf("merged into\n%s", m.Format())
		}
	}
	if !bytes.Equal(a.Format(), aText) || !bytes.Equal(b.Format(), bText) {
		t.Error("Merge changed its arguments")
	}
	if got := Merge(a, a).Format(); !bytes.Equal(got, aText) {
		t.Errorf("a lock merged with itself is\n%s", got)
	}
	for _, m := range []*Lock{Merge(a, nil), Merge(nil, a)} {
		if !bytes.Equal(m.Format(), aText) {
			t.Errorf("a lock merged with none is\n%s", m.Format())
		}
	}
	if got := Merge(nil, nil); got == nil || len(got.Root) != 0 {
		t.Error(got)
	}
}

func TestMergeKeepsLines(t *testing.T) {
	// Two majors of one service live side by side: neither wins over the other.
	v1, v2 := provider("x", "v1.0.0"), provider("x", "v2.0.0")
	v2.Root[0].Name = "x2"
	m := Merge(v1, v2)
	if len(m.Modules) != 4 {
		t.Errorf("%s", m.Format())
	}
	if err := m.check(); err != nil {
		t.Error(err)
	}
}

func TestDiff(t *testing.T) {
	old, new := Merge(provider("a", "v1.0.0"), provider("gone", "v1.0.0")), Merge(provider("a", "v1.1.0"), provider("new", "v1.0.0"))
	old = Merge(old, provider("down", "v1.5.0"))
	new = Merge(new, provider("down", "v1.4.0"))
	old = Merge(old, provider("major", "v1.5.0"))
	new = Merge(new, provider("major", "v2.0.0"))
	old.Modules = append(old.Modules, Module{Source: "file:./x", Kind: KindProvider, Sum: "h1:1", Artifact: "sha256:1"})
	new.Modules = append(new.Modules, Module{Source: "file:./x", Kind: KindProvider, Sum: "h1:2", Artifact: "sha256:2"})
	old.Libraries = append(old.Libraries, resolve.Library{Name: "axios", Version: "0.27.0"}, resolve.Library{Name: "left", Version: "1.0.0"})
	new.Libraries = append(new.Libraries, resolve.Library{Name: "axios", Version: "1.7.0"}, resolve.Library{Name: "right", Version: "1.0.0"})
	old.Toolchain = []Tool{{Name: "node", Platform: "linux-amd64", Version: "22.9.0"}}
	new.Toolchain = []Tool{{Name: "node", Platform: "linux-amd64", Version: "22.10.0"}}
	var got []string
	for _, c := range Diff(old, new) {
		got = append(got, c.String())
	}
	want := []string{
		"changed provider file:./x (sum, artifact)",
		"upgraded provider github:o/a-provider v1.0.0 → v1.1.0",
		"upgraded service github:o/a-service v1.0.0 → v1.1.0",
		"downgraded provider github:o/down-provider v1.5.0 → v1.4.0",
		"downgraded service github:o/down-service v1.5.0 → v1.4.0",
		"removed provider github:o/gone-provider v1.0.0",
		"removed service github:o/gone-service v1.0.0",
		"upgraded provider github:o/major-provider v1.5.0 → v2.0.0",
		"upgraded service github:o/major-service v1.5.0 → v2.0.0",
		"added provider github:o/new-provider v1.0.0",
		"added service github:o/new-service v1.0.0",
		"upgraded library axios 0.27.0 → 1.7.0",
		"removed library left 1.0.0",
		"added library right 1.0.0",
		"upgraded tool node 22.9.0 → 22.10.0",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if d := Diff(old, old); d != nil {
		t.Errorf("a lock differs from itself: %v", d)
	}
	stating, more := provider("a", "v1.0.0"), provider("a", "v1.1.0")
	stating.Modules[0].Permissions, more.Modules[0].Permissions = []string{"no net", "read /a"}, []string{"no net", "write /a"}
	if d := Diff(stating, more)[0].Permissions; d == nil || fmt.Sprintf("%q", *d) != `{["write /a"] ["read /a"] ["write /a"]}` {
		t.Errorf("permissions: %+v", d)
	}
	if d := Diff(nil, stating)[0].Permissions; d == nil || fmt.Sprintf("%q", *d) != `{["read /a" "any run"] [] []}` {
		t.Errorf("permissions of a new one: %+v", d)
	}
	if d := Diff(nil, provider("a", "v1.0.0")); len(d) != 6 || d[0].Permissions != nil {
		t.Errorf("%v", d)
	}
}

func TestStale(t *testing.T) {
	manifest := `[toolchain]
node = "^22"
[providers]
cowsay = "https://github.com/o/cowsay-provider@^1"
fal = { source = "fal-ai", config = { a = 1 } }
[services]
gpu = { source = "@acme/gpu", version = ">=1.4 <3", port = 1 }
[replace]
"npm:form-data" = "4.0.3"
[exclude]
"npm:@acme/gpu" = ["v1.4.1", "v1.4.0-rc.2"]
[aliases]
fal-ai = "npm:@fal-ai/provider@^1"
`
	lock := &Lock{
		Node: "^22",
		Root: []Root{
			{Name: "cowsay", Kind: KindProvider, Source: "github:o/cowsay-provider", Range: "^1", Version: "v1.0.0"},
			{Name: "fal", Kind: KindProvider, Source: "npm:@fal-ai/provider", Range: "^1", Version: "v1.0.0"},
			{Name: "gpu", Kind: KindService, Source: "npm:@acme/gpu", Range: ">=1.4 <3", Version: "v1.4.0"},
		},
		Replace:   []Replacement{{Old: "npm:form-data", New: "4.0.3"}},
		Exclude:   map[string][]string{"npm:@acme/gpu": {"v1.4.0-rc.2", "v1.4.1"}},
		Toolchain: []Tool{{Name: "node", Version: "22.1.0", Platform: "linux-amd64"}},
	}
	stale := func(text string, local ...Replacement) []Difference {
		m, err := ParseManifest(ManifestName, []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		m.overlay(local)
		return lock.Stale(m)
	}
	if d := stale(manifest); d != nil || StaleError(d) != nil {
		t.Fatalf("%+v", d)
	}
	for _, c := range []struct{ old, new, want string }{
		{"provider@^1\"\nfal", "provider@^2\"\nfal", "conduit.toml:4: conduit.lock was not made for this conduit.toml: provider cowsay asks for ^2, the lock was made for ^1\n  next: conduit lock"},
		{"o/cowsay-provider", "p/cowsay-provider", "conduit.toml:4: conduit.lock was not made for this conduit.toml: provider cowsay comes from github:p/cowsay-provider, the lock was made for github:o/cowsay-provider"},
		{"@acme/gpu\", version = \">=1.4 <3\"", "@acme/gpu\"", "conduit.toml:7: conduit.lock was not made for this conduit.toml: service gpu asks for any version, the lock was made for >=1.4 <3"},
		{"[services]", "more = \"npm:more\"\n[services]", "conduit.toml:6: conduit.lock was not made for this conduit.toml: provider more is not in the lock"},
		{"fal = {", "lam = {", "conduit.toml:5: provider lam is not in the lock\n  conduit.toml: provider fal is locked, but no longer required\n"},
		{"provider@^1\"\n", "provider@^2\"\n", "asks for ^2"},
		{"\"4.0.3\"", "\"4.0.4\"", "conduit.toml:9: conduit.lock was not made for this conduit.toml: npm:form-data is replaced by 4.0.4, the lock was made for 4.0.3"},
		{"\"npm:form-data\" = \"4.0.3\"\n", "", "conduit.toml: conduit.lock was not made for this conduit.toml: the lock was made with npm:form-data replaced by 4.0.3, which no longer stands there"},
		{", \"v1.4.0-rc.2\"", "", "conduit.toml:11: conduit.lock was not made for this conduit.toml: the exclusions of npm:@acme/gpu are [v1.4.1], the lock was made for [v1.4.0-rc.2, v1.4.1]"},
		{"\"^22\"", "\"^24\"", "conduit.toml:2: conduit.lock was not made for this conduit.toml: the toolchain asks for node ^24, the lock was made for ^22"},
	} {
		text := strings.Replace(manifest, c.old, c.new, 1)
		if text == manifest {
			t.Fatalf("%q is not in the manifest", c.old)
		}
		if err := StaleError(stale(text)); report.KindOf(err) != report.Lock || !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	if err := StaleError(stale(manifest, Replacement{Old: "github:a/b", New: "file:../b", Local: true, Line: 3})); !strings.Contains(fmt.Sprint(err), "conduit.local.toml:3: ") {
		t.Error(err)
	}
	if err := StaleError(stale(manifest, Replacement{Old: "npm:form-data", New: "4.0.3", Local: true, Line: 3})); !strings.Contains(fmt.Sprint(err), "has moved between") {
		t.Error(err)
	}
	lock.Toolchain = nil
	if err := StaleError(stale(manifest)); report.KindOf(err) != report.Lock || !strings.Contains(fmt.Sprint(err), "conduit.toml:2: conduit.lock was not made for this conduit.toml: the toolchain asks for node ^22, the lock holds none") {
		t.Error(err)
	}
}

func FuzzParseLock(f *testing.F) {
	f.Add(sample().Format())
	f.Add([]byte("version = 1\n[[library]]\nname='a'\nversion='1'\n[[module]]\nsource='x'\nkind='service'\nlibraries=['. > b=a@1','a@1']\n"))
	f.Add([]byte("version = 1\n<<<<<<< a\nnode='1'\n=======\nnode='2'\n>>>>>>> b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ParseLock(data)
		if err != nil {
			if report.KindOf(err) != report.Lock || !strings.Contains(err.Error(), "next: ") {
				t.Fatalf("%v", err)
			}
			return
		}
		text := l.Format()
		again, err := ParseLock(text)
		if err != nil {
			t.Fatalf("%v in\n%s\nfrom %q", err, text, data)
		}
		if !bytes.Equal(again.Format(), text) {
			t.Fatalf("%q is no fixpoint:\n%s\n%s", data, text, again.Format())
		}
		if d := Diff(l, again); d != nil {
			t.Fatalf("%v", d)
		}
		if m := Merge(l, again); !bytes.Equal(m.Format(), Merge(m, l).Format()) {
			t.Fatalf("%q: merging again changes\n%s", data, m.Format())
		}
	})
}
