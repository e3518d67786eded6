package policy

import "slices"

// Signed is a rule that what comes from some repositories has to be signed, or what comes from a registry by that. Every rule that matches a source has to be met.
type Signed struct {
	Rule             // over sources of git repositories, or of npm packages
	Signers []string // files with the keys that may sign, as written: from the folder of the rule's own file; none for the keys that an npm registry states itself
	By      []string // who has to have signed, as the files name them; none for anybody in them
	Tags    bool     // a signed commit does not do: only a signed tag says which version it is

	Provenance bool      // of npm packages: the registry's signature does not do, a build has to have attested it; Signers are trusted roots of Sigstore then
	Builders   []Pattern // over the repositories whose builds may; none for any that the package claims
}

// Demand is a rule of a set that concerns a source.
type Demand struct {
	Signed
	File    string // that the rule stands in
	Project bool   // the file is the project's own
}

// Demands are the rules about who has to sign what comes from source.
func (s Set) Demands(source string) []Demand {
	var out []Demand
	for _, rules := range s {
		for _, rule := range rules.Signed {
			if rule.Pattern.matchesAnyCase(source) {
				out = append(out, Demand{rule, rules.File, rules.Project})
			}
		}
	}
	return out
}

// BuiltBy tells whether a build for the repository, a canonical source, may be who built it.
func (s *Signed) BuiltBy(repository string) bool {
	return len(s.Builders) == 0 || slices.ContainsFunc(s.Builders, func(p Pattern) bool { return p.Matches(repository) })
}

// Refuse is the refusal of what the demand is not met by. detail says what is wrong, next what mends it.
func (d *Demand) Refuse(source, detail, next string) *Refusal {
	return &Refusal{Source: source, Rule: d.Pattern.String(), List: "signed", File: d.File, Line: d.Line, Detail: detail, Next: next}
}
