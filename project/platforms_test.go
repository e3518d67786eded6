package project

import (
	"context"
	"errors"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/resolve/library"
)

const goodIntegrity = "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg=="

// withImage is a lock of one provider whose library image has variants for linux and windows.
func withImage() *lockfile.Lock {
	lib := func(name string, os, cpu []string) resolve.Library {
		return resolve.Library{Name: name, Version: "1.0.0", Integrity: goodIntegrity, OS: os, CPU: cpu}
	}
	return &lockfile.Lock{
		Modules: []lockfile.Module{{
			Source: "github:a/b", Version: "v1.0.0", Kind: lockfile.KindProvider, Commit: strings.Repeat("a", 40), Sum: "h1:x", Artifact: "sha256:x", Builder: "b",
			Libraries: []resolve.Node{
				{ID: ".", Edges: []resolve.Edge{{Name: "image", ID: "image@1.0.0"}}},
				{ID: "image@1.0.0", Edges: []resolve.Edge{{Name: "image-linux", ID: "image-linux@1.0.0"}, {Name: "image-win32", ID: "image-win32@1.0.0"}}},
				{ID: "image-linux@1.0.0", Edges: []resolve.Edge{{Name: "elf", ID: "elf@1.0.0"}}},
				{ID: "image-win32@1.0.0"}, {ID: "elf@1.0.0"},
			},
		}},
		Libraries: []resolve.Library{lib("image", nil, nil), lib("image-linux", []string{"linux"}, nil), lib("image-win32", []string{"win32"}, []string{"!arm64"}), lib("elf", nil, nil)},
	}
}

// documents are package documents in a test's cache.
type documents map[string]string

func (d documents) Packument(_ context.Context, name string, _ bool) (*library.Packument, error) {
	if text, ok := d[name]; ok {
		return library.ParsePackument(name, []byte(text))
	}
	return nil, errors.New("not in the cache")
}

var imageDocuments = documents{
	"image":        `{"name":"image","versions":{"1.0.0":{"optionalDependencies":{"image-linux":"1.0.0","image-win32":"1.0.0","image-darwin":"1.0.0","image-plan9":"1.0.0","image-sunos":"2"},"dist":{}}}}`,
	"image-darwin": `{"name":"image-darwin","versions":{"1.0.0":{"os":["darwin"],"cpu":["arm64"],"dist":{}}}}`,
	"image-sunos":  `{"name":"image-sunos","versions":{"1.0.0":{"os":["sunos"],"dist":{}}}}`,
}

func checkLock(t *testing.T, lock *lockfile.Lock, docs library.Registry) error {
	t.Helper()
	c := newPlatformCheck(lock)
	for i := range lock.Modules {
		c.module(&lock.Modules[i])
		for _, on := range platforms {
			c.libraries(&lock.Modules[i], on)
		}
		if err := c.optional(context.Background(), docs, &lock.Modules[i]); err != nil {
			t.Fatal(err)
		}
	}
	c.tools()
	return c.err()
}

func TestPlatforms(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*lockfile.Lock)
		docs documents
		want string // in Why; "" for a lock that serves all
	}{
		{"complete", func(*lockfile.Lock) {}, nil, ""},
		{"variant not locked", func(*lockfile.Lock) {}, imageDocuments,
			"the library image-darwin, which image@1.0.0 in github:a/b@v1.0.0 can use, is not locked (on darwin-arm64)"},
		{"no integrity on some", func(l *lockfile.Lock) { l.Libraries[2].Integrity = "" }, nil,
			"the library image-win32@1.0.0 has no integrity that proves anything (on windows-amd64)"},
		{"behind a variant", func(l *lockfile.Lock) { l.Libraries[3].Integrity = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=" }, nil,
			"the library elf@1.0.0 has no integrity that proves anything (on linux-amd64, linux-arm64)"},
		{"everywhere", func(l *lockfile.Lock) { l.Libraries[0].Integrity = "" }, nil,
			"the library image@1.0.0 has no integrity that proves anything (everywhere)"},
		{"library gone", func(l *lockfile.Lock) { l.Libraries = slices.Delete(l.Libraries, 3, 4) }, nil,
			"the library elf@1.0.0 of github:a/b@v1.0.0 is not locked (on linux-amd64, linux-arm64)"},
		{"commit", func(l *lockfile.Lock) { l.Modules[0].Commit = "" }, nil, "github:a/b@v1.0.0 has no commit (everywhere)"},
		{"npm", func(l *lockfile.Lock) { l.Modules[0].Source = "npm:b" }, nil, "npm:b@v1.0.0 has no integrity that proves anything (everywhere)"},
		{"sum", func(l *lockfile.Lock) { l.Modules[0].Sum = "" }, nil, "github:a/b@v1.0.0 has no sum (everywhere)"},
		{"artifact", func(l *lockfile.Lock) { l.Modules[0].Artifact = "" }, nil, "github:a/b@v1.0.0 has no artifact (everywhere)"},
		{"folder", func(l *lockfile.Lock) {
			l.Modules[0].Source, l.Modules[0].Version, l.Modules[0].Commit = "file:./b", "", ""
		}, nil, ""},
		{"tools", func(l *lockfile.Lock) {
			for _, on := range platforms[:5] {
				l.Toolchain = append(l.Toolchain, lockfile.Tool{Name: "node", Version: "22.1.0", Platform: on.name, Integrity: goodIntegrity})
			}
		}, nil, "the tool node is not locked (on windows-arm64)"},
		{"tool not published", func(l *lockfile.Lock) {
			for _, on := range platforms[:6] {
				l.Toolchain = append(l.Toolchain, lockfile.Tool{Name: "node", Version: "22.1.0", Platform: on.name, Integrity: goodIntegrity})
			}
			l.Toolchain[5].Integrity = ""
		}, nil, ""},
		{"tool that nothing proves", func(l *lockfile.Lock) {
			for _, on := range platforms[:6] {
				l.Toolchain = append(l.Toolchain, lockfile.Tool{Name: "node", Version: "22.1.0", Platform: on.name, Integrity: "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk="})
			}
		}, nil, "the tool node 22.1.0 has no integrity that proves anything (everywhere)"},
	} {
		lock := withImage()
		test.edit(lock)
		err := checkLock(t, lock, test.docs)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			continue
		}
		var e *report.Error
		if !errors.As(err, &e) || e.Kind != report.Lock || e.Why != test.want || !strings.Contains(e.Next, "conduit lock") {
			t.Errorf("%s: %#v\nwant %s", test.name, e, test.want)
		}
	}
}

