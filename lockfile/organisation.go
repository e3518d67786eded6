package lockfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/MediaConduit/conduit/report"
	"github.com/MediaConduit/conduit/verify/policy"
)

// Organisation is a policy file that does not belong to the project. Its keys are those of [policy] in conduit.toml: allow and
// deny and signed count besides the project's; of sha1, hosts and build the project may use what is listed here, if the key is
// here; licenses, sizes and insecure must allow too; images = "locked" and audit-log = "required" hold for the project, and of ages of
// releases the longest does.
type Organisation struct {
	File   string // absolute
	Policy Policy
	Line   map[string]int // of the keys that the file has, by name
}

// ReadOrganisation reads a policy file. Errors are [*report.Error] of kind Policy, so that a file that cannot be read allows
// nothing; without the file the error has [fs.ErrNotExist] in its chain.
func ReadOrganisation(file string) (*Organisation, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		next := "make it readable"
		if errors.Is(err, fs.ErrNotExist) {
			next = "name an existing file with CONDUIT_POLICY, or unset it"
		}
		return nil, &report.Error{Kind: report.Policy, What: "the organisation's policy cannot be read", Where: file, Err: err, Next: next}
	}
	return ParseOrganisation(file, data)
}

// ParseOrganisation parses the content of a policy file; file is used in messages.
func ParseOrganisation(file string, data []byte) (*Organisation, error) {
	d, root, err := decode(file, data)
	if err == nil {
		err = d.only([]string{"policy"})
	}
	o := &Organisation{File: file, Line: map[string]int{}}
	if err == nil {
		o.Policy, err = d.policy(root["policy"])
	}
	var e *report.Error
	if errors.As(err, &e) {
		e.Kind = report.Policy
	}
	if err != nil {
		return nil, err
	}
	for _, key := range d.doc.children("policy") {
		o.Line[key] = d.doc.lineOf("policy", key)
	}
	return o, nil
}

// Excess lists what the manifest allows itself and the organisation does not.
func (o *Organisation) Excess(m *Manifest) []policy.Refusal {
	var out []policy.Refusal
	for _, list := range []struct {
		key              string
		project, allowed []string
	}{{"sha1", m.Policy.SHA1, o.Policy.SHA1}, {"hosts", m.Policy.Hosts, o.Policy.Hosts}, {"build", m.Policy.Build, o.Policy.Build}} {
		line, bound := o.Line[list.key]
		for _, entry := range list.project {
			if bound && !slices.Contains(list.allowed, entry) {
				out = append(out, policy.Refusal{Source: fmt.Sprintf("%s: policy.%s = %q", at(ManifestName, m.Line["policy."+list.key], 0), list.key, entry),
					List: list.key, File: o.File, Line: line,
					Next: fmt.Sprintf("take it from %s, or ask whoever keeps %s to list it under %s", ManifestName, o.File, list.key)})
			}
		}
	}
	return out
}
