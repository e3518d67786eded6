package permission

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestCheck: a package may name nothing that depends on the machine or on how programs are loaded.
func TestCheck(t *testing.T) {
	t.Parallel()
	for key, cases := range map[string]struct{ good, bad []string }{
		Net:   {[]string{"api.example.com:443", "*:80", "[::1]:443", "*"}, []string{"", "api.example.com", ":443", "a:0", "a:65536", "a:http", "https://a:443", "a b:443", "a\n:443"}},
		Env:   {[]string{"EXAMPLE_API_KEY", "_x1"}, []string{"", "1X", "A=B", "A B", "PATH", "Home", "NODE_OPTIONS", "node_options", "LD_PRELOAD", "CONDUIT_GITHUB_TOKEN", "*"}},
		Read:  {[]string{"~/models", "/srv/models", "/a b"}, []string{"", "~", "~/", "/", "models", "./m", "../m", "~x/m", "~/a/../../b", "/a/./b", "/a//b", "/a/", "~/a/", "~//a", "/.."}},
		Write: {[]string{"~/out"}, []string{"/", "~/", "out"}},
		Run:   {[]string{"ffmpeg", "*"}, []string{"", ".", "..", "/bin/sh", "bin/x", `bin\x`, "a b"}},
	} {
		for _, text := range cases.good {
			if err := Check(key, text); err != nil {
				t.Errorf("%s %q: %v", key, text, err)
			}
		}
		for _, text := range cases.bad {
			if err := Check(key, text); err == nil {
				t.Errorf("%s %q is taken", key, text)
			}
		}
		if err := Check(key, Example(key)); err != nil {
			t.Errorf("the example of %s: %v", key, err)
		}
	}
}

// TestLines: what is as by default has no line, and lines are read as they were written.
func TestLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		set       Set
		lines     []string
		effective []string
	}{
		{Set{}, nil, []string{"any net", "any run"}},
		{Set{Net: []string{Any}, Read: []string{}, Run: []string{"a", Any}}, nil, []string{"any net", "any run"}},
		{Set{Net: []string{}, Run: []string{}}, []string{"no net", "no run"}, nil},
		{Set{Net: []string{"b:1", "a:1", "b:1"}, Env: []string{"E"}, Read: []string{"/r"}, Write: []string{"~/w x"}, Run: []string{"p"}},
			[]string{"env E", "net a:1", "net b:1", "read /r", "run p", "write ~/w x"}, []string{"net a:1", "net b:1", "env E", "read /r", "write ~/w x", "run p"}},
	} {
		if got := c.set.Lines(); !slices.Equal(got, c.lines) {
			t.Errorf("%+v: %q", c.set, got)
		}
		if got := c.set.Effective(); !slices.Equal(got, c.effective) {
			t.Errorf("%+v: %q", c.set, got)
		}
		back, err := ParseLines(c.lines)
		if again := back.Lines(); err != nil || !slices.Equal(again, c.lines) {
			t.Errorf("%q: %q, %v", c.lines, again, err)
		}
	}
	for _, line := range []string{"", "net", "no", "no env", "no net x", "net *", "run *", "net a", "env NODE_OPTIONS", "read /", "raed /x", "any net", "env  X"} {
		if s, err := ParseLines([]string{line}); err == nil || !strings.Contains(err.Error(), "is no permission") {
			t.Errorf("%q: %+v, %v", line, s, err)
		}
	}
}

// TestCompare: more is told from less, and from the same in other words.
func TestCompare(t *testing.T) {
	t.Parallel()
	nothing := Set{Net: []string{}, Run: []string{}}
	for name, c := range map[string]struct {
		old, new Set
		want     Diff
	}{
		"the same":                {Set{Env: []string{"A", "B"}}, Set{Env: []string{"B", "A"}}, Diff{}},
		"a declaration is new":    {Set{}, nothing, Diff{Removed: []string{"any net", "any run"}}},
		"a declaration is gone":   {nothing, Set{}, Diff{Added: []string{"any net", "any run"}, Wider: []string{"any net", "any run"}}},
		"from any to some":        {Set{}, Set{Net: []string{"a:1"}}, Diff{Added: []string{"net a:1"}, Removed: []string{"any net"}}},
		"another host":            {Set{Net: []string{"a:1"}}, Set{Net: []string{"b:1"}}, Diff{Added: []string{"net b:1"}, Removed: []string{"net a:1"}, Wider: []string{"net b:1"}}},
		"one of all hosts":        {Set{Net: []string{"*:1"}}, Set{Net: []string{"b:1", "b:2"}}, Diff{Added: []string{"net b:1", "net b:2"}, Removed: []string{"net *:1"}, Wider: []string{"net b:2"}}},
		"a variable":              {Set{}, Set{Env: []string{"A"}}, Diff{Added: []string{"env A"}, Wider: []string{"env A"}}},
		"a program":               {nothing, Set{Net: []string{}, Run: []string{"p"}}, Diff{Added: []string{"run p"}, Wider: []string{"run p"}}},
		"a folder in another":     {Set{Read: []string{"~/a"}}, Set{Read: []string{"~/a/b", "~/ab"}}, Diff{Added: []string{"read ~/a/b", "read ~/ab"}, Removed: []string{"read ~/a"}, Wider: []string{"read ~/ab"}}},
		"what was written":        {Set{Write: []string{"/a"}}, Set{Read: []string{"/a"}}, Diff{Added: []string{"read /a"}, Removed: []string{"write /a"}}},
		"what was read, to write": {Set{Read: []string{"/a"}}, Set{Write: []string{"/a"}}, Diff{Added: []string{"write /a"}, Removed: []string{"read /a"}, Wider: []string{"write /a"}}},
	} {
		if got := Compare(c.old, c.new); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	for line, want := range map[string]string{"any net": Net, "net a:1": Net, "env any": Env} {
		if got := KeyOf(line); got != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}
