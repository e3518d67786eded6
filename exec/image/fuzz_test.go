package image

import (
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// FuzzParseDockerfile: whatever a Dockerfile says, reading ends and does not panic; without digests it stays as it is, and
// with them it keeps its lines.
func FuzzParseDockerfile(f *testing.F) {
	f.Add([]byte(example), "builder")
	f.Add([]byte("# escape=`\nARG A=b\nFROM ${A:-x} AS c\nRUN <<EOF\nFROM d\nEOF\nCOPY --from=0 a b\n"), "0")
	f.Add([]byte("FROM a AS a\nFROM a\nADD --checksum=x https://host/y z\nONBUILD COPY --from=x y z\n"), "")
	f.Fuzz(func(t *testing.T, text []byte, target string) {
		d, err := ParseDockerfile(text, Build{Target: target, Args: map[string]string{"A": target}, Contexts: []string{"files"}})
		if err != nil {
			return
		}
		if plain := d.Pin(nil); string(plain) != string(text) {
			t.Fatalf("%q was pinned to nothing and became %q", text, plain)
		}
		digests := map[string]string{}
		for _, ref := range d.Images() {
			digests[ref] = Pin(ref, "sha256:"+strings.Repeat("a", 64))
		}
		if !slices.IsSorted(d.Images()) {
			t.Errorf("not sorted: %q", d.Images())
		}
		if got := d.Pin(digests); strings.Count(string(got), "\n") != strings.Count(string(text), "\n") {
			t.Errorf("%q was pinned to %q, which has other lines", text, got)
		}
	})
}

// FuzzFind: whatever a manifest says, what is found in it has digests that are digests, and sizes.
func FuzzFind(f *testing.F) {
	sum := "sha256:" + strings.Repeat("a", 64)
	f.Add([]byte(`{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "` + sum + `", "size": 2}, "layers": [{"digest": "` + sum + `", "size": 1}]}`))
	f.Add([]byte(`{"manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": "` + sum + `", "platform": {"os": "linux", "architecture": "amd64"}}]}`))
	f.Add([]byte(`{"manifests": [{"digest": "` + sum + `", "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}, "size": -1}], "annotations": {}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		at := digest.FromBytes(text)
		blobs := kept{at: text}
		if _, err := NamedDigest(text, "a:1"); err == nil {
			if _, err := Index(text, []Named{{"a:1", ocispec.Descriptor{Digest: at}}}); err != nil {
				t.Errorf("%q is read as a list, and not added to: %v", text, err)
			}
		}
		_, _ = Verify(t.Context(), blobs, "a:1", at.String())
		parts, err := Find(t.Context(), blobs, "a:1", at.String(), "linux/amd64")
		if err != nil {
			return
		}
		for _, d := range parts.All() {
			if !IsDigest(d.Digest.String()) || d.Size < 0 {
				t.Errorf("%q: %v", text, d)
			}
		}
		if err := Archive(t.Context(), io.Discard, blobs, "a:1", "a:1", parts); err == nil {
			t.Errorf("%q: an archive of blobs that are not there", text)
		}
	})
}
