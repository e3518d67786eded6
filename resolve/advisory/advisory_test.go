package advisory_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/resolve/advisory"
)

func TestBulk(t *testing.T) {
	t.Parallel()
	list, err := advisory.ParseBulk([]byte(`{"tiny":[{"id":7,"url":"https://example.com/advisories/GHSA-aaaa-bbbb-cccc","title":"x","severity":"high","vulnerable_versions":">=1.0.0 <1.2.3","cwe":[]}]}`))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	a := list[0]
	if a.ID != "GHSA-aaaa-bbbb-cccc" || a.Library != "tiny" || a.Severity != "high" {
		t.Errorf("%+v", a)
	}
	for version, want := range map[string]bool{"0.9.0": false, "1.0.0": true, "1.2.2": true, "1.2.3-rc.1": true, "1.1.0-a": true, "1.2.3": false, "1.2.4-a": false} {
		if a.Affects(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
	if _, err := advisory.ParseBulk([]byte(`<html>`)); err == nil {
		t.Error("a page is no answer")
	}
}

func TestOSV(t *testing.T) {
	t.Parallel()
	list, err := advisory.ParseOSV([]byte(`{"id":"GHSA-x","summary":"s","database_specific":{"severity":"MODERATE"},"affected":[
		{"package":{"ecosystem":"npm","name":"tiny"},"versions":["9.9.9"],"ranges":[{"type":"SEMVER","events":[
			{"introduced":"2.0.0"},{"fixed":"2.1.0"},{"introduced":"0"},{"last_affected":"1.4.0"}]}]},
		{"package":{"ecosystem":"PyPI","name":"tiny"},"versions":["5.0.0"]}]}`))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for version, want := range map[string]bool{"0.0.1": true, "1.4.0": true, "1.4.1": false, "2.0.0-rc.1": false, "2.0.0": true, "2.1.0-rc.1": true, "2.1.0": false, "9.9.9": true, "5.0.0": false} {
		if list[0].Affects(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
	if list[0].Severity != "moderate" || list[0].Range != ">=0 <=1.4.0 >=2.0.0 <2.1.0" {
		t.Errorf("%+v", list[0])
	}
	if list, err := advisory.ParseOSV([]byte(`{"id":"a","withdrawn":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"tiny"},"versions":["1.0.0"]}]}`)); err != nil || len(list) > 0 {
		t.Error(list, err)
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		severity, level string
		want            bool
	}{{"low", "low", true}, {"low", "moderate", false}, {"critical", "high", true}, {"unknown", "critical", true}, {"info", "low", false}} {
		a := advisory.Advisory{Severity: c.severity}
		if a.Reaches(c.level) != c.want {
			t.Errorf("%+v", c)
		}
	}
}

// TestDatabase: a database in which something cannot be read is refused, with a remedy.
func TestDatabase(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for file, want := range map[string]string{"": "its all.zip", "broken.json": "unpack the dump", "noid.json": "unpack the dump"} {
		if file != "" {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(map[string]string{"broken.json": "{", "noid.json": "{}"}[file]), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := advisory.ReadDatabase(t.Context(), dir, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", file, err)
		}
		if file == "" {
			continue
		}
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := advisory.ReadDatabase(t.Context(), filepath.Join(dir, "none"), nil); err == nil || !strings.Contains(err.Error(), "--database DIR") {
		t.Error(err)
	}
}

func FuzzParseOSV(f *testing.F) {
	f.Add([]byte(`{"id":"x","affected":[{"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"},{"limit":"*"}]}]}]}`), "1.0.0")
	f.Fuzz(func(t *testing.T, data []byte, version string) {
		list, err := advisory.ParseOSV(data)
		if err != nil {
			return
		}
		for _, a := range list {
			a.Affects(version)
		}
	})
}

func FuzzParseBulk(f *testing.F) {
	f.Add([]byte(`{"a":[{"id":1,"url":"u","title":"t","severity":"low","vulnerable_versions":"<1.0.0 || 2.x"}]}`), "1.0.0-a")
	f.Fuzz(func(t *testing.T, data []byte, version string) {
		list, err := advisory.ParseBulk(data)
		if err != nil {
			return
		}
		for _, a := range list {
			a.Affects(version)
		}
	})
}
