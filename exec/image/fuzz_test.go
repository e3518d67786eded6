package image

import (
	"slices"
	"strings"
	"testing"
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
