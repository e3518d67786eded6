package resolve_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/resolve"
)

const lookupWorld = `
github:a/tagged v1.0.0 v1.2.3 v1.3.0-rc.1 v2.0.0 v2.1.0-rc.1
github:a/tagged main 1111111111111111111111111111111111111111 v1beta 2222222222222222222222222222222222222222
github:a/bare main 3333333333333333333333333333333333333333 dev 4444444444444444444444444444444444444444
github:a/mono//p v0.1.0 v0.1.4 v0.2.0
github:a/branchv1 v1 5555555555555555555555555555555555555555
github:a/empty trunk 6666666666666666666666666666666666666666
npm:x v1.0.0 v2.0.0 v3.0.0
  latest v2.0.0
npm:old v1.0.0
npm:old v1.1.0
  deprecated broken
`

func TestLookup(t *testing.T) {
	w := newWorld(t, lookupWorld)
	for _, test := range []struct{ query, current, version, write string }{
		{"github:a/tagged", "", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@latest", "v1.0.0", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@v1", "", "v1.2.3", "^1.2.3"},
		{"github:a/tagged@1", "", "v1.2.3", "^1.2.3"},
		{"github:a/tagged@v1.0", "", "v1.0.0", "^1.0.0"},
		{"github:a/tagged@v1.0.0", "", "v1.0.0", "^1.0.0"},
		{"github:a/tagged@1.3.0-rc.1", "", "v1.3.0-rc.1", "^1.3.0-rc.1"},
		{"github:a/tagged@>=1 <3", "", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@<2", "", "v1.2.3", "^1.2.3"},
		{"github:a/tagged@^1.3.0-0", "", "v1.3.0-rc.1", "^1.3.0-rc.1"},
		{"github:a/tagged@patch", "v1.2.0", "v1.2.3", "^1.2.3"},
		{"github:a/tagged@patch", "v1.3.0-rc.1", "v1.3.0-rc.1", "^1.3.0-rc.1"},
		{"github:a/tagged@patch", "", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@upgrade", "v1.0.0", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@upgrade", "v2.1.0-rc.1", "v2.1.0-rc.1", "^2.1.0-rc.1"},
		{"github:a/tagged@upgrade", "", "v2.0.0", "^2.0.0"},
		{"github:a/tagged@main", "", "v0.0.0-20250603010000-111111111111", "v0.0.0-20250603010000-111111111111"},
		{"github:a/tagged@1111111", "", "v0.0.0-20250603010000-111111111111", "v0.0.0-20250603010000-111111111111"},
		{"github:a/tagged@v1beta", "", "v0.0.0-20250603020000-222222222222", "v0.0.0-20250603020000-222222222222"},
		{"github:a/tagged@v0.0.0-20250603010000-111111111111", "", "v0.0.0-20250603010000-111111111111", "v0.0.0-20250603010000-111111111111"},
		{"github:a/bare", "", "v0.0.0-20250603030000-333333333333", "v0.0.0-20250603030000-333333333333"},
		{"github:a/bare@latest", "", "v0.0.0-20250603030000-333333333333", "v0.0.0-20250603030000-333333333333"},
		{"github:a/bare@dev", "", "v0.0.0-20250603040000-444444444444", "v0.0.0-20250603040000-444444444444"},
		{"github:a/branchv1@v1", "", "v0.0.0-20250603050000-555555555555", "v0.0.0-20250603050000-555555555555"},
		{"github:a/mono//p", "", "v0.2.0", "^0.2.0"},
		{"github:a/mono//p@v0.1", "", "v0.1.4", "^0.1.4"},
		{"npm:x", "", "v2.0.0", "^2.0.0"},
		{"npm:x@^3", "", "v3.0.0", "^3.0.0"},
		{"npm:old", "", "v1.0.0", "^1.0.0"},
		{"npm:old@v1.1.0", "", "v1.1.0", "^1.1.0"},
		{"./folder", "", "", ""},
	} {
		rev, write, err := lookup(t, w, test.query, test.current)
		if err != nil || rev.Version != test.version || write != test.write {
			t.Errorf("%s (from %q): got %q and %q, %v; want %q and %q", test.query, test.current, rev.Version, write, err, test.version, test.write)
			continue
		}
		if write == "" {
			continue
		}
		// What is written has the version found as its minimum.
		src, _, _ := resolve.ParseSource(test.query)
		rels, _ := w.Releases(context.Background(), src)
		if rng, err := resolve.ParseRange(write); err != nil || rng.Minimum(rels.Versions) != rev.Version {
			t.Errorf("%s: %s means %s (%v)", test.query, write, rng.Minimum(rels.Versions), err)
		}
	}
}

func lookup(t *testing.T, origin resolve.Origin, text, current string) (resolve.Revision, string, error) {
	t.Helper()
	src, query, err := resolve.ParseSource(text)
	if err != nil {
		t.Fatal(err)
	}
	q, err := resolve.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return resolve.Lookup(context.Background(), origin, src, q, current)
}

func TestLookupFails(t *testing.T) {
	w := newWorld(t, lookupWorld)
	origin, err := resolve.Excluding(w, map[string][]string{"https://github.com/A/tagged": {"2.0.0"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		query, says, next string
		kind              report.Kind
	}{
		{"github:a/bare@v9", "the repository has no version tags; its branches are main, dev", "conduit get github:a/bare@main", report.Failure},
		{"github:a/bare@^1.2", "no version of github:a/bare matches ^1.2", "conduit get github:a/bare@main", report.Failure},
		{"github:a/tagged@v9", "no version of github:a/tagged matches v9: it has v2.1.0-rc.1, v1.3.0-rc.1, v1.2.3, v1.0.0", "conduit get github:a/tagged@v1.2.3", report.Failure},
		{"github:a/tagged@v2", "no version of github:a/tagged matches v2", "conduit get github:a/tagged@v1.2.3", report.Failure},
		{"github:a/tagged@v2.0.0", "github:a/tagged@v2.0.0 is excluded", "take v2.0.0 from [exclude], or ask for another version: conduit get github:a/tagged@latest", report.Failure},
		{"github:a/tagged@nightly", `github:a/tagged has no branch, tag or commit "nightly"`, "conduit get github:a/tagged@v1.2.3", report.Failure},
		{"github:a/mono//p@v3", "it has v0.2.0, v0.1.4, v0.1.0", "conduit get github:a/mono//p@v0.2.0", report.Failure},
		{"npm:x@next", `npm:x has no version or dist-tag "next"`, "conduit get npm:x@v3.0.0", report.Failure},
		{"github:a/nowhere@v1", "no such source", "check the spelling", report.Failure},
		{"./folder@x", "", "", report.Failure}, // an @ is part of a folder's name
		{"github:a/bare@none", "nothing to look up", "conduit remove github:a/bare", report.Usage},
	} {
		_, _, err := lookup(t, origin, test.query, "")
		if test.says == "" {
			if err != nil {
				t.Errorf("%s: %v", test.query, err)
			}
			continue
		}
		var e *report.Error
		if !errors.As(err, &e) || e.Kind != test.kind || !strings.Contains(e.Error(), test.says) || e.Next != test.next {
			t.Errorf("%s: got %v\nwant %q and %q", test.query, err, test.says, test.next)
		}
		if next, ok := strings.CutPrefix(test.next, "conduit get "); ok {
			if _, _, err := lookup(t, origin, next, ""); err != nil {
				t.Errorf("%s: the remedy %q does not work: %v", test.query, test.next, err)
			}
		}
	}
	q, _ := resolve.ParseQuery("v1")
	if _, _, err := resolve.Lookup(context.Background(), w, resolve.Source{Kind: resolve.File, Path: "./x"}, q, ""); report.KindOf(err) != report.Usage {
		t.Errorf("a version of a folder: %v", err)
	}
}

func TestExcludingRefuses(t *testing.T) {
	for _, exclude := range []map[string][]string{{"nobody": {"v1.0.0"}}, {"github:a/b": {"^1"}}, {"github:a/b@v1": {"v1.0.0"}}} {
		_, err := resolve.Excluding(newWorld(t, ""), exclude)
		if report.KindOf(err) != report.Usage || !strings.Contains(err.Error(), "next: ") {
			t.Errorf("%v: got %v", exclude, err)
		}
	}
}
