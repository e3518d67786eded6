package providerv1_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGeneratedCodeIsCurrent fails when a .proto file or the code made from it was changed without the other.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	const root = "../../.."
	sums, err := os.ReadFile("generated.sum")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, line := range strings.Split(strings.TrimSpace(string(sums)), "\n") {
		want, name, ok := strings.Cut(line, "  ")
		if !ok {
			t.Fatalf("generated.sum: %q", line)
		}
		names = append(names, name)
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(text); hex.EncodeToString(got[:]) != want {
			t.Errorf("%s has changed; run exec/plugin/generate.sh", name)
		}
	}
	for _, pattern := range []string{"exec/plugin/proto/*.proto", "exec/plugin/proto/*.pb.go", "sdk/host/proto/*.proto",
		"sdk/host/src/gen/*.ts", "sdk/host/src/gen/google/protobuf/*.ts"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range found {
			if name, err := filepath.Rel(root, file); err != nil || !slices.Contains(names, filepath.ToSlash(name)) {
				t.Errorf("%s is not in generated.sum", file)
			}
		}
	}
}
