package signature

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"golang.org/x/crypto/ssh"
)

// Signers are the keys that may sign.
type Signers struct {
	ssh      []allowed
	keyring  openpgp.EntityList
	registry []registryKey
}

// Add takes in the keys of a file: an allowed signers file of SSH keys, a keyring of OpenPGP keys, or the keys of
// an npm registry. A file without any key is
// an error. Errors in a line are [*LineError].
func (s *Signers) Add(data []byte) error {
	found := 0
	switch {
	case isKeyring(data):
		keys, err := parseKeyring(data)
		if err != nil {
			return fmt.Errorf("it is no keyring of OpenPGP: %w", err)
		}
		s.keyring, found = append(s.keyring, keys...), len(keys)
	case isRegistryKeys(data):
		keys, err := parseRegistryKeys(data)
		if err != nil {
			return err
		}
		s.registry, found = append(s.registry, keys...), len(keys)
	default:
		lines, err := parseAllowed(data)
		if err != nil {
			return err
		}
		s.ssh, found = append(s.ssh, lines...), len(lines)
	}
	if found == 0 {
		return errors.New("it holds no key")
	}
	return nil
}

// Signer is who signed, in a form that a lock can keep: the kind of key, its fingerprint and whose it is. The kind is "ssh",
// "ssh-ca" where the fingerprint is that of the authority that certified the key, "openpgp", "npm" for a registry, or "sigstore" for a
// build, see [Builder].
type Signer struct {
	Kind, Key, Name string
}

// String is the signer on one line.
func (s Signer) String() string {
	return strings.TrimSuffix(s.Kind+" "+s.Key+" "+plain(s.Name), " ")
}

// ParseSigner reads what [Signer.String] wrote.
func ParseSigner(text string) (s Signer, ok bool) {
	var rest string
	s.Kind, rest, _ = strings.Cut(text, " ")
	s.Key, s.Name, _ = strings.Cut(rest, " ")
	return s, s.Key != "" && slices.Contains([]string{kindSSH, kindAuthority, kindPGP, kindRegistry, kindBuild}, s.Kind)
}

const (
	kindSSH       = "ssh"
	kindAuthority = "ssh-ca"
	kindPGP       = "openpgp"
)

// plain is a name on one line: names are texts of strangers.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(name, "?"))
}

// Check verifies the signature of an object and finds its signer, by names who it has to be (principals of SSH keys, mail
// addresses of OpenPGP keys); none means anybody in the files. now is when an OpenPGP key has to be valid, as for gpg; the zero time
// is when it signed. SSH keys have to be valid when the object was made, as for git. Errors are [*Failure].
func (s *Signers) Check(o *Object, by []string, now time.Time) (Signer, error) {
	switch {
	case o.Signature == nil:
		return Signer{}, &Failure{Unsigned, "the " + o.Kind + " is not signed"}
	case bytes.HasPrefix(o.Signature, []byte(marks[0])):
		return s.checkSSH(o, by, now)
	case bytes.HasPrefix(o.Signature, []byte(marks[1])), bytes.HasPrefix(o.Signature, []byte(marks[2])):
		return s.checkPGP(o, by, now)
	}
	return Signer{}, &Failure{Malformed, "the signature is neither one of SSH nor of OpenPGP"}
}

func (s *Signers) checkSSH(o *Object, by []string, now time.Time) (Signer, error) {
	sig, err := verifySSH(o.Signature, o.Payload)
	if err != nil {
		return Signer{}, err
	}
	at := cmp.Or(o.Time, now)
	key := ssh.FingerprintSHA256(sig.key)
	failure := &Failure{UnknownKey, "the SSH key " + key + " is unknown"}
	names := by
	if len(by) == 0 {
		if names, failure = s.named(sig, at, failure); names == nil {
			return Signer{}, failure
		}
	}
	for _, name := range names {
		for i := range s.ssh {
			line := &s.ssh[i]
			if !line.is(sig) {
				continue
			}
			switch err := line.permits(sig, name, at); {
			case err == nil && line.authority:
				return Signer{kindAuthority, ssh.FingerprintSHA256(line.key), name}, nil
			case err == nil:
				return Signer{kindSSH, key, name}, nil
			default:
				failure = err
			}
		}
	}
	return Signer{}, failure
}

