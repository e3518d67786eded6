package build

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/MediaConduit/conduit/build/layout"
	"github.com/MediaConduit/conduit/cache"
	"github.com/MediaConduit/conduit/manifest"
	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/verify"
)

// fixture is a provider with its libraries, written as one txtar file:
//
//	provider/…         the provider's tree
//	lib/NAME@VERSION/… a library's files; package.json is made where it is absent
//	tree               lines "ID: name=ID …"; without it the provider has all libraries, and they have none
//	manifest           lines "main …", "exportName …", "type …"
//	drive.mjs          run under node with the artifact's provider.mjs as its argument
//	stdout             what it must print
//	warnings           lines "WHERE: MESSAGE"
//	external           words: libraries that conduit.toml keeps outside; "*" for all
//	outside            lines "ID as NAME: WHY (WHERE)" of what stays outside
//	error              the error of the build instead
type fixture struct {
	files    map[string]string
	input    Input
	tarballs map[string][]byte
}

func loadFixture(t *testing.T, file string) *fixture {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	f := &fixture{files: map[string]string{}, tarballs: map[string][]byte{}}
	libs := map[string]map[string]string{}
	dir := t.TempDir()
	for _, each := range archive.Files {
		name, data := each.Name, string(each.Data)
		switch {
		case strings.HasPrefix(name, "provider/"):
			writeFile(t, filepath.Join(dir, strings.TrimPrefix(name, "provider/")), data)
		case strings.HasPrefix(name, "lib/"):
			id, rest := splitLibrary(strings.TrimPrefix(name, "lib/"))
			if libs[id] == nil {
				libs[id] = map[string]string{}
			}
			libs[id][rest] = data
		default:
			f.files[name] = data
		}
	}
	sum, err := verify.DirSum(dir)
	if err != nil {
		t.Fatal(err)
	}
	f.input = Input{Subject: "github:acme/fixture@v1.0.0", Dir: dir, Sum: sum, Tarball: f.tarball(t),
		Provider: &manifest.Provider{File: "MediaConduit.provider.yml", Type: "local"}}
	for line := range strings.Lines(f.files["manifest"]) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "main":
			f.input.Provider.Main = value
		case "packageMain":
			f.input.Provider.PackageMain = value
		case "exportName":
			f.input.Provider.ExportName = value
		case "type":
			f.input.Provider.Type = value
		}
	}
	f.input.External = strings.Fields(f.files["external"])
	f.input.Unbundled = slices.Contains(f.input.External, "*")
	f.addLibraries(t, libs)
	return f
}

func (f *fixture) addLibraries(t testing.TB, libs map[string]map[string]string) {
	root := resolve.Node{ID: "."}
	for _, id := range sortedKeys(libs) {
		files := libs[id]
		name, version := id[:strings.LastIndexByte(id, '@')], id[strings.LastIndexByte(id, '@')+1:]
		if files["package.json"] == "" {
			files["package.json"] = fmt.Sprintf("{\"name\": %q, \"version\": %q}", name, version)
		}
		f.tarballs[id] = makeTarball(t, files)
		f.input.Libraries = append(f.input.Libraries, resolve.Library{Name: name, Version: version,
			Integrity: verify.IntegrityOf(f.tarballs[id]).String()})
		root.Edges = append(root.Edges, resolve.Edge{Name: name, ID: id})
		f.input.Nodes = append(f.input.Nodes, resolve.Node{ID: id})
	}
	f.input.Nodes = append(f.input.Nodes, root)
	if f.files["tree"] == "" {
		return
	}
	f.input.Nodes = nil
	for line := range strings.Lines(f.files["tree"]) {
		id, edges, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			t.Fatalf("tree: %q", line)
		}
		node := resolve.Node{ID: id}
		for edge := range strings.FieldsSeq(edges) {
			name, to, _ := strings.Cut(edge, "=")
			node.Edges = append(node.Edges, resolve.Edge{Name: name, ID: to})
		}
		f.input.Nodes = append(f.input.Nodes, node)
	}
}

