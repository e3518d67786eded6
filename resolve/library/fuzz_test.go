package library

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

func FuzzParsePackument(f *testing.F) {
	f.Add([]byte(`{"name":"a","dist-tags":{"latest":"1.0.0"},"versions":{"1.0.0":{"name":"a","dependencies":{"b":"1"},"bundleDependencies":true,"os":"linux","scripts":{"install":"x"},"dist":{"integrity":"sha512-x"}}},"time":{"1.0.0":"2024-01-01T00:00:00Z"}}`))
	f.Add([]byte(`{"name":"a","versions":[1],"time":"x"}`))
	f.Add([]byte(`{"name":"a","versions":{"1.0.0":"x\"}","2.0.0":{"dist":[],"peerDependenciesMeta":{"a":1}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		reduced, err := Reduce(data)
		if err != nil {
			return
		}
		if !json.Valid(reduced) {
			t.Fatalf("reduced to invalid JSON: %s", reduced)
		}
		a, errA := ParsePackument("a", data)
		b, errB := ParsePackument("a", reduced)
		if (errA == nil) != (errB == nil) {
			t.Fatalf("%v, reduced %v", errA, errB)
		}
		if errA != nil {
			return
		}
		if !slices.Equal(a.Versions(), b.Versions()) || !maps.Equal(a.DistTags, b.DistTags) {
			t.Fatalf("%v, reduced %v", a, b)
		}
		for _, v := range a.Versions() {
			if m, err := b.Version(v); err == nil && m.Version != v {
				t.Fatalf("%s is %s", v, m.Version)
			}
		}
	})
}

func FuzzParseAuthorLock(f *testing.F) {
	f.Add([]byte(`{"lockfileVersion":3,"packages":{"":{},"node_modules/a":{"version":"1.0.0"},"node_modules/a/node_modules/@s/b":{"version":"2.0.0","name":"c"}}}`), "a")
	f.Add([]byte(`{"dependencies":{"a":{"version":"npm:b@1.0.0","dependencies":{"c":{"version":"1.0.0"}}}}}`), "c")
	f.Add([]byte(`{"dependencies":{"a":{"version":":.0","dependencies":{"c":{"version":"1.0.0"}}}}}`), "a")
	f.Fuzz(func(t *testing.T, data []byte, name string) {
		l, err := parseNPMLock("package-lock.json", data)
		if err != nil {
			return
		}
		for _, ref := range append(l.all(), l.root()) {
			for _, kind := range []edgeKind{required, peer} {
				to, ok := ref.lookup(name, kind)
				if !ok || to.locked().version != "" {
					continue
				}
				// Only what came from an address may lack a version.
				if at, ok := to.(authorRef); !ok || at.lock.entries[at.location].Resolved == "" {
					t.Fatalf("%v has no version", to)
				}
			}
		}
	})
}

// FuzzRange: a range reads the same again, and what is chosen is in it.
func FuzzRange(f *testing.F) {
	for _, text := range []string{"^1.2.3", "~1.2 || >=2.0.0-rc.1 <3", "1.x - 2.4.x", "*", "", "=v1.2.3+b", "< 1.2", "^0.0.0-0", "latest", "1.2.3.4", ">01.02.03"} {
		f.Add(text, "1.2.3", "2.0.0-rc.1")
	}
	f.Fuzz(func(t *testing.T, text, a, b string) {
		r, ok := parseRange(text) // without the memory of ParseRange
		if !ok {
			return
		}
		versions := []string{a, b}
		best := r.MaxSatisfying(versions)
		if best != "" && (!r.Allows(best) || !slices.Contains(versions, best)) {
			t.Errorf("%q chose %q of %q", text, best, versions)
		}
		for _, v := range versions {
			if r.Allows(v) && best == "" {
				t.Errorf("%q allows %q and chose nothing", text, v)
			}
			if r.Allows(v) && best != "" && Compare(best, v) < 0 {
				t.Errorf("%q chose %q, which is below %q", text, best, v)
			}
			if clean := Clean(v); clean != "" && !Valid(clean) {
				t.Errorf("%q is cleaned to %q", v, clean)
			}
		}
	})
}
