package verify

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// ErrWeakIntegrity is in the chain of the error for an integrity string that holds nothing stronger than SHA-1.
var ErrWeakIntegrity = errors.New("SHA-1 no longer proves that a file is the one that was published")

// Integrity is one digest as npm and browsers write it (Subresource Integrity): "sha512-" and base64. It is comparable.
type Integrity struct {
	Algorithm string // "sha512", "sha384", "sha256", or "sha1" where that was allowed
	Sum       string // the raw bytes of the digest
}

// algorithms lists what [ParseIntegrity] accepts, the strongest first.
var algorithms = []struct {
	name string
	new  func() hash.Hash
}{
	{"sha512", sha512.New},
	{"sha384", sha512.New384},
	{"sha256", sha256.New},
	{"sha1", sha1.New},
}

// ParseIntegrity reads an integrity string: one or more "ALGORITHM-BASE64[?OPTION]" separated by spaces. The strongest
// algorithm wins, and of several digests with that algorithm the first; unknown algorithms are skipped, as the
// specification demands. A string that holds SHA-1 alone is refused with [ErrWeakIntegrity].
func ParseIntegrity(s string) (Integrity, error) {
	i, err := ParseWeakIntegrity(s)
	if err == nil && i.Algorithm == "sha1" {
		return Integrity{}, fmt.Errorf("integrity %q: %w", s, ErrWeakIntegrity)
	}
	return i, err
}

// ParseWeakIntegrity is [ParseIntegrity] for a caller whose user allowed SHA-1.
func ParseWeakIntegrity(s string) (Integrity, error) {
	fields := strings.Fields(s)
	for _, a := range algorithms {
		for _, f := range fields {
			digest, ok := strings.CutPrefix(f, a.name+"-")
			if !ok {
				continue
			}
			digest, _, _ = strings.Cut(digest, "?")
			raw, err := base64.StdEncoding.DecodeString(digest)
			if err != nil || len(raw) != a.new().Size() {
				return Integrity{}, fmt.Errorf("integrity %q: the %s digest is malformed", s, a.name)
			}
			return Integrity{Algorithm: a.name, Sum: string(raw)}, nil
		}
	}
	return Integrity{}, fmt.Errorf("integrity %q: no digest with a known algorithm (sha512, sha384, sha256)", s)
}

// FromShasum turns the hexadecimal SHA-1 "shasum" of old npm packuments into an Integrity.
func FromShasum(shasum string) (Integrity, error) {
	raw, err := hex.DecodeString(shasum)
	if err != nil || len(raw) != sha1.Size {
		return Integrity{}, fmt.Errorf("shasum %q is no hexadecimal SHA-1", shasum)
	}
	return Integrity{Algorithm: "sha1", Sum: string(raw)}, nil
}

// IntegrityOf is the sha512 integrity of data.
func IntegrityOf(data []byte) Integrity {
	sum := sha512.Sum512(data)
	return Integrity{Algorithm: "sha512", Sum: string(sum[:])}
}

// String is the form that lock files hold: "sha512-BASE64"; "" for the zero Integrity.
func (i Integrity) String() string {
	if i.Algorithm == "" {
		return ""
	}
	return i.Algorithm + "-" + base64.StdEncoding.EncodeToString([]byte(i.Sum))
}

// Hex is the digest in lower-case hexadecimal, as names in the cache use it.
func (i Integrity) Hex() string { return hex.EncodeToString([]byte(i.Sum)) }

// New returns a hash with i's algorithm; nil for the zero Integrity.
func (i Integrity) New() hash.Hash {
	for _, a := range algorithms {
		if a.name == i.Algorithm {
			return a.new()
		}
	}
	return nil
}

// of is the Integrity whose digest h has computed, with i's algorithm.
func (i Integrity) of(h hash.Hash) Integrity {
	return Integrity{Algorithm: i.Algorithm, Sum: string(h.Sum(nil))}
}

// CheckBytes compares data with i. The error is that of [Check].
func (i Integrity) CheckBytes(subject string, data []byte) error {
	h := i.New()
	if h == nil {
		return Mismatch(subject, "integrity", "a digest", "none")
	}
	h.Write(data)
	return Check(subject, i.String(), i.of(h).String())
}