func TestRuns(t *testing.T) {
	for _, test := range []struct {
		os, cpu []string
		want    string
	}{
		{nil, nil, "linux-amd64 linux-arm64 darwin-amd64 darwin-arm64 windows-amd64 windows-arm64"},
		{[]string{"win32"}, nil, "windows-amd64 windows-arm64"},
		{[]string{"!win32"}, []string{"x64"}, "linux-amd64 darwin-amd64"},
		{[]string{"darwin", "linux"}, []string{"!x64", "!ia32"}, "linux-arm64 darwin-arm64"},
		{[]string{"any"}, []string{"arm"}, ""},
	} {
		var got []string
		for _, on := range platforms {
			if on.runs(&resolve.Library{OS: test.os, CPU: test.cpu}) {
				got = append(got, on.name)
			}
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("os %v, cpu %v: %v", test.os, test.cpu, got)
		}
	}
}

// TestSameLockEverywhere: nothing that decides what a lock or an artifact holds asks which platform it runs on.
func TestSameLockEverywhere(t *testing.T) {
	found := map[string]bool{}
	for _, root := range []string{"report", "verify", "manifest", "cache", "resolve", "lockfile", "build", "sdk", "project"} {
		err := filepath.WalkDir(filepath.Join("..", root), func(file string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return err
			}
			name := strings.TrimPrefix(filepath.ToSlash(file), "../")
			match, err := build.Default.MatchFile(filepath.Dir(file), filepath.Base(file))
			if err != nil {
				return err
			}
			for _, on := range []string{"linux", "darwin", "windows"} {
				other := build.Default
				other.GOOS = on
				same, err := other.MatchFile(filepath.Dir(file), filepath.Base(file))
				if err != nil {
					return err
				}
				found[name] = found[name] || same != match
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, i := range f.Imports {
				found[name] = found[name] || i.Path.Value == `"runtime"`
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for name, asks := range found {
		if asks {
			got = append(got, name)
		}
	}
	slices.Sort(got)
	want := []string{
		"build/layout/platform.go",                                                                 // what a sync lays out here, and which of the locked native builds
		"build/sandbox/child_linux.go", "build/sandbox/run_linux.go", "build/sandbox/run_other.go", // whether there is a sandbox
		"cache/cache.go",                                    // whose cache is refused
		"project/owner_unix.go", "project/owner_windows.go", // whose project is refused
		"project/policy_file_other.go", "project/policy_file_windows.go", // where the machine's rules are: they refuse, and choose nothing
		"project/sync.go",                                                         // how many providers are built at once
		"project/toolchain.go",                                                    // which Node.js is installed and started
		"resolve/source/github/netrc.go",                                          // where credentials are
		"resolve/source/manners/agent.go",                                         // what requests say of themselves
		"verify/witness/attributes_other.go", "verify/witness/attributes_unix.go", // whether a sync has to hash again what it has hashed
		"verify/witness/changed_darwin.go", "verify/witness/changed_linux.go", // by which field of the system's answer
	}
	if !slices.Equal(got, want) {
		t.Errorf("files that may do other things on other platforms: %v\nwant %v", got, want)
	}
}