// tarball writes a library's tarball where the builder finds it.
func (f *fixture) tarball(t testing.TB) TarballFunc {
	dir := t.TempDir()
	return func(_ context.Context, lib resolve.Library) (string, error) {
		id := lib.Name + "@" + lib.Version
		data, ok := f.tarballs[id]
		if !ok {
			return "", errors.New("no tarball of " + id)
		}
		file := filepath.Join(dir, strings.ReplaceAll(id, "/", "+")+".tgz")
		return file, os.WriteFile(file, data, 0o666)
	}
}

func splitLibrary(name string) (id, rest string) {
	parts := strings.SplitN(name, "/", 3)
	if strings.HasPrefix(name, "@") {
		return parts[0] + "/" + parts[1], parts[2]
	}
	id, rest, _ = strings.Cut(name, "/")
	return id, rest
}

func sortedKeys[V any](m map[string]V) []string {
	var keys []string
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func makeTarball(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	w := tar.NewWriter(zip)
	for _, name := range sortedKeys(files) {
		err := w.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(files[name])), Typeflag: tar.TypeReg})
		if err == nil {
			_, err = w.Write([]byte(files[name]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func writeFile(t testing.TB, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}

func newBuilder(t testing.TB) *Builder {
	t.Helper()
	dir := t.TempDir()
	c, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.RemoveAll(dir) })
	return New(c)
}

// runNode runs a script and returns what it printed on standard output; its working folder is empty.
func runNode(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", args...)
	cmd.Dir = t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s%s", err, out, stderr.String())
	}
	return string(out)
}

// TestFixtures builds every provider of testdata and runs what was built.
func TestFixtures(t *testing.T) {
	list, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(list) == 0 {
		t.Fatal("no fixtures", err)
	}
	for _, file := range list {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			f := loadFixture(t, file)
			a, err := newBuilder(t).Build(t.Context(), f.input)
			if want, ok := f.files["error"]; ok {
				compare(t, "error", fmt.Sprintln(err), want)
				if report.KindOf(err) != report.Provider {
					t.Errorf("kind %v, want provider", report.KindOf(err))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var warnings strings.Builder
			for _, w := range a.Warnings {
				fmt.Fprintf(&warnings, "%s: %s\n", w.Where, w.Message)
				if w.Subject != f.input.Subject || w.Type != report.Warning && w.Type != report.Detail {
					t.Errorf("warning %+v", w)
				}
			}
			compare(t, "warnings", warnings.String(), f.files["warnings"])
			compare(t, "outside", outsideText(a.Externals), f.files["outside"])
			script := filepath.Join(t.TempDir(), "drive.mjs")
			writeFile(t, script, "const { provider, sdk } = await import(process.argv[2]);\n"+f.files["drive.mjs"])
			compare(t, "stdout", runNode(t, script, filepath.Join(f.layOut(t, a), ProviderFile)), f.files["stdout"])
		})
	}
}

func outsideText(list []External) string {
	var out strings.Builder
	for _, e := range list {
		out.WriteString(e.ID)
		if e.Name != "" {
			out.WriteString(" as " + e.Name)
		}
		out.WriteString(": " + e.Why)
		if e.Where != "" {
			out.WriteString(" (" + e.Where + ")")
		}
		out.WriteString("\n")
	}
	return out.String()
}

// layOut returns the folder to run an artifact from.
func (f *fixture) layOut(t testing.TB, a Artifact) string {
	t.Helper()
	in := layout.Input{Subject: f.input.Subject, Artifact: a.Dir, Digest: a.Digest, Nodes: f.input.Nodes, Libraries: f.input.Libraries,
		Platform: layout.Here(), Tarball: layout.TarballFunc(f.input.Tarball)}
	for _, e := range a.Externals {
		if e.Name != "" {
			in.Roots = append(in.Roots, resolve.Edge{Name: e.Name, ID: e.ID})
		}
	}
	if len(in.Roots) == 0 {
		return a.Dir
	}
	plan, err := layout.New(in)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c, err := cache.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cache.RemoveAll(dir) })
	out, err := plan.Make(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func compare(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", what, got, want)
	}
}
