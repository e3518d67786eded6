// Package signature tells who signed a git tag or commit: with an SSH key (PROTOCOL.sshsig of OpenSSH, namespace "git") against
// an allowed signers file as ssh-keygen(1) describes it, or with an OpenPGP key (RFC 9580) against a keyring.
//
// And it tells whether an npm registry signed a release (ECDSA over NAME@VERSION:INTEGRITY).
//
// Its verdicts over git objects are those of `git verify-tag` and `git verify-commit`, which tests compare it with, but for what it is stricter in: a
// line of an allowed signers file that means nothing is an error and not skipped, and SHA-1 is no hash for a signature.
// It is pure: whoever has the objects and the files comes to it with their bytes.
package signature
