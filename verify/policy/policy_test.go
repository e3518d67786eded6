package policy_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

func pattern(t testing.TB, text string) policy.Pattern {
	t.Helper()
	p, err := policy.ParsePattern(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, source string
		want            bool
	}{
		{"github:acme/*", "github:acme/talk", true},
		{"github:acme/*", "github:ACME/Talk", true},
		{"github:ACME/Ta*", "github:acme/talk", true},
		{"github:acme/*", "github:acme/talk//plugins/a", true},
		{"github:acme/*", "github:acme2/talk", false},
		{"github:acme/*", "git:github.com/acme/talk", false},
		{"github:acme/talk", "github:acme/talk//deep", true},
		{"github:acme/talk//deep", "github:acme/talk", false},
		{"github:acme/talk//deep", "github:acme/talk//deep", true},
		{"github:*/talk", "github:acme/talk", true},
		{"github:*", "github:acme/talk", false},
		{"github:**", "github:acme/talk//a/b", true},
		{"github:acme", "github:acme/talk", false},
		{"npm:@acme/*", "npm:@acme/talk", true},
		{"npm:@acme/*", "npm:@acme", false},
		{"npm:@acme/*", "npm:@acmee/talk", false},
		{"npm:*", "npm:axios", true},
		{"npm:*", "npm:@acme/talk", false},
		{"npm:**", "npm:@acme/talk", true},
		{"npm:lodash.*", "npm:lodash.get", true},
		{"npm:lodash.*", "npm:lodashxget", false},
		{"npm:Axios", "npm:axios", false},
		{"npm:*-*-*", "npm:a-b-c", true},
		{"npm:*-*-*", "npm:a-b", false},
		{"git:git.example.com/**", "git:git.example.com/a/b/c", true},
		{"git:git.example.com/a/b", "git:git.example.com/a/b.git", true},
		{"git:git.example.com/a/b.git", "git:git.example.com/a/b", true},
		{"git:git.example.com/a/b.git//x", "git:git.example.com/a/b//x", true},
		{"https://files.example.com/**", "https://files.example.com/a/b.tgz", true},
		{"https://files.example.com/**", "https://files.example.com.evil.org/a.tgz", false},
		{"file:**", "file:../providers/mine", true},
		{"file:./*", "file:./mine", true},
		{"file:./*", "file:../mine", false},
		{"**", "npm:@acme/talk", true},
		{"**", "file:/x", true},
	} {
		if got := pattern(t, c.pattern).Matches(c.source); got != c.want {
			t.Errorf("%s matches %s: %v", c.pattern, c.source, got)
		}
	}
}

