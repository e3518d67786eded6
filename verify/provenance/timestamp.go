package provenance

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"time"
)

// The structures of RFC 3161 and, for signed data, of RFC 5652.
type (
	timeStampResp struct {
		Status struct{ Status int } // what follows in a sequence is passed over
		Token  contentInfo
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content signedData `asn1:"explicit,tag:0"`
	}
	signedData struct {
		Version    int
		Algorithms asn1.RawValue
		Content    struct {
			Type asn1.ObjectIdentifier
			Data []byte `asn1:"explicit,tag:0"`
		}
		Certificates asn1.RawValue `asn1:"optional,tag:0"`
		CRLs         asn1.RawValue `asn1:"optional,tag:1"`
		Signers      []signerInfo  `asn1:"set"`
	}
	signerInfo struct {
		Version    int
		ID         asn1.RawValue
		Digest     pkix.AlgorithmIdentifier
		Attributes asn1.RawValue `asn1:"tag:0"`
		Algorithm  pkix.AlgorithmIdentifier
		Signature  []byte
		Unsigned   asn1.RawValue `asn1:"optional,tag:1"`
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue
	}
	tstInfo struct {
		Version int
		Policy  asn1.ObjectIdentifier
		Imprint struct {
			Algorithm pkix.AlgorithmIdentifier
			Hash      []byte
		}
		Serial *big.Int
		Time   time.Time `asn1:"generalized"`
	}
)

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
)

// hashOf is the hash that an identifier names; 0 for others than these.
func hashOf(id asn1.ObjectIdentifier) crypto.Hash {
	switch id.String() {
	case "2.16.840.1.101.3.4.2.1":
		return crypto.SHA256
	case "2.16.840.1.101.3.4.2.2":
		return crypto.SHA384
	case "2.16.840.1.101.3.4.2.3":
		return crypto.SHA512
	}
	return 0
}

func sum(hash crypto.Hash, data []byte) []byte {
	if hash == 0 {
		return nil
	}
	h := hash.New()
	h.Write(data)
	return h.Sum(nil)
}

var errStamp = errors.New("the timestamp cannot be read")

// stamped verifies that one of the root's authorities stamped data, and returns when.
func (r *Root) stamped(stamp, data []byte) (time.Time, error) {
	var resp timeStampResp
	rest, err := asn1.Unmarshal(stamp, &resp)
	if err != nil || len(rest) > 0 || resp.Status.Status > 1 || !resp.Token.Type.Equal(oidSignedData) || len(resp.Token.Content.Signers) != 1 {
		return time.Time{}, errStamp
	}
	token := &resp.Token.Content
	var info tstInfo
	if rest, err := asn1.Unmarshal(token.Content.Data, &info); err != nil || len(rest) > 0 || !token.Content.Type.Equal(oidTSTInfo) {
		return time.Time{}, errStamp
	}
	if imprint := sum(hashOf(info.Imprint.Algorithm.Algorithm), data); imprint == nil || !bytes.Equal(imprint, info.Imprint.Hash) {
		return time.Time{}, errors.New("the timestamp is of another signature")
	}
	signed, hash, err := token.signed()
	if err != nil {
		return time.Time{}, err
	}
	embedded, err := x509.ParseCertificates(token.Certificates.Bytes)
	if err != nil {
		return time.Time{}, errStamp
	}
	for i := range r.stampers {
		a := &r.stampers[i]
		for _, cert := range append(embedded, a.chain[0]) {
			if a.vouches(cert, info.Time, x509.ExtKeyUsageTimeStamping) != nil && verifyBy(cert.PublicKey, hash, signed, token.Signers[0].Signature) {
				return info.Time, nil
			}
		}
	}
	return time.Time{}, errors.New("the timestamp is by no authority that is known here")
}

// signed is what the signature of a token is over, and by which hash: attributes that name the content's type and hash.
func (d *signedData) signed() ([]byte, crypto.Hash, error) {
	s := &d.Signers[0]
	hash := hashOf(s.Digest.Algorithm)
	set := append([]byte{0x31}, s.Attributes.FullBytes[min(1, len(s.Attributes.FullBytes)):]...) // a SET, where the token has a tag
	var list []attribute
	if rest, err := asn1.UnmarshalWithParams(set, &list, "set"); err != nil || len(rest) > 0 || hash == 0 {
		return nil, 0, errStamp
	}
	want := map[string]any{oidContentType.String(): oidTSTInfo, oidMessageDigest.String(): sum(hash, d.Content.Data)}
	for _, a := range list {
		value, ok := want[a.Type.String()]
		if !ok {
			continue
		}
		der, err := asn1.Marshal(value)
		if err != nil || !bytes.Equal(a.Values.Bytes, der) {
			return nil, 0, errors.New("the timestamp is over something else than its content")
		}
		delete(want, a.Type.String())
	}
	if len(want) > 0 {
		return nil, 0, errStamp
	}
	return set, hash, nil
}
