package lockfile

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

const exampleSigned = "write it as\n[[policy.signed]]\nsource = \"github:OWNER/*\"\nsigners = \"allowed_signers\""

// signed reads the tables [[policy.signed]].
func (d *decoder) signed(v any) ([]policy.Signed, error) {
	if v == nil {
		return nil, nil
	}
	path := []string{"policy", "signed"}
	tables, ok := tableList(v)
	if !ok {
		return nil, d.fail("policy.signed must be a list of tables", exampleSigned, path...)
	}
	if err := d.only([]string{"source", "signers", "by", "only"}, path...); err != nil {
		return nil, err
	}
	lines := d.doc.tables(path...)
	var out []policy.Signed
	for i, t := range tables {
		s, err := d.signedRule(t, path)
		if err != nil {
			err.Where = at(d.name, lines[i], 0)
			return nil, err
		}
		s.Line = lines[i]
		out = append(out, s)
	}
	return out, nil
}

func (d *decoder) signedRule(t map[string]any, path []string) (s policy.Signed, wrong *report.Error) {
	fail := func(format string, args ...any) (policy.Signed, *report.Error) {
		return s, d.fail(fmt.Sprintf(format, args...), exampleSigned, path...)
	}
	source, ok := t["source"].(string)
	if !ok {
		return fail("a table of policy.signed has no source")
	}
	var err error
	if s.Pattern, err = policy.ParsePattern(source); err != nil {
		return fail("policy.signed names %q, which is no pattern of sources: %v", source, err)
	}
	npm := strings.HasPrefix(source, "npm:")
	if !npm && !strings.HasPrefix(source, "github:") && !strings.HasPrefix(source, "git:") {
		return fail("policy.signed names %q, which is neither a git repository nor a package of npm", source)
	}
	if s.Signers, ok = oneOrMore(t["signers"]); !ok || len(s.Signers) == 0 && !npm {
		return fail("policy.signed has no signers for %q", source)
	}
	only, named := t["only"]
	s.Tags, s.Provenance = only == "tags", only == "provenance"
	if named && !s.Tags && !s.Provenance {
		return fail("only in policy.signed is %q, which means nothing: \"tags\", \"provenance\", or leave it out", fmt.Sprint(only))
	}
	if npm && s.Tags || npm && t["by"] != nil && !s.Provenance {
		return fail("by and only = \"tags\" in policy.signed are for git repositories, and %q is signed by its registry", source)
	}
	if s.Provenance && !npm {
		return fail("only = \"provenance\" in policy.signed is for npm packages, and %q is a git repository", source)
	}
	for _, file := range s.Signers {
		if file == "" || !filepath.IsAbs(file) && strings.HasPrefix(file, "~") {
			return fail("policy.signed names %q, which is no file", file)
		}
	}
	if s.By, ok = oneOrMore(t["by"]); !ok {
		return fail("by in policy.signed must be a list of names")
	}
	if s.Provenance {
		for _, text := range s.By {
			p, err := policy.ParsePattern(text)
			if err != nil || !strings.HasPrefix(text, "github:") && !strings.HasPrefix(text, "git:") {
				return fail("by in policy.signed names %q, which is no pattern of repositories, as \"github:OWNER/*\" is", text)
			}
			s.Builders = append(s.Builders, p)
		}
		s.By = nil
	}
	return s, nil
}

// tableList is an array of tables in either form.
func tableList(v any) (tables []map[string]any, ok bool) {
	if tables, ok = v.([]map[string]any); ok {
		return tables, true
	}
	list, ok := v.([]any)
	for _, e := range list {
		t, isTable := e.(map[string]any)
		ok = ok && isTable
		tables = append(tables, t)
	}
	return tables, ok
}

// oneOrMore is a text, a list of texts, or nothing.
func oneOrMore(v any) ([]string, bool) {
	switch v := v.(type) {
	case nil:
		return nil, true
	case string:
		return []string{v}, true
	case []any:
		var out []string
		for _, e := range v {
			s, ok := e.(string)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	return nil, false
}

// tables are the lines of the tables of an array, in either form.
func (d *document) tables(path ...string) []int {
	var out []int
	for i := range d.items {
		if it := &d.items[i]; it.header && it.array && equalPath(it.path, path) {
			out = append(out, d.line(it.start))
		}
	}
	return append(out, d.linesOf(path...)...)
}
