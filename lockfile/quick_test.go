package lockfile

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// agrees checks that what is read quickly is what TOML says.
func agrees(t *testing.T, data []byte) (quick bool) {
	t.Helper()
	got, ok := quickly(string(data))
	if !ok {
		return false
	}
	want, err := decodeLock(data)
	if err != nil {
		if got.Version != Version {
			return false
		}
		t.Fatalf("read quickly, but %v:\n%s", err, data)
	}
	a, errA := got.lock(data)
	b, errB := want.lock(data)
	if (errA == nil) != (errB == nil) || !reflect.DeepEqual(a, b) {
		t.Fatalf("read quickly as\n%+v, %v\nTOML says\n%+v, %v\n%s", a, errA, b, errB, data)
	}
	return true
}

func TestQuickly(t *testing.T) {
	data, err := os.ReadFile("testdata/conduit.lock")
	if err != nil {
		t.Fatal(err)
	}
	if !agrees(t, data) {
		t.Fatal("testdata/conduit.lock is not read quickly")
	}
	text := string(data)
	for _, edit := range [][2]string{
		{"\n", "\r\n"},
		{"version = 1\n", "version = 01\n"},
		{"version = 1\n", "version = 2\n"},
		{"version = 1\n", ""},
		{"version = 1\n", "version = 1\nversion = 1\n"},
		{"[[module]]", "[module]"},
		{"[[module]]", "[[modules]]"},
		{"kind = \"provider\"", "kind = \"prov\\u0069der\""},
		{"kind = \"provider\"", "kind = 'provider'"},
		{"kind = \"provider\"", "kind = \"\""},
		{"kind = \"provider\"", "kind = \"provider\" # comment"},
		{"kind = \"provider\"", "\"kind\" = \"provider\""},
		{"requires = [", "requires = [] # ["},
		{lockHeader, ""},
	} {
		edited := strings.ReplaceAll(text, edit[0], edit[1])
		if edited == text {
			t.Errorf("testdata/conduit.lock does not hold %q", edit[0])
		}
		if agrees(t, []byte(edited)) {
			t.Errorf("with %q for %q it is still read quickly", edit[1], edit[0])
		}
	}
}

// FuzzQuickly: the two readers never disagree.
func FuzzQuickly(f *testing.F) {
	data, err := os.ReadFile("testdata/conduit.lock")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	for entry := range strings.SplitSeq(string(data), "\n\n") {
		f.Add([]byte(lockHeader + "version = 1\n\n" + entry + "\n"))
	}
	f.Fuzz(func(t *testing.T, data []byte) { agrees(t, data) })
}
