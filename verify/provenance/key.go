package provenance

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	_ "crypto/sha256" // for crypto.Hash
	_ "crypto/sha512"
)

// verifyKey tells whether sig is the key's over message, by the hash that goes with the key
// (https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md).
func verifyKey(key crypto.PublicKey, message, sig []byte) bool {
	hash := crypto.SHA256
	if k, ok := key.(*ecdsa.PublicKey); ok {
		switch k.Curve.Params().BitSize {
		case 384:
			hash = crypto.SHA384
		case 521:
			hash = crypto.SHA512
		}
	}
	return verifyBy(key, hash, message, sig)
}

// verifyBy is [verifyKey] with a hash, which Ed25519 has no use for.
func verifyBy(key crypto.PublicKey, hash crypto.Hash, message, sig []byte) bool {
	h := hash.New()
	h.Write(message)
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, h.Sum(nil), sig)
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, sig)
	case *rsa.PublicKey:
		return k.N.BitLen() >= 2048 && rsa.VerifyPKCS1v15(k, hash, h.Sum(nil), sig) == nil
	}
	return false
}