func TestParsePattern(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "empty",
		"acme/talk":              "begins with none of",
		"@acme/*":                "begins with none of",
		"*":                      "begins with none of",
		"GitHub:acme/*":          "begins with none of",
		"http://example.com/**":  "begins with none of",
		"npm:":                   "names nothing",
		"npm:a?":                 "only wildcards",
		"npm:[ab]":               "only wildcards",
		"npm:a b":                "only wildcards",
		"npm:***":                "***",
		"npm:axios@1":            "names a version",
		"npm:@acme/talk@1.0.0":   "names a version",
		"github:acme/talk@v1":    "names a version",
		"git:example.com/a@main": "names a version",
	} {
		if _, err := policy.ParsePattern(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func set(t *testing.T, text ...string) policy.Set {
	t.Helper()
	var out policy.Set
	for i, words := range text {
		r := policy.Rules{File: fmt.Sprintf("file%d", i), Project: i == 0}
		for n, word := range strings.Fields(words) {
			rule := policy.Rule{Pattern: pattern(t, strings.TrimPrefix(word, "!")), Line: n + 1}
			if strings.HasPrefix(word, "!") {
				r.Deny = append(r.Deny, rule)
			} else {
				r.Allow = append(r.Allow, rule)
			}
		}
		out = append(out, r)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules  []string
		source []string
		want   string // FILE:LINE LIST PATTERN, "" for what is allowed
	}{
		{nil, []string{"npm:a"}, ""},
		{[]string{""}, []string{"npm:a"}, ""},
		{[]string{"npm:a npm:b"}, []string{"npm:b"}, ""},
		{[]string{"npm:a npm:b"}, []string{"npm:c"}, "file0:1 allow "},
		{[]string{"!npm:a"}, []string{"npm:b"}, ""},
		{[]string{"npm:** !npm:a"}, []string{"npm:a"}, "file0:2 deny npm:a"},
		{[]string{"npm:a !npm:**"}, []string{"npm:a"}, "file0:2 deny npm:**"},
		{[]string{"npm:**", "npm:@acme/*"}, []string{"npm:@acme/x"}, ""},
		{[]string{"npm:**", "npm:@acme/*"}, []string{"npm:x"}, "file1:1 allow "},
		{[]string{"npm:@acme/*", "npm:**"}, []string{"npm:x"}, "file0:1 allow "},
		{[]string{"npm:y", "!npm:x"}, []string{"npm:x"}, "file1:1 deny npm:x"},
		{[]string{"!npm:evil"}, []string{"npm:EVIL"}, "file0:1 deny npm:evil"},
		{[]string{"!git:gitlab.com/evil/*"}, []string{"git:gitlab.com/Evil/x.git"}, "file0:1 deny git:gitlab.com/evil/*"},
		{[]string{"!npm:evil"}, []string{"github:acme/evil", "npm:evil"}, "file0:1 deny npm:evil"},
		{[]string{"npm:good"}, []string{"github:evil/good", "npm:good"}, "file0:1 allow "},
	} {
		got := ""
		r := set(t, c.rules...).Check(c.source[0], c.source[1:]...)
		if r != nil {
			got = r.Where() + " " + r.List + " " + r.Rule
		}
		if got != c.want {
			t.Errorf("%v of %v: %q, want %q", c.source, c.rules, got, c.want)
		}
	}
}

// TestRefusal: a refusal is of kind Policy and says which rule, where, and what mends it.
func TestRefusal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rules []string
		want  string
	}{
		{[]string{"npm:a"}, "file0:1: the policy refuses npm:x: no pattern of allow matches it\n  next: if you trust it, add \"npm:x\" to allow under [policy] in file0;"},
		{[]string{"!npm:x"}, "file0:1: the policy refuses npm:x: deny names \"npm:x\"\n  next: use another package"},
		{[]string{"", "npm:a"}, "or ask whoever keeps file1 to allow \"npm:x\""},
		{[]string{"", "!npm:x"}, "or ask whoever keeps file1"},
	} {
		err := set(t, c.rules...).Check("npm:x").Error("npm:x")
		if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v\nwant %s", c.rules, err, c.want)
		}
	}
}

// FuzzPattern compares the matcher with Go's regular expressions.
func FuzzPattern(f *testing.F) {
	for _, seed := range [][2]string{{"npm:*a*b**c", "npm:xaxb/c"}, {"github:a/*", "github:A/b//c"}, {"git:h/a.git//*", "git:h/a//b"}, {"https://h/**", "https://h/a//b"}, {"**", ""}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, source string) {
		p, err := policy.ParsePattern(text)
		if err != nil || len(source) > 1000 {
			return
		}
		if p.String() != text {
			t.Fatalf("%q became %q", text, p)
		}
		got := p.Matches(source)
		if strings.HasPrefix(text, "git") || strings.HasPrefix(source, "git") || strings.Contains(source, "//") {
			return // spellings of repositories: see TestMatches
		}
		quoted := regexp.QuoteMeta(text)
		quoted = strings.ReplaceAll(quoted, `\*\*`, "\x00")
		quoted = strings.ReplaceAll(quoted, `\*`, `[^/]*`)
		quoted = strings.ReplaceAll(quoted, "\x00", `(?s:.*)`)
		e, err := regexp.Compile(`\A` + quoted + `\z`)
		if err != nil {
			return // text that is no UTF-8
		}
		if want := e.MatchString(source); got != want && isText(source) {
			t.Errorf("%q matches %q: %v, want %v", text, source, got, want)
		}
	})
}

func isText(s string) bool { return strings.ToValidUTF8(s, "") == s }
