package policy_test

import (
	"strings"
	"testing"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

func TestCheckPlain(t *testing.T) {
	t.Parallel()
	some := policy.Rules{File: "conduit.toml", Project: true, Plain: &policy.Plain{Hosts: []string{"registry.example.com:4873", "Git.example.com:80"}, Line: 4}}
	none := policy.Rules{File: "/etc/conduit/policy.toml", Plain: &policy.Plain{Line: 2}}
	for _, c := range []struct {
		rules policy.Set
		host  string
		want  string
	}{
		{nil, "example.com", ""},
		{policy.Set{{}}, "example.com", ""},
		{policy.Set{some}, "registry.example.com:4873", ""},
		{policy.Set{some}, "git.example.com", ""},
		{policy.Set{some}, "registry.example.com", "conduit.toml:4"},
		{policy.Set{some, none}, "git.example.com", "/etc/conduit/policy.toml:2"},
	} {
		got := ""
		if r := c.rules.CheckPlain(c.host); r != nil {
			got = r.Where()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.host, got, c.want)
		}
	}
	err := policy.Set{some}.CheckPlain("a.example.com:81").Error("http://a.example.com:81")
	if !strings.Contains(err.Error(), "it has no TLS, and insecure does not name") || !strings.Contains(err.Error(), `add "a.example.com:81" to insecure under [policy] in conduit.toml`) {
		t.Error(err)
	}
}

func TestCheckContent(t *testing.T) {
	t.Parallel()
	allow := func(licences ...string) policy.Rules {
		return policy.Rules{File: "conduit.toml", Project: true, Content: policy.Content{Licences: licences, Line: map[string]int{"licenses": 7}}}
	}
	excepted := allow("MIT")
	excepted.Content.Exceptions = []policy.Rule{{Pattern: pattern(t, "npm:@acme/*")}}
	organisation := allow("MIT")
	organisation.File, organisation.Project = "/etc/conduit/policy.toml", false
	limited := policy.Rules{File: "conduit.toml", Project: true, Content: policy.Content{MaxSize: 10 << 20, MaxUnpacked: 20 << 20, Line: map[string]int{"max-size": 3, "max-unpacked": 4}}}
	for _, c := range []struct {
		rules policy.Set
		p     policy.Package
		want  string // in the error; "" for what is allowed
		next  string
	}{
		{nil, policy.Package{Source: "npm:a", Licence: "GPL-3.0"}, "", ""},
		{policy.Set{allow("MIT")}, policy.Package{Source: "npm:a", Licence: "MIT"}, "", ""},
		{policy.Set{allow("MIT")}, policy.Package{Source: "npm:a", Licence: "(mit OR GPL-3.0)"}, "", ""},
		{policy.Set{allow("MIT")}, policy.Package{Source: "npm:a", Licence: "MIT AND ISC"}, "conduit.toml:7: the policy refuses npm:a: it stands under MIT AND ISC, which licenses does not allow", "add it to licenses under [policy] in conduit.toml"},
		{policy.Set{allow("MIT", "ISC")}, policy.Package{Source: "npm:a", Licence: "MIT AND (ISC OR X11)"}, "", ""},
		{policy.Set{allow("MIT")}, policy.Package{Source: "npm:a"}, "it states no licence, and licenses does not name NONE", `add "npm:a" to license-exceptions`},
		{policy.Set{allow("NONE")}, policy.Package{Source: "npm:a"}, "", ""},
		{policy.Set{allow("NONE")}, policy.Package{Source: "npm:a", Licence: "MIT"}, "stands under MIT", ""},
		{policy.Set{allow()}, policy.Package{Source: "npm:a", Licence: "MIT"}, "", ""},
		{policy.Set{allow("MIT")}, policy.Package{Source: "npm:a", Licence: "SEE LICENSE IN X"}, `it states "SEE LICENSE IN X", which is no SPDX expression`, "license-exceptions"},
		{policy.Set{allow("GPL-2.0-only")}, policy.Package{Source: "npm:a", Licence: "GPL-2.0 WITH Classpath-exception-2.0"}, "", ""},
		{policy.Set{allow("GPL-2.0-only WITH Classpath-exception-2.0")}, policy.Package{Source: "npm:a", Licence: "GPL-2.0"}, "stands under GPL-2.0-only", ""},
		{policy.Set{excepted}, policy.Package{Source: "npm:@acme/a", Licence: "GPL-2.0"}, "", ""},
		{policy.Set{excepted}, policy.Package{Source: "github:x/y", Also: []string{"npm:@acme/a"}, Licence: "GPL-2.0"}, "", ""},
		{policy.Set{excepted, organisation}, policy.Package{Source: "npm:@acme/a", Licence: "GPL-2.0"}, "/etc/conduit/policy.toml:7: the policy refuses", "or ask whoever keeps /etc/conduit/policy.toml"},
		{policy.Set{allow("GPL-2.0-only"), organisation}, policy.Package{Source: "npm:a", Licence: "GPL-2.0"}, "/etc/conduit/policy.toml:7", ""},
		{policy.Set{limited}, policy.Package{Source: "npm:a", Size: 10 << 20, Unpacked: 20 << 20}, "", ""},
		{policy.Set{limited}, policy.Package{Source: "npm:a", Size: 11 << 20}, "conduit.toml:3: the policy refuses npm:a: it has 11MiB to download, and max-size allows 10MiB", "raise max-size under [policy] in conduit.toml"},
		{policy.Set{limited}, policy.Package{Source: "npm:a", Unpacked: 21 << 20}, "conduit.toml:4: the policy refuses npm:a: it has 21MiB unpacked, and max-unpacked allows 20MiB", "raise max-unpacked"},
	} {
		r := c.rules.CheckContent(c.p)
		if r == nil || c.want == "" {
			if (r != nil) != (c.want != "") {
				t.Errorf("%+v: %+v, want %q", c.p, r, c.want)
			}
			continue
		}
		err := r.Error(c.p.Source)
		if report.KindOf(err) != report.Policy || !strings.Contains(err.Error(), c.want) || !strings.Contains(r.Next, c.next) {
			t.Errorf("%+v: %v\nwant %s\n%s", c.p, err, c.want, c.next)
		}
	}
	if r := (policy.Set{limited}).Unjudged("npm:a"); r == nil || r.Where() != "conduit.toml:3" {
		t.Errorf("%+v", r)
	}
}
