package signature

import (
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const publicKeyBlock = "-----BEGIN PGP PUBLIC KEY BLOCK-----"

// isKeyring tells an OpenPGP keyring, armored or not, from an allowed signers file.
func isKeyring(data []byte) bool {
	return len(data) > 0 && data[0]&0x80 != 0 && !bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) || bytes.Contains(data, []byte(publicKeyBlock))
}

// parseKeyring reads what gpg --export wrote, with --armor or without; several of them may follow one another.
func parseKeyring(data []byte) (openpgp.EntityList, error) {
	if !bytes.Contains(data, []byte(publicKeyBlock)) {
		return openpgp.ReadKeyRing(bytes.NewReader(data))
	}
	var out openpgp.EntityList
	for _, block := range strings.SplitAfter(strings.ReplaceAll(string(data), publicKeyBlock, "\x00"+publicKeyBlock), "\x00")[1:] {
		keys, err := openpgp.ReadArmoredKeyRing(strings.NewReader(block))
		if err != nil {
			return nil, err
		}
		out = append(out, keys...)
	}
	return out, nil
}

// weak are hashes that collisions are known of, or feared.
var weak = []crypto.Hash{crypto.MD5, crypto.SHA1, crypto.RIPEMD160}

// verifyPGP checks an armored signature over payload by a key of the keyring, as of now; the zero time is when it was made.
func verifyPGP(keyring openpgp.EntityList, armored, payload []byte, now time.Time) (*openpgp.Entity, error) {
	raw, sig, err := parsePGP(armored)
	if err != nil {
		return nil, &Failure{Malformed, "the signature cannot be read: " + err.Error()}
	}
	if now.IsZero() {
		now = sig.CreationTime
	}
	_, signer, err := openpgp.VerifyDetachedSignature(keyring, bytes.NewReader(payload), bytes.NewReader(raw), &packet.Config{Time: func() time.Time { return now }})
	name := "the OpenPGP key " + issuer(sig)
	switch {
	case err == nil:
		return signer, nil
	case errors.Is(err, pgperrors.ErrUnknownIssuer):
		return nil, &Failure{UnknownKey, name + " is unknown"}
	case errors.Is(err, pgperrors.ErrKeyExpired):
		return nil, &Failure{Expired, name + " has expired"}
	case errors.Is(err, pgperrors.ErrSignatureExpired):
		return nil, &Failure{Expired, "the signature by " + name + " has expired"}
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return nil, &Failure{Revoked, name + " was revoked"}
	}
	return nil, &Failure{Mismatch, "the signature by " + name + " does not match: it is over something else"}
}

// parsePGP reads an armored signature. There must be one and no more, so that nobody can hide one behind another.
func parsePGP(armored []byte) (raw []byte, sig *packet.Signature, err error) {
	block, err := armor.Decode(bytes.NewReader(armored))
	if err != nil {
		return nil, nil, err
	}
	if block.Type != openpgp.SignatureType {
		return nil, nil, errors.New("it is no detached signature")
	}
	if raw, err = io.ReadAll(io.LimitReader(block.Body, Longest)); err != nil {
		return nil, nil, err
	}
	packets := packet.NewReader(bytes.NewReader(raw))
	p, err := packets.Next()
	if err != nil {
		return nil, nil, err
	}
	sig, ok := p.(*packet.Signature)
	switch _, err := packets.Next(); {
	case !ok:
		return nil, nil, errors.New("it is no signature")
	case !errors.Is(err, io.EOF):
		return nil, nil, errors.New("it is more than one signature")
	case sig.SigType != packet.SigTypeBinary && sig.SigType != packet.SigTypeText:
		return nil, nil, errors.New("it is over a key, not over a document")
	case sig.IssuerKeyId == nil:
		return nil, nil, errors.New("it does not tell its key")
	case slices.Contains(weak, sig.Hash):
		return nil, nil, errors.New("it is made with a weak hash, " + sig.Hash.String())
	}
	return raw, sig, nil
}

// issuer is the fingerprint of the key that the signature says it is by, or the key's ID.
func issuer(sig *packet.Signature) string {
	if len(sig.IssuerFingerprint) > 0 {
		return fmt.Sprintf("%X", sig.IssuerFingerprint)
	}
	return fmt.Sprintf("%016X", *sig.IssuerKeyId)
}

// addresses are the mail addresses that a key is for as of now, in the same order everywhere: those that the key calls primary first.
func addresses(key *openpgp.Entity, now time.Time) []string {
	var primary, others []string
	for _, id := range key.Identities {
		switch {
		case id.UserId == nil || id.UserId.Email == "" || id.Revoked(now):
		case id.SelfSignature != nil && id.SelfSignature.IsPrimaryId != nil && *id.SelfSignature.IsPrimaryId:
			primary = append(primary, id.UserId.Email)
		default:
			others = append(others, id.UserId.Email)
		}
	}
	slices.Sort(primary)
	slices.Sort(others)
	return append(primary, others...)
}
