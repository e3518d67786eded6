package provenance

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/MediaConduit/conduit/verify"
	"github.com/MediaConduit/conduit/verify/signature"
)

// Release is a version of an npm package.
type Release struct {
	Name, Version string
	Integrity     string // of its tarball, which was verified
	Repository    string // that its package.json claims, see [Repository]
}

// Build is who built a release.
type Build struct {
	Issuer     string // of the token that the build identified itself with: whose machines it ran on
	Repository string // that it ran for
	Workflow   string // that ran: its address, without the ref
	Ref        string // that it ran at
	Commit     string
}

// Signer is the build in the form that locks keep. It has no ref and no commit, so that it is the same for the next release.
func (b Build) Signer() signature.Signer {
	return signature.Builder(b.Issuer, b.Repository, b.Workflow)
}

// Check verifies what a registry answered about the attestations of a release, and returns who built it. All attestations of
// provenance have to hold, others are passed over. Errors are [*signature.Failure]; [signature.Unsigned] is for a release that has none.
func (r *Root) Check(release Release, answer []byte) (Build, error) {
	var doc attested
	if err := json.Unmarshal(answer, &doc); err != nil {
		return Build{}, fail(signature.Malformed, "its attestations cannot be read: "+err.Error())
	}
	var out Build
	found := false
	for _, a := range doc.Attestations {
		if a.PredicateType != slsa02 && a.PredicateType != slsa1 {
			continue
		}
		b, err := r.check(release, a.PredicateType, a.Bundle)
		if err != nil {
			return Build{}, err
		}
		if found && b.Signer() != out.Signer() {
			return Build{}, fail(signature.Mismatch, "it has provenance by two builds: "+out.Workflow+" and "+b.Workflow)
		}
		out, found = b, true
	}
	if !found {
		return Build{}, fail(signature.Unsigned, "it has no provenance")
	}
	return out, nil
}

func fail(fault signature.Fault, detail string) error {
	return &signature.Failure{Fault: fault, Detail: detail}
}

func (r *Root) check(release Release, predicateType string, data []byte) (Build, error) {
	b, err := parseBundle(data)
	if err != nil {
		return Build{}, fail(signature.Malformed, "its provenance cannot be read: "+err.Error())
	}
	if err := r.signed(b); err != nil {
		return Build{}, err
	}
	s, err := parseStatement(&b.envelope)
	if err != nil {
		return Build{}, fail(signature.Malformed, "the statement in its provenance cannot be read: "+err.Error())
	}
	if s.PredicateType != predicateType {
		return Build{}, fail(signature.Mismatch, "its provenance is another statement than the registry says")
	}
	sum, err := sha512Of(release.Integrity)
	if err != nil {
		return Build{}, err
	}
	if err := s.about(release.Name, release.Version, sum); err != nil {
		return Build{}, fail(signature.Mismatch, "its provenance does not match: "+err.Error())
	}
	build := buildOf(b.leaf)
	return build, build.claimed(release, s)
}

// claimed tells whether the build is one of the repository that the release claims.
func (b *Build) claimed(release Release, s *statement) error {
	switch {
	case !plain(b.Issuer) || !plain(b.Repository) || !plain(b.Workflow):
		return fail(signature.NotAllowed, "its provenance was signed by somebody, but by no build of a repository")
	case !b.owned():
		return fail(signature.NotAllowed, "it was built from "+b.Repository+" by "+b.Issuer+", where anybody could have")
	case s.contradicts(b):
		return fail(signature.Mismatch, "its provenance names another repository or commit than the certificate of the build")
	case release.Repository == "":
		return fail(signature.NotAllowed, "it was built from "+b.Repository+", and its package.json claims no repository")
	case canonical(release.Repository) == "" || canonical(release.Repository) != canonical(b.Repository):
		return fail(signature.NotAllowed, "it was built from "+b.Repository+", and its package.json claims "+strings.ToValidUTF8(release.Repository, "?"))
	}
	return nil
}

func sha512Of(integrity string) (string, error) {
	i, err := verify.ParseIntegrity(integrity)
	if err != nil || i.Algorithm != "sha512" {
		return "", fail(signature.Mismatch, "its provenance is over a SHA-512, and its registry states none")
	}
	return i.Sum, nil
}

// signed verifies that the envelope was signed by the certificate, while that was valid, in sight of the logs.
func (r *Root) signed(b *bundle) error {
	times, err := r.witnessed(b)
	if err != nil {
		return err
	}
	for i := range b.entries {
		if err := b.entries[i].binds(b); err != nil {
			return unlogged(err)
		}
	}
	for _, at := range times {
		if err := r.certified(b, at); err != nil {
			return err
		}
	}
	if !verifyKey(b.leaf.PublicKey, b.envelope.signed(), b.envelope.sig) {
		return fail(signature.Mismatch, "the signature of its provenance does not match")
	}
	return nil
}

func unlogged(err error) error {
	fault := signature.Mismatch
	if errors.Is(err, errUnknownLog) {
		fault = signature.UnknownKey
	}
	return fail(fault, "the transparency log's entry of its provenance does not hold: "+err.Error())
}

// witnessed verifies that the logs have all entries, and returns when logs and authorities say that the envelope was signed: at least
// one time, at each of which the logs' keys were valid.
func (r *Root) witnessed(b *bundle) ([]time.Time, error) {
	if len(b.entries) == 0 {
		return nil, fail(signature.Mismatch, "the signature of its provenance is in no transparency log")
	}
	var times []time.Time
	var logs []*logKey
	for i := range b.entries {
		log, at, err := r.entered(&b.entries[i])
		if err != nil {
			return nil, unlogged(err)
		}
		logs = append(logs, log)
		if !at.IsZero() {
			times = append(times, at)
		}
	}
	why := errors.New("no log and no authority does")
	for _, stamp := range b.stamps {
		at, err := r.stamped(stamp, b.envelope.sig)
		if err != nil { // a stranger's stamp says nothing, and does no harm
			why = err
			continue
		}
		times = append(times, at)
	}
	if len(times) == 0 {
		return nil, fail(signature.Mismatch, "nobody vouches for when its provenance was signed: "+why.Error())
	}
	for _, at := range times {
		for _, log := range logs {
			if !log.valid.holds(at) {
				return nil, unlogged(errLogThen)
			}
		}
	}
	return times, nil
}

// certified verifies that the certificate was valid at a time, that of its authority too, and that it is in a certificate log.
func (r *Root) certified(b *bundle, at time.Time) error {
	if at.Before(b.leaf.NotBefore) || at.After(b.leaf.NotAfter) {
		return fail(signature.Expired, "the certificate of its provenance was not valid when that was signed")
	}
	err := fail(signature.UnknownKey, "the certificate of its provenance is by no authority that is known here")
	for i := range r.authorities {
		chain := r.authorities[i].vouches(b.leaf, at, x509.ExtKeyUsageCodeSigning)
		if chain == nil {
			continue
		}
		why := r.listed(b.leaf, chain[1])
		if why == nil {
			return nil
		}
		err = fail(signature.Mismatch, "the certificate of its provenance does not hold: "+why.Error())
	}
	return err
}
