package signature

import (
	"bytes"
	"errors"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// namespace is what git signs in: a signature that somebody made over a file, or to log in, is none over a tag.
const namespace = "git"

// sshSignature is a verified signature of a key that nobody has judged yet.
type sshSignature struct {
	key  ssh.PublicKey // a certificate where it was made with one
	cert *ssh.Certificate
}

// verifySSH checks that the armored signature is one over payload, whoever made it.
func verifySSH(armored, payload []byte) (*sshSignature, error) {
	sig, err := parseSSH(armored)
	if err != nil {
		return nil, &Failure{Malformed, "the signature cannot be read: " + err.Error()}
	}
	if sig.Namespace != namespace {
		return nil, &Failure{NotAllowed, "the signature was made for another purpose: its namespace is not " + namespace}
	}
	if err := sshsig.Verify(bytes.NewReader(payload), sig, sig.PublicKey, sig.HashAlgorithm, namespace); err != nil {
		return nil, &Failure{Mismatch, "the signature by " + ssh.FingerprintSHA256(sig.PublicKey) + " does not match: it is over something else"}
	}
	out := &sshSignature{key: sig.PublicKey}
	out.cert, _ = sig.PublicKey.(*ssh.Certificate)
	return out, nil
}

// parseSSH reads an armored signature.
func parseSSH(armored []byte) (*sshsig.Signature, error) {
	sig, err := sshsig.Unarmor(armored)
	if err != nil {
		return nil, err
	}
	// Certificates of RSA keys too, which the library lets pass: SHA-1 is no hash for a signature.
	if strings.HasPrefix(sig.Signature.Format, ssh.KeyAlgoRSA) {
		return nil, errors.New("it is made with SHA-1")
	}
	return sig, nil
}

// certified checks a user's certificate at a time, and that it names somebody. Whether its authority is one of ours is for the
// caller to know. Critical options are for logins.
func certified(cert *ssh.Certificate, at time.Time) *Failure {
	if cert.CertType != ssh.UserCert || len(cert.ValidPrincipals) == 0 {
		return &Failure{NotAllowed, "the key's certificate is not one of a user, or names none"}
	}
	options := make([]string, 0, len(cert.CriticalOptions))
	for option := range cert.CriticalOptions {
		options = append(options, option)
	}
	checker := ssh.CertChecker{Clock: func() time.Time { return at }, SupportedCriticalOptions: options}
	if err := checker.CheckCert(cert.ValidPrincipals[0], cert); err != nil {
		return &Failure{Expired, "the certificate of the key was not valid at " + at.UTC().Format(time.RFC3339)}
	}
	return nil
}
