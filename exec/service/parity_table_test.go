package service

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/schema"
)

// row is one line of the table in docs/compose.md.
type row struct {
	keys           []string // as written, with the prefix of their section
	is, what, seen string
}

// rows reads the tables of docs/compose.md.
func rows(t *testing.T) []row {
	t.Helper()
	data, err := os.ReadFile("../../docs/compose.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	prefixes := map[string]string{"## Top level": "", "## Services": "services."}
	prefix, table := "", false
	var out []row
	for _, line := range strings.Split(string(data), "\n") {
		if strings.HasPrefix(line, "## ") {
			prefix, table = prefixes[line], strings.HasPrefix(line, "## Top level") || strings.HasPrefix(line, "## Services")
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		if !table || !strings.HasPrefix(line, "| `") {
			continue
		}
		if len(cells) != 4 {
			t.Errorf("a row of %d cells: %s", len(cells), line)
			continue
		}
		r := row{is: strings.TrimSpace(cells[1]), what: cells[2], seen: strings.TrimSpace(cells[3])}
		for _, m := range quoted.FindAllStringSubmatch(cells[0], -1) {
			r.keys = append(r.keys, prefix+m[1])
		}
		out = append(out, r)
	}
	return out
}

// specified lists every key of the Compose specification, as a path.
func specified(t *testing.T) []string {
	t.Helper()
	var root map[string]any
	if err := json.Unmarshal([]byte(schema.Schema), &root); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var walk func(n any, path string)
	below := func(v any, path string) {
		m, _ := v.(map[string]any)
		for _, sub := range m {
			walk(sub, path)
		}
	}
	walk = func(n any, path string) {
		m, ok := n.(map[string]any)
		if !ok {
			return
		}
		if ref, ok := m["$ref"].(string); ok {
			walk(root["$defs"].(map[string]any)[strings.TrimPrefix(ref, "#/$defs/")], path)
			return
		}
		properties, _ := m["properties"].(map[string]any)
		for key, sub := range properties {
			at := strings.TrimPrefix(path+"."+key, ".")
			keys = append(keys, at)
			walk(sub, at)
		}
		below(m["patternProperties"], path)
		walk(m["additionalProperties"], path)
		walk(m["items"], path)
		for _, choice := range []string{"oneOf", "anyOf", "allOf"} {
			list, _ := m[choice].([]any)
			for _, sub := range list {
				walk(sub, path)
			}
		}
	}
	walk(root, "")
	slices.Sort(keys)
	return slices.Compact(keys)
}

// TestTable compares the table in docs/compose.md with the schema of the compose library: every key has one row, and no
// row is about anything else.
func TestTable(t *testing.T) {
	keys := specified(t)
	if len(keys) < 300 {
		t.Fatalf("the schema has %d keys only", len(keys))
	}
	covered := map[string]bool{}
	for _, r := range rows(t) {
		if !slices.Contains([]string{"supported", "translated", "refused"}, r.is) {
			t.Errorf("%v is %q", r.keys, r.is)
		}
		if (r.is == "refused" && r.seen != "–") != (strings.Contains(r.what, "exit code") && r.is == "refused") {
			t.Errorf("%v is refused with no exit code", r.keys)
		}
		for _, key := range r.keys {
			matched := []string{key}
			if tree, ok := strings.CutSuffix(key, "*"); ok {
				matched = nil
				for _, k := range keys {
					if strings.HasPrefix(k, tree) {
						matched = append(matched, k)
					}
				}
			}
			if len(matched) == 0 || !slices.Contains(keys, matched[0]) {
				t.Errorf("the specification has no %s", key)
			}
			for _, k := range matched {
				if covered[k] {
					t.Errorf("%s has two rows", k)
				}
				covered[k] = true
			}
		}
	}
	for _, key := range keys {
		if !covered[key] {
			t.Errorf("docs/compose.md has no row for %s", key)
		}
	}
}

// TestTableIsTested compares what the table says of tests with the tests.
func TestTableIsTested(t *testing.T) {
	tested := map[string][]string{}
	note := func(keys string, seen ...string) {
		for _, key := range strings.Fields(keys) {
			tested[key] = append(tested[key], seen...)
		}
	}
	for _, o := range observations {
		note(o.keys, "inside", "engine")
	}
	for key := range afterwards {
		note(key, "inside")
	}
	note("services.stop_signal", "inside")
	note(gpuKeys, "engine")
	for _, r := range slices.Concat(byPolicy, byEngine) {
		note(r.keys, "error")
	}
	note(gpuErrors, "error")
	for _, line := range strings.Split(told, "\n") {
		if _, keys, ok := strings.Cut(line, " # "); ok {
			note(keys, "check")
		}
	}
	said := map[string]bool{}
	for _, r := range rows(t) {
		for _, seen := range strings.Split(r.seen, ", ") {
			if !slices.Contains([]string{"inside", "engine", "error", "check", "–"}, seen) {
				t.Errorf("%v: %q is no way to see a key", r.keys, seen)
			}
			for _, key := range r.keys {
				said[key+" "+seen] = true
				if seen != "–" && !slices.Contains(tested[key], seen) {
					t.Errorf("%s: no test sees it by %s", key, seen)
				}
			}
		}
	}
	for key, ways := range tested {
		for _, seen := range ways {
			if seen == "inside" || seen == "engine" {
				if !said[key+" inside"] && !said[key+" engine"] {
					t.Errorf("%s: the table does not say that it is seen", key)
				}
			} else if !said[key+" "+seen] {
				t.Errorf("%s: the table does not say that it is seen by %s", key, seen)
			}
		}
	}
}
