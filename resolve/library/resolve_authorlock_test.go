package library

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
)

// authorWorld has the shape of a published provider's lock: the SDK brings in much that the provider itself never needs,
// and the addresses are those of a registry on the author's machine.
const authorPackages = `axios@1.6.0 2024-01-01 {"dependencies": {"form-data": "^4.0.0", "follow-redirects": "^1.15.0"}}
axios@1.7.0 2024-05-01 {"dependencies": {"form-data": "^4.0.0", "follow-redirects": "^1.15.0"}}
form-data@4.0.0 2024-01-01 {"dependencies": {"mime-types": "^2.1.12"}}
form-data@4.0.1 2024-05-01 {"dependencies": {"mime-types": "^2.1.12"}}
mime-types@2.1.35 2024-01-01
mime-types@2.1.36 2024-05-01
follow-redirects@1.15.0 2024-01-01
follow-redirects@1.16.0 2024-05-01
puppeteer@1.0.0 {"scripts": {"install": "node x"}}
typescript@5.0.0
uuid@9.0.0 2024-01-01
uuid@9.0.1 2024-05-01
uuid@9.1.0 2024-06-01`

// authorLocks writes one tree in npm's three formats. mime-types is nested below form-data.
func authorLocks(t *testing.T, c *client) map[string]string {
	t.Helper()
	entry := func(name, version string, more map[string]any) map[string]any {
		d, err := c.Packument(t.Context(), name, true)
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.Version(version)
		if err != nil {
			t.Fatal(err)
		}
		e := map[string]any{"version": version, "resolved": "http://localhost:4873/" + name + "/-/" + name + "-" + version + ".tgz", "integrity": m.Integrity}
		maps.Copy(e, more)
		return e
	}
	sdk := map[string]any{"version": "0.1.8", "resolved": "http://localhost:4873/x.tgz", "integrity": "sha512-AAAA", "dependencies": map[string]string{"puppeteer": "^1.0.0"}}
	packages := map[string]any{
		"":                        map[string]any{"name": "p", "dependencies": map[string]string{"axios": "^1.6.0"}},
		"node_modules/axios":      entry("axios", "1.6.0", nil),
		"node_modules/form-data":  entry("form-data", "4.0.0", nil),
		"node_modules/mime-types": entry("mime-types", "2.1.36", map[string]any{"dev": true}),
		"node_modules/form-data/node_modules/mime-types": entry("mime-types", "2.1.35", nil),
		"node_modules/follow-redirects":                  entry("follow-redirects", "1.15.0", nil),
		"node_modules/puppeteer":                         entry("puppeteer", "1.0.0", map[string]any{"hasInstallScript": true}),
		"node_modules/typescript":                        entry("typescript", "5.0.0", map[string]any{"dev": true}),
		"node_modules/old-uuid":                          entry("uuid", "9.0.0", map[string]any{"name": "uuid"}),
		"node_modules/@mediaconduit/mediaconduit":        sdk,
	}
	v1 := map[string]any{
		"axios":            entry("axios", "1.6.0", map[string]any{"requires": map[string]string{"form-data": "^4.0.0"}}),
		"form-data":        entry("form-data", "4.0.0", map[string]any{"dependencies": map[string]any{"mime-types": entry("mime-types", "2.1.35", nil)}}),
		"mime-types":       entry("mime-types", "2.1.36", map[string]any{"dev": true}),
		"follow-redirects": entry("follow-redirects", "1.15.0", nil),
		"puppeteer":        entry("puppeteer", "1.0.0", nil),
		"old-uuid":         entry("uuid", "9.0.0", map[string]any{"version": "npm:uuid@9.0.0"}),
	}
	write := func(v any) string {
		data, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return map[string]string{
		"v1": write(map[string]any{"lockfileVersion": 1, "dependencies": v1}),
		"v2": write(map[string]any{"lockfileVersion": 2, "packages": packages, "dependencies": v1}),
		"v3": write(map[string]any{"lockfileVersion": 3, "packages": packages}),
	}
}

func TestAuthorLock(t *testing.T) {
	reg, client := startRegistry(t)
	publish(t, reg, authorPackages)
	locks := authorLocks(t, client)
	deps := map[string]string{"axios": "^1.6.0", "form-data": "^4.0.0", "old-uuid": "npm:uuid@^9.0.0", "@mediaconduit/mediaconduit": "^0.1.8"}
	want := lines(".: axios@1.6.0 form-data@4.0.0 old-uuid=uuid@9.0.0", "axios@1.6.0: follow-redirects@1.15.0 form-data@4.0.0",
		"follow-redirects@1.15.0:", "form-data@4.0.0: mime-types@2.1.35", "mime-types@2.1.35:", "uuid@9.0.0:")
	resolveIn := func(t *testing.T, file, lock string, change func(*Request)) (Result, error) {
		t.Helper()
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, file), []byte(lock), 0o644); err != nil {
			t.Fatal(err)
		}
		req := Request{Subject: "p", Dependencies: maps.Clone(deps), Dir: dir, Time: date("2024-05-15")}
		if change != nil {
			change(&req)
		}
		return Resolve(t.Context(), client, req)
	}
	for _, file := range []string{"package-lock.json", "npm-shrinkwrap.json"} {
		for version, lock := range locks {
			t.Run(file+" "+version, func(t *testing.T) {
				got, err := resolveIn(t, file, lock, nil)
				if err != nil {
					t.Fatal(err)
				}
				if s := draw(got); s != want {
					t.Errorf("got\n%swant\n%s", s, want)
				}
				if len(got.Warnings) != 0 || len(got.Libraries) != 5 {
					t.Errorf("%d libraries, warnings %q", len(got.Libraries), got.Warnings)
				}
			})
		}
	}
	t.Run("stale", func(t *testing.T) {
		got, err := resolveIn(t, "npm-shrinkwrap.json", locks["v3"], func(r *Request) {
			r.Dependencies["axios"] = "^1.7.0" // the lock has 1.6.0
			r.Dependencies["uuid"] = "^9.0.1"  // the lock has it by another name and too old
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := draw(got); !strings.Contains(s, "axios@1.7.0: follow-redirects@1.15.0 form-data@4.0.0\n") || !strings.Contains(s, " uuid@9.0.1\n") {
			t.Errorf("the stale edges alone are chosen anew, as of the time:\n%s", s)
		}
	})
	t.Run("integrity differs", func(t *testing.T) {
		lock := locks["v3"]
		i := strings.Index(lock, `"node_modules/axios"`)
		i += strings.Index(lock[i:], "sha512-") + len("sha512-")
		lock = lock[:i] + "AAAA" + lock[i+4:]
		_, err := resolveIn(t, "package-lock.json", lock, nil)
		if report.KindOf(err) != report.Integrity {
			t.Fatalf("no integrity error: %v", err)
		}
		for _, w := range []string{"axios@1.6.0", "package-lock.json says sha512-AAAA", "registry says sha512-", `[replace] "npm:axios"`} {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("the message lacks %q:\n%v", w, err)
			}
		}
	})
	t.Run("malformed", func(t *testing.T) {
		_, err := resolveIn(t, "package-lock.json", "<<<<<<< HEAD\n", nil)
		if err == nil || !strings.Contains(err.Error(), "package-lock.json") || !strings.Contains(err.Error(), "npm install --package-lock-only") {
			t.Errorf("%v", err)
		}
	})
	t.Run("unpublished", func(t *testing.T) {
		if err := reg.Unpublish("mime-types", "2.1.35"); err != nil {
			t.Fatal(err)
		}
		client.docs = map[string]*Packument{}
		_, err := resolveIn(t, "package-lock.json", locks["v3"], nil)
		if !errors.Is(err, ErrNoSuchVersion) || !strings.Contains(err.Error(), "form-data@4.0.0 needs mime-types@^2.1.12") || !strings.Contains(err.Error(), "unpublished") || !strings.Contains(err.Error(), `[replace] "npm:mime-types"`) {
			t.Errorf("%v", err)
		}
		for _, version := range []string{"4.0.0", "4.0.1"} {
			if err := reg.Unpublish("form-data", version); err != nil {
				t.Fatal(err)
			}
		}
		client.docs = map[string]*Packument{}
		_, err = Resolve(t.Context(), client, Request{Subject: "p", Dependencies: map[string]string{"axios": "1"}})
		for _, w := range []string{"axios@1.7.0 needs form-data@^4.0.0", "form-data was unpublished", `[replace] "npm:NAME" = "VERSION"`, "conduit get SOURCE@VERSION"} {
			if err == nil || !errors.Is(err, ErrNoSuchVersion) || !strings.Contains(err.Error(), w) {
				t.Errorf("the message lacks %q: %v", w, err)
			}
		}
	})
}
