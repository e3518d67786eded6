package signature

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// registryKey is a key with which an npm registry signs versions
// (https://docs.npmjs.com/about-registry-signatures).
type registryKey struct {
	id      string // "SHA256:…"
	key     *ecdsa.PublicKey
	expires time.Time // what was published from then on is not signed with it; zero for never
}

// kindRegistry is the kind of a [Signer] that is a registry.
const kindRegistry = "npm"

// scheme is the one that registries sign by.
const scheme = "ecdsa-sha2-nistp256"

// isRegistryKeys tells the keys of an npm registry from other files.
func isRegistryKeys(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// parseRegistryKeys reads what a registry answers to /-/npm/v1/keys. Keys of other schemes are passed over.
func parseRegistryKeys(data []byte) ([]registryKey, error) {
	var file struct {
		Keys []struct {
			KeyID   string     `json:"keyid"`
			Scheme  string     `json:"scheme"`
			Key     string     `json:"key"`
			Expires *time.Time `json:"expires"`
		} `json:"keys"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("it holds no keys of an npm registry: %w", err)
	}
	var out []registryKey
	for _, k := range file.Keys {
		if k.Scheme != scheme {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(k.Key)
		if err != nil {
			return nil, fmt.Errorf("the key %s cannot be read: %w", k.KeyID, err)
		}
		parsed, err := x509.ParsePKIXPublicKey(der)
		if err != nil {
			return nil, fmt.Errorf("the key %s cannot be read: %w", k.KeyID, err)
		}
		key, ok := parsed.(*ecdsa.PublicKey)
		if !ok || key.Curve != elliptic.P256() || k.KeyID == "" {
			return nil, fmt.Errorf("the key %q is none of the kind %s", k.KeyID, scheme)
		}
		read := registryKey{id: k.KeyID, key: key}
		if k.Expires != nil {
			read.expires = *k.Expires
		}
		out = append(out, read)
	}
	return out, nil
}

// Release is a version of an npm package, with what its registry signed.
type Release struct {
	Name, Version string
	Integrity     string // as the registry states it
	Signatures    []ReleaseSignature
	Published     func() (time.Time, error) // called where a key has expired; the zero time means not known
}

// ReleaseSignature is a signature over a release.
type ReleaseSignature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"` // DER, in base64
}

// CheckRelease verifies all signatures of a release, as npm does. Errors are [*Failure], or of finding out when it was published.
func (s *Signers) CheckRelease(r *Release) (Signer, error) {
	if len(r.Signatures) == 0 {
		return Signer{}, &Failure{Unsigned, "its registry has not signed it"}
	}
	digest := sha256.Sum256([]byte(r.Name + "@" + r.Version + ":" + r.Integrity))
	var out Signer
	for _, sig := range r.Signatures {
		key := s.registryKey(sig.KeyID)
		if key == nil {
			return Signer{}, &Failure{UnknownKey, "the registry's key " + plain(sig.KeyID) + " is unknown"}
		}
		if !key.expires.IsZero() {
			switch at, err := r.Published(); {
			case err != nil:
				return Signer{}, err
			case at.IsZero() || !at.Before(key.expires):
				return Signer{}, &Failure{Expired, "the registry's key " + key.id + " had expired when it was published"}
			}
		}
		der, err := base64.StdEncoding.DecodeString(sig.Sig)
		if err != nil || !ecdsa.VerifyASN1(key.key, digest[:], der) {
			return Signer{}, &Failure{Mismatch, "the registry's signature by " + key.id + " does not match its integrity"}
		}
		if out.Key == "" {
			out = Signer{Kind: kindRegistry, Key: key.id}
		}
	}
	return out, nil
}

func (s *Signers) registryKey(id string) *registryKey {
	for i := range s.registry {
		if s.registry[i].id == id {
			return &s.registry[i]
		}
	}
	return nil
}

// ByRegistry tells whether the signer is a registry.
func (s Signer) ByRegistry() bool { return s.Kind == kindRegistry }
