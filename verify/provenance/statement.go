package provenance

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// The predicates that say how something was built.
const (
	slsa02 = "https://slsa.dev/provenance/v0.2"
	slsa1  = "https://slsa.dev/provenance/v1"
)

var statementTypes = []string{"https://in-toto.io/Statement/v0.1", "https://in-toto.io/Statement/v1"}

// payloadType is that of in-toto statements.
const payloadType = "application/vnd.in-toto+json"

// statement is what an attestation says, as far as it matters.
type statement struct {
	Type          string `json:"_type"`
	PredicateType string `json:"predicateType"`
	Subject       []struct {
		Name   string            `json:"name"`
		Digest map[string]string `json:"digest"`
	} `json:"subject"`
	Predicate predicate `json:"predicate"`
}

// predicate is the part of both predicates that says what was built.
type predicate struct {
	Definition struct { // 1
		Parameters struct {
			Workflow struct {
				Repository string `json:"repository"`
			} `json:"workflow"`
		} `json:"externalParameters"`
	} `json:"buildDefinition"`
	Invocation struct { // 0.2
		Source struct {
			URI    string            `json:"uri"`
			Digest map[string]string `json:"digest"`
		} `json:"configSource"`
	} `json:"invocation"`
}

func parseStatement(e *envelope) (*statement, error) {
	if e.payloadType != payloadType {
		return nil, fmt.Errorf("it is of the type %q", e.payloadType)
	}
	var s statement
	if err := json.Unmarshal(e.payload, &s); err != nil {
		return nil, err
	}
	if !slices.Contains(statementTypes, s.Type) {
		return nil, fmt.Errorf("it is of the type %q", s.Type)
	}
	return &s, nil
}

// about tells whether the statement is about a package's version with these bytes.
func (s *statement) about(name, version, sha512 string) error {
	want := "pkg:npm/" + name + "@" + version
	found := false
	for _, subject := range s.Subject {
		called, err := url.PathUnescape(subject.Name)
		if err != nil || called != want {
			continue
		}
		if sum, err := hex.DecodeString(subject.Digest["sha512"]); err != nil || len(sum) == 0 || string(sum) != sha512 {
			return errors.New("it is about another tarball")
		}
		found = true
	}
	if !found {
		return errors.New("it is about another package or version")
	}
	return nil
}

// contradicts tells whether the statement names another repository or commit than the certificate, which the builder has no say in.
func (s *statement) contradicts(b *Build) bool {
	source := s.Predicate.Invocation.Source
	uri, _, _ := strings.Cut(source.URI, "@refs/")
	for _, repository := range []string{s.Predicate.Definition.Parameters.Workflow.Repository, uri} {
		if repository != "" && canonical(repository) != canonical(b.Repository) {
			return true
		}
	}
	commit := source.Digest["sha1"]
	return commit != "" && commit != b.Commit
}
