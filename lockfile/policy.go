package lockfile

import (
	"fmt"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/verify/policy"
)

// Policy is [policy]: where packages may come from, and what the project allows that is refused otherwise.
type Policy struct {
	Allow   []policy.Rule  // sources of modules and libraries; none allows all
	Deny    []policy.Rule  // sources that are refused, allowed or not
	SHA1    []string       // "name@version" of npm packages that may be verified by SHA-1 alone when they are locked
	Hosts   []string       // hosts, with port where there is one, that npm tarballs may come from besides the registry's own
	Images  string         // "locked": an image without a locked digest is refused; "" lets it float
	Plain   *policy.Plain  // hosts that may be asked without TLS; nil: those that .npmrc and git's settings name
	Audit   string         // "required": without an audit log nothing is done; ""
	Content policy.Content // what may be in packages: licences and sizes
	Build   []string       // "name@version" of npm packages whose install scripts are run, in a sandbox
	Signed  []policy.Signed

	Age       *time.Duration // how long ago a version that is chosen must have been published; nil for the default
	AgeLine   int            // of Age in its file
	AgeExcept []policy.Rule  // sources that may be chosen at any age
}

func (d *decoder) policy(v any) (Policy, error) {
	var p Policy
	t, err := d.table(v, "policy")
	if err != nil {
		return p, err
	}
	if err := d.only([]string{"allow", "deny", "sha1", "hosts", "images", "build", "audit-log", "licenses", "license-exceptions", "max-size", "max-unpacked", "insecure", "signed", ageKey, ageExceptKey}, "policy"); err != nil {
		return p, err
	}
	if p.Allow, err = d.rules(t["allow"], "allow"); err != nil {
		return p, err
	}
	if p.Deny, err = d.rules(t["deny"], "deny"); err != nil {
		return p, err
	}
	if err := d.age(&p, t); err != nil {
		return p, err
	}
	if p.SHA1, err = d.packageVersions(t["sha1"], "sha1"); err != nil {
		return p, err
	}
	if p.Build, err = d.packageVersions(t["build"], "build"); err != nil {
		return p, err
	}
	if p.Signed, err = d.signed(t["signed"]); err != nil {
		return p, err
	}
	if p.Hosts, err = d.hosts(t["hosts"], "hosts"); err != nil {
		return p, err
	}
	if p.Images, err = d.text(t["images"], imagesLocked, "policy", "images"); err != nil {
		return p, err
	}
	if p.Images != "" && p.Images != imagesLocked {
		return p, d.fail(fmt.Sprintf("policy.images is %q, which means nothing", p.Images), "write it as\n  images = \"locked\"\nor leave it out", "policy", "images")
	}
	if t["insecure"] != nil {
		p.Plain = &policy.Plain{Line: d.doc.lineOf("policy", "insecure")}
		if p.Plain.Hosts, err = d.hosts(t["insecure"], "insecure"); err != nil {
			return p, err
		}
	}
	if p.Content, err = d.content(t); err != nil {
		return p, err
	}
	if p.Audit, err = d.text(t["audit-log"], auditRequired, "policy", "audit-log"); err != nil {
		return p, err
	}
	if p.Audit != "" && p.Audit != auditRequired {
		return p, d.fail(fmt.Sprintf("policy.audit-log is %q, which means nothing", p.Audit), "write it as\n  audit-log = \"required\"\nor leave it out", "policy", "audit-log")
	}
	return p, nil
}

// auditRequired is the one value of policy.audit-log.
const auditRequired = "required"

// imagesLocked is the one value of policy.images.
const imagesLocked = "locked"

// hosts is a list of hosts under [policy].
func (d *decoder) hosts(v any, key string) ([]string, error) {
	list, err := d.texts(v, "files.example.com", "policy", key)
	if err != nil {
		return nil, err
	}
	for _, host := range list {
		if host == "" || strings.ContainsAny(host, "/@ ?#*") {
			return nil, d.fail(fmt.Sprintf("policy.%s names %q, which is no host", key, host), "write it as\n  "+key+" = [\"files.example.com\"]", "policy", key)
		}
	}
	return list, nil
}

// packageVersions is a list of "name@version" under [policy].
func (d *decoder) packageVersions(v any, key string) ([]string, error) {
	list, err := d.texts(v, "name@1.2.3", "policy", key)
	if err != nil {
		return nil, err
	}
	for _, id := range list {
		if at := strings.LastIndex(id, "@"); at < 1 || at == len(id)-1 {
			return nil, d.fail(fmt.Sprintf("policy.%s names %q, which is no version of a package", key, id), "write it as\n  "+key+" = [\"name@1.2.3\"]", "policy", key)
		}
	}
	return list, nil
}

// rules is a list of patterns over sources under [policy].
func (d *decoder) rules(v any, key string) ([]policy.Rule, error) {
	list, err := d.texts(v, "github:OWNER/*", "policy", key)
	if err != nil {
		return nil, err
	}
	lines := d.doc.linesOf("policy", key)
	var out []policy.Rule
	for i, text := range list {
		pattern, err := policy.ParsePattern(text)
		if err != nil {
			e := d.fail(fmt.Sprintf("policy.%s names %q, which is no pattern of sources: %v", key, text, err),
				"write it as\n  "+key+" = [\"github:OWNER/*\", \"npm:@SCOPE/*\", \"npm:NAME\"]\nversions are kept out with [exclude]", "policy", key)
			e.Where = at(d.name, lines[i], 0)
			return nil, e
		}
		out = append(out, policy.Rule{Pattern: pattern, Line: lines[i]})
	}
	return out, nil
}

// Sources are the rules over sources and content, as those of the project or of its organisation.
func (p Policy) Sources(file string, project bool) policy.Rules {
	return policy.Rules{File: file, Project: project, Allow: p.Allow, Deny: p.Deny, Signed: p.Signed, Age: p.Age, AgeLine: p.AgeLine, AgeExcept: p.AgeExcept,
		Content: p.Content, Plain: p.Plain}
}