// named is whom the first line that holds names for the key, as `ssh-keygen -Y find-principals` prints it: git goes on with that.
func (s *Signers) named(sig *sshSignature, at time.Time, failure *Failure) ([]string, *Failure) {
	for i := range s.ssh {
		line := &s.ssh[i]
		switch {
		case !line.is(sig):
		case !line.valid(at):
			failure = line.outside(at)
		case !line.authority:
			return []string{line.principals}, nil
		default:
			if err := certified(sig.cert, at); err != nil {
				failure = err
			} else if names := line.principalsOf(sig.cert); len(names) > 0 {
				return names, nil
			} else {
				failure = &Failure{NotAllowed, "the certificate is for " + strings.Join(sig.cert.ValidPrincipals, ", ") + ", which its authority may not certify here"}
			}
		}
	}
	return nil, failure
}

// permits tells whether the line lets the principal sign with its key; nil if so.
func (a *allowed) permits(sig *sshSignature, principal string, at time.Time) *Failure {
	key := "the SSH key " + ssh.FingerprintSHA256(sig.key)
	switch {
	case !a.allows(principal):
		return &Failure{NotAllowed, key + " is not one of " + principal}
	case !a.forGit():
		return &Failure{NotAllowed, key + " may sign other things, but not for git: namespaces does not name it"}
	case !a.valid(at):
		return a.outside(at)
	case a.authority:
		if err := certified(sig.cert, at); err != nil {
			return err
		}
		if !slices.Contains(sig.cert.ValidPrincipals, principal) {
			return &Failure{NotAllowed, "the certificate of " + key + " is not for " + principal}
		}
	}
	return nil
}

func (a *allowed) outside(at time.Time) *Failure {
	return &Failure{Expired, "the SSH key " + ssh.FingerprintSHA256(a.key) + " was not valid at " + at.UTC().Format(time.RFC3339)}
}

func (s *Signers) checkPGP(o *Object, by []string, now time.Time) (Signer, error) {
	key, err := verifyPGP(s.keyring, o.Signature, o.Payload, now)
	if err != nil {
		return Signer{}, err
	}
	return pgpSigner(key, by, cmp.Or(now, o.Time))
}

// pgpSigner is the key with the address that it has to be for.
func pgpSigner(key *openpgp.Entity, by []string, now time.Time) (Signer, error) {
	out := Signer{Kind: kindPGP, Key: fmt.Sprintf("%X", key.PrimaryKey.Fingerprint)}
	names := addresses(key, now)
	if len(by) == 0 {
		if len(names) > 0 {
			out.Name = names[0]
		}
		return out, nil
	}
	for _, name := range by {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			out.Name = name
			return out, nil
		}
	}
	return Signer{}, &Failure{NotAllowed, "the OpenPGP key " + out.Key + " is not one of " + strings.Join(by, ", ")}
}

// Know tells whether who signed may still do so: the key is there, not revoked, for that name, and by names it. What a key signed
// before it expired stays signed.
func (s *Signers) Know(signer Signer, by []string, now time.Time) bool {
	switch signer.Kind {
	case kindSSH, kindAuthority:
		return (len(by) == 0 || slices.Contains(by, signer.Name)) && slices.ContainsFunc(s.ssh, func(a allowed) bool {
			return a.authority == (signer.Kind == kindAuthority) && ssh.FingerprintSHA256(a.key) == signer.Key && a.forGit() &&
				(a.allows(signer.Name) || plain(a.principals) == signer.Name)
		})
	case kindPGP:
		return slices.ContainsFunc(s.keyring, func(key *openpgp.Entity) bool {
			if fmt.Sprintf("%X", key.PrimaryKey.Fingerprint) != signer.Key || len(key.Revocations) > 0 {
				return false
			}
			_, err := pgpSigner(key, by, now)
			return err == nil
		})
	case kindRegistry:
		return s.registryKey(signer.Key) != nil
	}
	return false
}
