package policy

import (
	"fmt"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/report"
)

// Rule is one pattern and where it stands.
type Rule struct {
	Pattern Pattern
	Line    int // in its file, from 1; 0 where it is not known
}

// Rules are what one file says.
type Rules struct {
	File    string // as messages name it: "conduit.toml", or an absolute path
	Project bool   // the file is the project's own, so that whoever works on the project may change it
	Allow   []Rule // with any, a source must match one of them
	Content Content
	Plain   *Plain // nil where the file says nothing of it
	Deny    []Rule // a source that matches one is refused, allowed or not
	Signed  []Signed

	Age       *time.Duration // how long ago what is chosen must have been published, see [Age]; nil where the file says nothing
	AgeLine   int            // of Age in the file
	AgeExcept []Rule         // sources of which this file asks no age
}

// Set is the rules of all files that count. Each of them must allow a source.
type Set []Rules

// Refusal is why a source is refused.
type Refusal struct {
	Source string // canonical
	Rule   string // the pattern that denies it; "" where a list allows others only
	List   string // "allow" or "deny", or another key of [policy]
	File   string // of the rule
	Line   int    // of the rule or of the list; 0 where it is not known
	Detail string // what is wrong, where the rule does not say it alone
	Reason string // why, in words, for the other keys
	Next   string // what mends it
}

// Empty reports whether nothing can be refused.
func (s Set) Empty() bool {
	for _, rules := range s {
		if len(rules.Allow)+len(rules.Deny) > 0 {
			return false
		}
	}
	return true
}

// Check is nil where the rules of all files allow what comes from source. also are other names of it, for which a rule can
// forbid it but none allow it: the name, "npm:NAME", of a library from a repository. Denials are looked for first.
func (s Set) Check(source string, also ...string) *Refusal {
	for _, rules := range s {
		for _, name := range append([]string{source}, also...) {
			for _, rule := range rules.Deny {
				if rule.Pattern.matchesAnyCase(name) {
					return rules.denied(source, rule)
				}
			}
		}
	}
	for _, rules := range s {
		if !rules.allows(source) {
			return rules.unlisted(source)
		}
	}
	return nil
}

func (r *Rules) allows(source string) bool {
	for _, rule := range r.Allow {
		if rule.Pattern.Matches(source) {
			return true
		}
	}
	return len(r.Allow) == 0
}

func (r *Rules) denied(source string, rule Rule) *Refusal {
	next := instead(source)
	if r.Project {
		next += ";\nor take " + quote(rule.Pattern.String()) + " from deny in " + r.File
	} else {
		next += ",\nor ask whoever keeps " + r.File
	}
	return &Refusal{Source: source, Rule: rule.Pattern.String(), List: "deny", File: r.File, Line: rule.Line, Next: next}
}

func (r *Rules) unlisted(source string) *Refusal {
	next := "if you trust it, add " + quote(source) + " to allow under [policy] in " + r.File + ";\nelse " + instead(source)
	if !r.Project {
		next = instead(source) + ",\nor ask whoever keeps " + r.File + " to allow " + quote(source)
	}
	return &Refusal{Source: source, List: "allow", File: r.File, Line: r.Allow[0].Line, Next: next}
}

// instead is how to do without a source.
func instead(source string) string {
	if strings.HasPrefix(source, "npm:") {
		return "use another package, or another version of what requires it (conduit why " + source + ")"
	}
	return "use another package, or put one in its place:\n[replace]\n" + quote(source) + ` = "SOURCE"`
}

// Why is the rule in words.
func (r *Refusal) Why() string {
	switch {
	case r.Rule != "" && r.Detail != "":
		return fmt.Sprintf("%s names %s: %s", r.List, quote(r.Rule), r.Detail)
	case r.Reason != "":
		return r.Reason
	case r.Rule != "":
		return fmt.Sprintf("%s names %s", r.List, quote(r.Rule))
	case r.List == "allow":
		return "no pattern of allow matches it"
	}
	return r.List + " does not name it"
}

// Where is the place of the rule, FILE:LINE.
func (r *Refusal) Where() string {
	if r.Line == 0 {
		return r.File
	}
	return fmt.Sprintf("%s:%d", r.File, r.Line)
}

// Error is the refusal of subject, an error of kind Policy.
func (r *Refusal) Error(subject string) error {
	return &report.Error{Kind: report.Policy, What: "the policy refuses " + subject, Where: r.Where(), Why: r.Why(), Next: r.Next}
}

func quote(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
